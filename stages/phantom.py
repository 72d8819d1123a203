"""Write the synthetic demo data."""

import argparse
from pathlib import Path

from liverseg.params import read_params
from liverseg.phantom.data_set import write_phantom
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and ``phantom`` params; write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write, in LiTS layout")
    flags = parser.parse_args()
    write_phantom(flags.out, read_params(PARAMS_FILE).phantom)


if __name__ == "__main__":
    run_stage(main)
