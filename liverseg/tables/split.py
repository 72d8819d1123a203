"""The split of a data set: the role of every case, whole patients at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from liverseg.errors import DataError
from liverseg.tables.csv_rows import read_rows, write_rows

Role = Literal["train", "validation", "test"]
ROLES: tuple[Role, ...] = get_args(Role)

COLUMNS = ("case_id", "patient_id", "role", "fold")


@dataclass(frozen=True)
class CaseRole:
    """What a case is used for.

    Attributes:
        case_id: The scan.
        patient_id: The patient; all scans of a patient have one role and one fold.
        role: Training, validation or test.
        fold: The fold in which the patient is tested; None for one fixed split.
    """

    case_id: str
    patient_id: str
    role: Role
    fold: int | None


def write_split(path: Path, roles: Iterable[CaseRole]) -> None:
    """Write roles as CSV in their order, an empty fold for None."""
    write_rows(
        path,
        COLUMNS,
        [(row.case_id, row.patient_id, row.role, _format_fold(row.fold)) for row in roles],
    )


def read_split(path: Path) -> tuple[CaseRole, ...]:
    """Roles of a split file in their order; the ids are texts.

    Raises:
        DataError: The file is missing or is no split, names a case twice, or gives one patient two
            roles, which would leak from training into the test.
    """
    next_step = "Write it with the stage split: `dvc repro split`."
    rows = read_rows(path, COLUMNS, next_step=next_step)
    roles: list[CaseRole] = []
    seen_cases: set[str] = set()
    seen_patients: dict[str, str] = {}
    for row in rows:
        case_id, patient_id, role, fold = (row[column] for column in COLUMNS)
        if role not in ROLES or not (fold == "" or fold.isdecimal()):
            expected, received = f"a role of {', '.join(ROLES)} and a fold", f"{role!r}, {fold!r}"
        elif case_id in seen_cases:
            expected, received = "one row a case", f"case {case_id} again"
        elif seen_patients.setdefault(patient_id, role) != role:
            expected = "one role a patient"
            received = f"patient {patient_id} in {seen_patients[patient_id]} and {role}"
        else:
            seen_cases.add(case_id)
            number = int(fold) if fold else None
            roles.append(CaseRole(case_id, patient_id, role, number))
            continue
        raise DataError(str(path), expected=expected, received=received, next_step=next_step)
    return tuple(roles)


def _format_fold(fold: int | None) -> str:
    return "" if fold is None else str(fold)
