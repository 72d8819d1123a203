"""The case table: one row of plain facts a case, the metadata CSV of a data set.

A case that is left out has a row too: its verdict is ``skipped``, with the reason, and its other
fields are empty.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from liverseg.errors import DataError
from liverseg.tables.csv_rows import read_rows, write_rows

PLACE_COLUMNS = ("shape_i", "shape_j", "shape_k", "spacing_i_mm", "spacing_j_mm", "spacing_k_mm")

PLAIN_COLUMNS: dict[str, Callable[[str], Any]] = {
    "axis_codes": str,
    "dtype": str,
    "hu_min": float,
    "hu_max": float,
    "liver_ml": float,
    "lesion_ml": float,
    "num_lesions": int,
    "liver_slice_fraction": float,
    "lesion_slice_fraction": float,
}
"""Of one fact each, named as in ``Case``, and what reads it."""

COLUMNS = (
    *("case_id", "patient_id", "scan", "mask"),
    *(*PLACE_COLUMNS, *PLAIN_COLUMNS),
    *("spacing_overridden", "label_map", "verdict", "reasons"),
)

SKIPPED = "skipped"
REASON_SEPARATOR = " | "
NEXT_STEP = "Write it with the stage ingest: `dvc repro ingest`."


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
        spacing_overridden: ``spacing_mm`` was given in data.spacing_overrides.
        label_map: Pairs of a value that the mask holds and the label that it stands for; values
            that are not named stand for themselves.
        reasons: What looks wrong with it; empty where all is well.
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
    spacing_overridden: bool = False
    label_map: tuple[tuple[int, int], ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``ok``, or ``warning`` where there are reasons."""
        return "warning" if self.reasons else "ok"

    @property
    def spacing_override_mm(self) -> tuple[float, float, float] | None:
        """The spacing where it was given, None where it is the header's."""
        return self.spacing_mm if self.spacing_overridden else None


@dataclass(frozen=True)
class SkippedCase:
    """A case of the data set that is not used, and why."""

    case_id: str
    reason: str


def file_stem(case_id: str) -> str:
    """File name without suffix for a case: percent-quoted, so never a path and never hidden.

    Different cases have different stems; letters, digits, ``_``, ``-``, ``~`` and inner dots stay.
    """
    stem = quote(case_id, safe="", errors="surrogateescape")
    return f"%2E{stem[1:]}" if stem.startswith(".") else stem


def natural_key(case_id: str) -> tuple[list[str | int], str]:
    """Sort key under which "2" comes before "10"."""
    parts = re.split(r"([0-9]+)", case_id)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)], case_id


def write_cases(path: Path, cases: Iterable[Case], skipped: Iterable[SkippedCase] = ()) -> None:
    """Write the case table as CSV, sorted by case id; equal cases give equal bytes."""
    rows = {case.case_id: _build_row(case) for case in cases}
    rows |= {case.case_id: _build_skipped_row(case) for case in skipped}
    write_rows(path, COLUMNS, [rows[case_id] for case_id in sorted(rows, key=natural_key)])


def read_cases(path: Path) -> tuple[Case, ...]:
    """Cases of a case table in their order, without the skipped ones; "007" stays "007".

    Raises:
        DataError: The file is missing or is no case table.
    """
    rows = [row for row in _read_table(path) if row["verdict"] != SKIPPED]
    try:
        return tuple(_parse_row(row) for row in rows)
    except ValueError as error:
        raise DataError(
            str(path), expected="a case table", received=str(error), next_step=NEXT_STEP
        ) from None


def read_skipped_cases(path: Path) -> tuple[SkippedCase, ...]:
    """Skipped cases of a case table in their order.

    Raises:
        DataError: The file is missing or is no case table.
    """
    rows = [row for row in _read_table(path) if row["verdict"] == SKIPPED]
    return tuple(SkippedCase(row["case_id"], row["reasons"]) for row in rows)


def _read_table(path: Path) -> list[dict[str, str]]:
    rows = read_rows(path, COLUMNS, next_step=NEXT_STEP)
    if len({row["case_id"] for row in rows}) != len(rows):
        raise DataError(
            str(path), expected="one row a case", received="repeated ids", next_step=NEXT_STEP
        )
    return rows


def _build_row(case: Case) -> tuple[object, ...]:
    return (
        case.case_id,
        case.patient_id,
        case.scan,
        case.mask,
        *case.shape,
        *case.spacing_mm,
        *(getattr(case, name) for name in PLAIN_COLUMNS),
        "yes" if case.spacing_overridden else "",
        " ".join(f"{value}:{label}" for value, label in case.label_map),
        case.verdict,
        _join_reasons(case.reasons),
    )


def _build_skipped_row(case: SkippedCase) -> tuple[object, ...]:
    known = {"case_id": case.case_id, "verdict": SKIPPED, "reasons": case.reason}
    return tuple(known.get(column, "") for column in COLUMNS)


def _parse_row(row: dict[str, str]) -> Case:
    shape_i, shape_j, shape_k, *spacing_mm = (row[name] for name in PLACE_COLUMNS)
    spacing_i, spacing_j, spacing_k = map(float, spacing_mm)
    return Case(
        case_id=row["case_id"],
        patient_id=row["patient_id"],
        scan=row["scan"],
        mask=row["mask"],
        shape=(int(shape_i), int(shape_j), int(shape_k)),
        spacing_mm=(spacing_i, spacing_j, spacing_k),
        **{name: read(row[name]) for name, read in PLAIN_COLUMNS.items()},
        spacing_overridden=row["spacing_overridden"] == "yes",
        label_map=tuple(_parse_pair(pair) for pair in row["label_map"].split()),
        reasons=_split_reasons(row["reasons"]),
    )


def _parse_pair(text: str) -> tuple[int, int]:
    value, label = text.split(":")
    return int(value), int(label)


def _join_reasons(reasons: Iterable[str]) -> str:
    """One text; a bar within a reason, from the name of a file, is doubled."""
    return REASON_SEPARATOR.join(reason.replace("|", "||") for reason in reasons)


def _split_reasons(text: str) -> tuple[str, ...]:
    reasons = text.split(REASON_SEPARATOR) if text else []
    return tuple(reason.replace("||", "|") for reason in reasons)
