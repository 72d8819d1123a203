"""The case table: one row of plain facts a case, the metadata CSV of a data set."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from liverseg.cases.csv_rows import read_rows, write_rows
from liverseg.errors import DataError

COLUMNS = (
    "case_id",
    "patient_id",
    "scan",
    "mask",
    "shape_i",
    "shape_j",
    "shape_k",
    "spacing_i_mm",
    "spacing_j_mm",
    "spacing_k_mm",
    "axis_codes",
    "dtype",
    "hu_min",
    "hu_max",
    "liver_ml",
    "lesion_ml",
    "num_lesions",
    "liver_slice_fraction",
    "lesion_slice_fraction",
)


@dataclass(frozen=True)
class Case:
    """One scan with its reference mask.

    Attributes:
        case_id: Names the scan; a text, never a path.
        patient_id: Names the patient, who may have several scans.
        scan: File of the scan, POSIX path relative to the root of the data set.
        mask: File of the mask, likewise.
        shape: Number of voxels along i, j, k.
        spacing_mm: Distance between voxel centres along i, j, k.
        axis_codes: Where i, j, k increase to, e.g. ``LPS``.
        dtype: Type of the scan's voxels on disk.
        hu_min: Smallest value of the scan.
        hu_max: Largest value of the scan.
        liver_ml: Volume of the liver, lesions included; 0 where there is none.
        lesion_ml: Volume of all lesions; 0 where there is none.
        num_lesions: Components of the lesion mask, voxels joined by their faces.
        liver_slice_fraction: Share of the axial slices that show liver.
        lesion_slice_fraction: Share of the axial slices that show lesion.
    """

    case_id: str
    patient_id: str
    scan: str
    mask: str
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    axis_codes: str
    dtype: str
    hu_min: float
    hu_max: float
    liver_ml: float
    lesion_ml: float
    num_lesions: int
    liver_slice_fraction: float
    lesion_slice_fraction: float


def file_stem(case_id: str) -> str:
    """File name without suffix for a case: percent-quoted, so never a path and never hidden.

    Different cases have different stems; letters, digits, ``_``, ``-``, ``~`` and inner dots stay.
    """
    stem = quote(case_id, safe="")
    return f"%2E{stem[1:]}" if stem.startswith(".") else stem


def natural_key(case_id: str) -> tuple[list[str | int], str]:
    """Sort key under which "2" comes before "10"."""
    parts = re.split(r"([0-9]+)", case_id)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], case_id


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write the case table as CSV, sorted by case id; equal cases give equal bytes."""
    ordered = sorted(cases, key=lambda case: natural_key(case.case_id))
    write_rows(path, COLUMNS, [_build_row(case) for case in ordered])


def read_cases(path: Path) -> tuple[Case, ...]:
    """Cases of a case table in their order; the ids are texts ("007" stays "007").

    Raises:
        DataError: The file is missing or is no case table.
    """
    next_step = "Write it with the stage ingest: `dvc repro ingest`."
    rows = read_rows(path, COLUMNS, next_step=next_step)
    try:
        cases = tuple(_parse_row(row) for row in rows)
    except ValueError as error:
        raise DataError(
            str(path), expected="a case table", received=str(error), next_step=next_step
        ) from None
    if len({case.case_id for case in cases}) != len(cases):
        raise DataError(
            str(path), expected="one row a case", received="repeated ids", next_step=next_step
        )
    return cases


def _build_row(case: Case) -> tuple[object, ...]:
    return (
        case.case_id,
        case.patient_id,
        case.scan,
        case.mask,
        *case.shape,
        *case.spacing_mm,
        case.axis_codes,
        case.dtype,
        case.hu_min,
        case.hu_max,
        case.liver_ml,
        case.lesion_ml,
        case.num_lesions,
        case.liver_slice_fraction,
        case.lesion_slice_fraction,
    )


def _parse_row(row: dict[str, str]) -> Case:
    return Case(
        case_id=row["case_id"],
        patient_id=row["patient_id"],
        scan=row["scan"],
        mask=row["mask"],
        shape=(int(row["shape_i"]), int(row["shape_j"]), int(row["shape_k"])),
        spacing_mm=(
            float(row["spacing_i_mm"]),
            float(row["spacing_j_mm"]),
            float(row["spacing_k_mm"]),
        ),
        axis_codes=row["axis_codes"],
        dtype=row["dtype"],
        hu_min=float(row["hu_min"]),
        hu_max=float(row["hu_max"]),
        liver_ml=float(row["liver_ml"]),
        lesion_ml=float(row["lesion_ml"]),
        num_lesions=int(row["num_lesions"]),
        liver_slice_fraction=float(row["liver_slice_fraction"]),
        lesion_slice_fraction=float(row["lesion_slice_fraction"]),
    )
