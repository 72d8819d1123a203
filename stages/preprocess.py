"""Stage preprocess: from the scans and masks of the case table to windowed slices."""

import argparse
import shutil
from pathlib import Path

from liverseg.outputs import whole_folder
from liverseg.params import read_params
from liverseg.preprocess.slicing import preprocess_cases
from liverseg.slices.regions import read_regions
from liverseg.slices.stacks import LOCATOR_FOLDER, Preprocessing
from liverseg.tables.case_table import read_cases
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Write the slice stacks of all cases."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--cases", type=Path, required=True, help="case table")
    parser.add_argument("--regions", type=Path, required=True, help="what to show of each case")
    parser.add_argument(
        "--locator", type=Path, required=True, help="model that found the regions; goes along"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of slices to write")
    paths = parser.parse_args()
    params = read_params(PARAMS_FILE)
    preprocessing = Preprocessing(**params.preprocess.model_dump())
    cases, regions = read_cases(paths.cases), read_regions(paths.regions)
    with whole_folder(paths.out) as folder:
        preprocess_cases(paths.root, cases, regions, preprocessing, folder)
        # Contents only: DVC may have made its files read-only.
        shutil.copytree(paths.locator, folder / LOCATOR_FOLDER, copy_function=shutil.copyfile)


if __name__ == "__main__":
    run_stage(main)
