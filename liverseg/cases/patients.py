"""Which scans show the same patient."""

from pathlib import Path, PurePosixPath

from liverseg.errors import DataError
from liverseg.tables.csv_rows import read_rows


def read_patients(root: Path, name: str) -> dict[str, str]:
    """Patient of each case, from a CSV with the columns ``case_id`` and ``patient_id``.

    Args:
        root: Root of the data set.
        name: The CSV, relative to ``root``; outside it DVC would not see it change.

    Raises:
        DataError: The file lies outside ``root``, cannot be read, has an empty value, or gives two
            patients to one case.
    """
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise DataError(
            "data.patients",
            expected="a file inside data.root, named relative to it (DVC watches data.root alone)",
            received=name,
            next_step="Move the file there.",
        )
    path = root / name
    next_step = "Mend the file, or set data.patients to null: each case is then a patient."
    patients: dict[str, str] = {}
    rows = read_rows(path, ("case_id", "patient_id"), next_step=next_step)
    for number, row in enumerate(rows, start=1):
        case_id, patient_id = row["case_id"].strip(), row["patient_id"].strip()
        if not (case_id and patient_id.isprintable() and patient_id):
            expected, received = "a case and a printable patient", f"{case_id!r}, {patient_id!r}"
        elif patients.setdefault(case_id, patient_id) != patient_id:
            expected, received = (
                f"one patient for {case_id!r}",
                f"{patients[case_id]!r} and {patient_id!r}",
            )
        else:
            continue
        raise DataError(
            str(path),
            expected=f"{expected} in row {number}",
            received=received,
            next_step=next_step,
        )
    return patients
