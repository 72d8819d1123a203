"""What a report says of a scan, for the page and for the PDF: figures, lesion table, provenance."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from liverseg.pages.markdown import format_count, format_number
from liverseg.scans.report.written import LesionRow, ScanResults
from liverseg.scans.summary import ScanSummary

MAX_ROWS = 10
"""Lesions in the table: more would not fit on one page of A4 beside the picture."""


@dataclass(frozen=True)
class LesionColumn:
    """A column of the lesion table.

    Attributes:
        title: Its head.
        unit: Below the title; empty where there is none.
        write: The cell of a lesion.
        share: Of the table's width, where that is fixed.
        is_words: Whether its cells are words, which may break into lines.
    """

    title: str
    unit: str
    write: Callable[[LesionRow], str]
    share: float = 1
    is_words: bool = False


def _write_slices(row: LesionRow) -> str:
    if row.last_slice == row.first_slice:
        return str(row.first_slice)
    return f"{row.first_slice}–{row.last_slice}"


def _write_centre(row: LesionRow) -> str:
    centre_mm = (row.centre_lps_x_mm, row.centre_lps_y_mm, row.centre_lps_z_mm)
    return ", ".join(format_number(mm, 1) for mm in centre_mm)


_COLUMNS = (
    LesionColumn("No.", "", lambda row: str(row.lesion), 0.6),
    LesionColumn("Volume", "ml", lambda row: format_number(row.volume_ml, 2), 0.9),
    LesionColumn("Longest ⌀", "mm", lambda row: format_number(row.longest_diameter_mm, 1), 1.2),
    LesionColumn(
        "Perpendicular ⌀", "mm", lambda row: format_number(row.perpendicular_diameter_mm, 1), 1.7
    ),
    LesionColumn("Slices", "", _write_slices, 0.9),
    LesionColumn("Centre (L, P, S)", "mm", _write_centre, 2),
    LesionColumn(
        "Mean ± SD",
        "HU",
        lambda row: f"{format_number(row.mean_hu, 0)} ± {format_number(row.std_hu, 0)}",
        1.3,
    ),
    LesionColumn(
        "To liver surface",
        "mm",
        lambda row: format_number(row.distance_to_liver_surface_mm, 1),
        1.1,
    ),
    LesionColumn("Position", "", lambda row: row.position, 2.2, is_words=True),
    LesionColumn("Confidence", "", lambda row: format_number(row.confidence, 2), 1.4),
)
_AGREEMENT = LesionColumn("Passes agree", "", lambda row: format_number(row.agreement, 2))
_NOTE = (
    "A lesion is a connected component. Diameters are axial: the longest one of any slice, and the "
    "longest at right angles to it in that slice. Slices count from 0 at the feet. Centres are in "
    "patient coordinates as in DICOM: towards left, posterior, superior. The distance is that of "
    "the nearest lesion voxel; 0 touches the surface, and less than 10 mm is subcapsular. Other "
    "words of the position name the outer thirds of the liver's extent in the patient that the "
    "centre lies in; they are no liver segments. The confidence is the mean of the calibrated "
    "lesion probability: the higher, the likelier the lesion is real."
)
_AGREEMENT_NOTE = (
    " Passes, each model on each mirror image, agree by the share of them that see lesion there."
)


def describe_scan(summary: ScanSummary) -> str:
    """What was looked at, and what the model has seen where that is known."""
    seen = "".join(
        f"Model {model.folder} was trained on {model.trained_on}. "
        for model in summary.provenance.models
        if model.trained_on
    )
    shape = " × ".join(map(str, summary.shape))
    spacing = " × ".join(format_number(mm, 2) for mm in summary.spacing_mm)
    return (
        f"Liver lesions on CT, segmented by software. {seen}Scan {summary.scan}: {shape} voxels of "
        f"{spacing} mm, axes {summary.axis_codes}."
    )


def list_volumes(summary: ScanSummary) -> dict[str, str]:
    """The main figures by their names."""
    return {
        "Lesions": str(summary.num_lesions),
        "Lesion volume": f"{format_number(summary.lesion_ml, 1)} ml",
        "Liver volume, lesions included": f"{format_number(summary.liver_ml, 1)} ml",
        "Burden (lesion / liver volume)": f"{format_number(100 * summary.burden, 1)} %",
    }


def describe_lesions(results: ScanResults) -> str:
    """The caption of the table; without lesions what stands in its place."""
    others = results.lesions[MAX_ROWS:]
    if not results.lesions:
        nothing = "No" if results.summary.liver_ml else "No liver and no"
        return f"{nothing} lesion was found."
    if not others:
        return "Lesions by decreasing volume"
    total_ml = format_number(sum(lesion.volume_ml for lesion in others), 2)
    return (
        f"Lesions by decreasing volume: the {MAX_ROWS} largest. "
        f"{format_count(len(others), 'smaller one')}, {total_ml} ml in all, only in lesions.csv"
    )


def list_columns(results: ScanResults) -> tuple[LesionColumn, ...]:
    """Of the lesion table, from left to right; the first names the lesion."""
    return (*_COLUMNS, _AGREEMENT) if _has_agreement(results) else _COLUMNS


def explain_columns(results: ScanResults) -> str:
    """What stands below the lesion table."""
    return _NOTE + _AGREEMENT_NOTE if _has_agreement(results) else _NOTE


def _has_agreement(results: ScanResults) -> bool:
    """Whether there were several passes, which may agree or not."""
    return any(lesion.agreement is not None for lesion in results.lesions)


def list_provenance(summary: ScanSummary) -> Iterator[tuple[str, str]]:
    """What the results were made with, by what it is."""
    made = summary.provenance
    for number, model in enumerate(made.models, start=1):
        seen = f", trained on {model.trained_on}" if model.trained_on else ""
        number_of_several = f" {number}" if len(made.models) > 1 else ""
        yield f"Model{number_of_several}", f"{model.model}, {model.folder}, MD5 {model.md5}{seen}"
    changed = " with uncommitted changes" if made.git_dirty else ""
    commit = made.git_commit or "unknown"
    yield "liverseg", f"{made.liverseg_version}, commit {commit}{changed}"
    rules = [f"{name} {json.dumps(value)}" for name, value in made.rules.items()]
    yield "Rules", ", ".join([*rules, f"flips {made.flips}"])
    yield "Packages", ", ".join(f"{name} {version}" for name, version in made.packages.items())
    yield "Scan", f"SHA-256 {summary.scan_sha256}"
