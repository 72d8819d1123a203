"""Make the model of a round part of the package."""

import argparse
from pathlib import Path

from liverseg.params import read_params
from stages import run_stage


def main() -> None:
    """Read the flags, copy the model with its weights as half floats."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="model folder of a round")
    parser.add_argument("--params", type=Path, required=True, help="the params of all rounds")
    parser.add_argument("--seen", type=Path, required=True, help="ranges of what it has seen")
    parser.add_argument("--package", type=Path, required=True, help="folder of the ready model")
    flags = parser.parse_args()
    from liverseg.rounds.packing import pack_model

    pack_model(flags.model, flags.seen, read_params(flags.params).rules, flags.package)


if __name__ == "__main__":
    run_stage(main)
