"""Make the mean of some rounds the ready model of the package."""

import argparse
from pathlib import Path

from liverseg.params import read_params
from stages import run_stage


def main() -> None:
    """Read the flags, write the mean of the rounds with weights as half floats."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=Path, nargs="+", required=True, help="model folders of rounds, in order"
    )
    parser.add_argument("--params", type=Path, required=True, help="the params of all rounds")
    parser.add_argument("--seen", type=Path, required=True, help="ranges of what it has seen")
    parser.add_argument("--package", type=Path, required=True, help="folder of the ready model")
    flags = parser.parse_args()
    from liverseg.rounds.packing import pack_model

    pack_model(flags.rounds, flags.seen, read_params(flags.params).rules, flags.package)


if __name__ == "__main__":
    run_stage(main)
