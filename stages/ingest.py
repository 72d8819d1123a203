"""The metadata CSV of a data set: ``python -m stages.ingest --root DIR --out CSV``."""

import argparse
import sys
from pathlib import Path

from liverseg.cases.case_table import write_cases
from liverseg.cases.checks import list_doubts
from liverseg.cases.ingest import ingest_cases
from liverseg.params import read_params
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Describe every case below the root in one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of scans and masks")
    parser.add_argument("--out", type=Path, required=True, help="the metadata CSV")
    args = parser.parse_args()
    cases = ingest_cases(args.root, read_params(PARAMS_FILE).data)
    write_cases(args.out, cases)
    for doubt in list_doubts(cases):
        print(f"note: {doubt}", file=sys.stderr)
    num_patients = len({case.patient_id for case in cases})
    num_without_lesion = sum(case.num_lesions == 0 for case in cases)
    print(f"{len(cases)} cases, {num_patients} patients, {num_without_lesion} without lesion")


if __name__ == "__main__":
    run_stage(main)
