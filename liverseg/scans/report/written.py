"""What ``liverseg predict`` wrote of one scan, read back and checked."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from liverseg.errors import DataError
from liverseg.scans.files import PREDICT_AGAIN, ScanFolder
from liverseg.scans.summary import ScanSummary, read_summary
from liverseg.scans.validation import describe_problem
from liverseg.tables.csv_rows import read_rows

Defined = Annotated[float | None, BeforeValidator(lambda value: None if value == "" else value)]
"""None where the field of a CSV file is empty."""


@dataclass(frozen=True)
class LesionRow:
    """A row of ``lesions.csv``: the columns that people read, by their names there."""

    lesion: int
    volume_ml: float
    longest_diameter_mm: float
    perpendicular_diameter_mm: float
    first_slice: int
    last_slice: int
    centre_lps_x_mm: float
    centre_lps_y_mm: float
    centre_lps_z_mm: float
    mean_hu: float
    std_hu: float
    distance_to_liver_surface_mm: Defined
    position: str
    confidence: float
    agreement: Defined


@dataclass(frozen=True)
class ScanResults:
    """The results of one scan.

    Attributes:
        folder: Where they lie; its name is that of the scan.
        summary: Of the scan.
        lesions: By decreasing volume.
    """

    folder: Path
    summary: ScanSummary
    lesions: tuple[LesionRow, ...]

    @property
    def name(self) -> str:
        """As the folder is called, wherever the command was run."""
        return self.folder.resolve().name


def read_results(folder: Path) -> ScanResults:
    """The results in one scan's folder.

    Raises:
        DataError: A file is missing or damaged, or the files contradict each other.
    """
    scan = ScanFolder(folder)
    missing = [path.name for path in scan.needed if not path.is_file()]
    if missing:
        raise DataError(
            str(folder),
            expected=f"{', '.join(path.name for path in scan.needed)}, as `liverseg predict` "
            "writes them",
            received=f"no {', no '.join(missing)}",
            next_step=PREDICT_AGAIN
            if scan.summary.exists()  # else it may be somebody's data, which is never replaced
            else "Remove the folder, then predict the scan again.",
        )
    summary = read_summary(folder)
    lesions = _read_lesions(scan.lesions)
    if len(lesions) != summary.num_lesions:
        raise DataError(
            str(scan.lesions),
            expected=f"as many lesions as {scan.summary.name} counts ({summary.num_lesions})",
            received=str(len(lesions)),
            next_step=PREDICT_AGAIN,
        )
    return ScanResults(folder, summary, lesions)


def _read_lesions(path: Path) -> tuple[LesionRow, ...]:
    columns = [field.name for field in fields(LesionRow)]
    rows = read_rows(path, columns, next_step=PREDICT_AGAIN)
    try:
        return TypeAdapter(tuple[LesionRow, ...]).validate_python(rows)
    except ValidationError as error:
        raise DataError(
            str(path),
            expected="numbers in every row",
            received=f"in row {describe_problem(error)}, counted from 0",
            next_step=PREDICT_AGAIN,
        ) from None
