"""What the ready model was trained on is like: ranges of figures of some of its patients."""

import argparse
from dataclasses import asdict
from pathlib import Path

from liverseg.json_files import write_json
from liverseg.params import read_params
from stages import run_stage


def main() -> None:
    """Read the flags and the params, draw patients again, write the ranges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--params", type=Path, required=True, help="the params of all rounds")
    parser.add_argument("--rounds", type=int, nargs="+", required=True, help="numbers, from 1")
    parser.add_argument("--patients", type=int, required=True, help="how many of each round")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    flags = parser.parse_args()
    params = read_params(flags.params)
    from liverseg.rounds.seen import measure_rounds

    write_json(flags.out, asdict(measure_rounds(params, flags.rounds, flags.patients)))


if __name__ == "__main__":
    run_stage(main)
