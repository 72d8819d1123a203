"""The role of every case: ``python -m stages.split --cases CSV --out CSV``."""

import argparse
from pathlib import Path

from liverseg.cases.assignment import assign_roles
from liverseg.cases.split_summary import summarise_split
from liverseg.params import read_params
from liverseg.tables.case_table import read_cases
from liverseg.tables.split import write_split
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Split the cases by patient into training, validation and test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="the metadata CSV")
    parser.add_argument("--out", type=Path, required=True, help="case_id, patient_id, role, fold")
    args = parser.parse_args()
    cases = read_cases(args.cases)
    roles = assign_roles(cases, read_params(PARAMS_FILE).split)
    write_split(args.out, roles)
    print(summarise_split(cases, roles))


if __name__ == "__main__":
    run_stage(main)
