"""Stage preprocess: from the scans and masks of the case table to windowed slices."""

import argparse
from pathlib import Path

from liverseg.outputs import whole_folder
from liverseg.params import read_params
from liverseg.preprocess.slicing import preprocess_cases
from liverseg.slices.stacks import Preprocessing
from liverseg.tables.case_table import read_cases
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Write the slice stacks of all cases."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--cases", type=Path, required=True, help="case table")
    parser.add_argument("--out", type=Path, required=True, help="folder of slices to write")
    paths = parser.parse_args()
    params = read_params(PARAMS_FILE)
    preprocessing = Preprocessing(**params.preprocess.model_dump())
    with whole_folder(paths.out) as folder:
        preprocess_cases(paths.root, read_cases(paths.cases), preprocessing, folder)


if __name__ == "__main__":
    run_stage(main)
