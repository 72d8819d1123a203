"""The metadata CSV of a data set: ``python -m stages.ingest --root DIR --out CSV``."""

import argparse
import sys
from pathlib import Path

from liverseg.cases.ingest import Ingested, ingest_cases
from liverseg.params import read_params
from liverseg.tables.case_table import write_cases
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Describe every case below the root in one row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of scans and masks")
    parser.add_argument("--out", type=Path, required=True, help="the metadata CSV")
    args = parser.parse_args()
    ingested = ingest_cases(args.root, read_params(PARAMS_FILE).data)
    write_cases(args.out, ingested.cases, ingested.skipped)
    print_notes(ingested)
    cases = ingested.cases
    num_patients = len({case.patient_id for case in cases})
    num_without_lesion = sum(case.num_lesions == 0 for case in cases)
    num_skipped = f", {len(ingested.skipped)} more skipped" if ingested.skipped else ""
    print(
        f"{len(cases)} cases, {num_patients} patients, {num_without_lesion} without lesion"
        f"{num_skipped}"
    )


def print_notes(ingested: Ingested) -> None:
    """Print all that looks wrong and all that is left out, on standard error."""
    for case in ingested.cases:
        for reason in case.reasons:
            print(f"note: case {case.case_id}: {reason}", file=sys.stderr)
    for skipped in ingested.skipped:
        print(f"note: case {skipped.case_id}: skipped: {skipped.reason}", file=sys.stderr)
    for finding in ingested.findings:
        print(f"note: {finding.reason}. {finding.next_step}", file=sys.stderr)


if __name__ == "__main__":
    run_stage(main)
