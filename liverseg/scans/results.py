"""The lesion table of a scan, and the tables of all scans of a folder."""

import logging
from collections.abc import Collection, Sequence
from pathlib import Path

from liverseg.errors import DataError
from liverseg.scans.files import PREDICT_AGAIN, PredictionsFolder, ScanFolder
from liverseg.scans.lesions import Lesion
from liverseg.scans.position import SHARE_DECIMALS
from liverseg.scans.provenance import ModelOrigin
from liverseg.scans.summary import ScanSummary, read_summary
from liverseg.tables.csv_rows import read_rows, write_rows
from liverseg.text import format_columns

LESION_COLUMNS = (
    *("lesion", "volume_ml", "longest_diameter_mm", "perpendicular_diameter_mm"),
    *("first_i", "last_i", "first_j", "last_j", "first_k", "last_k"),
    *("centre_i", "centre_j", "centre_k"),
    *("centre_ras_x_mm", "centre_ras_y_mm", "centre_ras_z_mm"),
    *("centre_lps_x_mm", "centre_lps_y_mm", "centre_lps_z_mm"),
    *("first_slice", "last_slice", "mean_hu", "std_hu"),
    *("distance_to_liver_surface_mm", "position"),
    *("share_right_to_left", "share_ventral_to_dorsal", "share_caudal_to_cranial"),
    *("left_of_liver_centre_mm", "confidence", "mean_entropy_bits", "agreement"),
)
SCAN_COLUMNS = (
    *("scan", "liver_ml", "lesion_ml", "burden", "num_lesions"),
    *("shape_i", "shape_j", "shape_k", "spacing_i_mm", "spacing_j_mm", "spacing_k_mm"),
    "axis_codes",
)


def write_lesions(folder: Path, lesions: Sequence[Lesion]) -> None:
    """Write ``lesions.csv``, a row a lesion, numbered from 1; only a header without lesions."""
    rows = [(number, *_build_row(lesion)) for number, lesion in enumerate(lesions, start=1)]
    write_rows(ScanFolder(folder).lesions, LESION_COLUMNS, rows)


def write_tables(out: Path, failed: Collection[str]) -> None:
    """Write ``lesions.csv`` and ``scans.csv`` of all scans whose results lie in a folder.

    Damaged results are left out, as are older ones of scans that have failed since; a warning says
    so.

    Args:
        out: The folder.
        failed: Names of scans.
    """
    logger = logging.getLogger(__name__)
    summaries: list[ScanSummary] = []
    lesion_rows: list[tuple[object, ...]] = []
    predictions = PredictionsFolder(out)
    for scan in predictions.list_scans():
        folder = scan.path
        if folder.name in failed:
            logger.warning(f"not in the tables: {folder}: the scan has failed since")
            continue
        try:
            summary = read_summary(folder)
            rows = read_rows(scan.lesions, LESION_COLUMNS, next_step=PREDICT_AGAIN)
        except DataError as error:
            logger.warning(f"not in the tables: {error}")
            continue
        summaries.append(summary)
        lesion_rows += [(folder.name, *(row[name] for name in LESION_COLUMNS)) for row in rows]
    write_rows(predictions.lesions, ("scan", *LESION_COLUMNS), lesion_rows)
    write_rows(predictions.scans, SCAN_COLUMNS, map(_build_scan_row, summaries))


def format_summaries(summaries: Sequence[ScanSummary]) -> str:
    """A line a scan, for people."""
    rows = [
        (
            each.scan,
            f"{each.liver_ml:.0f}",
            f"{each.lesion_ml:.1f}",
            f"{each.burden:.1%}",
            str(each.num_lesions),
        )
        for each in summaries
    ]
    return format_columns(("scan", "liver ml", "lesions ml", "burden", "lesions"), rows)


def format_models(models: Sequence[ModelOrigin]) -> str:
    """A line a model, for people: which it is, and what it has seen where that is known."""
    return "\n".join(
        f"model: {each.folder} ({each.model})"
        + (f", trained on {each.trained_on}" if each.trained_on else "")
        for each in models
    )


def _build_scan_row(summary: ScanSummary) -> tuple[object, ...]:
    return (
        summary.scan,
        summary.liver_ml,
        summary.lesion_ml,
        summary.burden,
        summary.num_lesions,
        *summary.shape,
        *summary.spacing_mm,
        summary.axis_codes,
    )


def _build_row(lesion: Lesion) -> tuple[object, ...]:
    """Rounded to well below what voxels and 8-bit probabilities allow."""
    ends = zip(lesion.first_voxel, lesion.last_voxel, strict=True)
    return (
        round(lesion.volume_ml, 4),
        round(lesion.diameters.longest_mm, 2),
        round(lesion.diameters.perpendicular_mm, 2),
        *(index for pair in ends for index in pair),
        *(round(index, 2) for index in lesion.centre_voxel),
        *(round(mm, 2) + 0.0 for mm in lesion.centre_ras_mm),  # + 0.0: never a -0.0
        *(round(mm, 2) + 0.0 for mm in lesion.centre_lps_mm),
        lesion.first_slice,
        lesion.last_slice,
        round(lesion.mean_hu, 1),
        round(lesion.std_hu, 1),
        round(lesion.distance_to_liver_surface_mm, 2),
        lesion.position.words,
        *(round(share, SHARE_DECIMALS) for share in lesion.position.shares),
        round(lesion.position.left_of_liver_centre_mm, 2) + 0.0,
        round(lesion.confidence, 3),
        round(lesion.mean_entropy_bits, 3),
        round(lesion.agreement, 2),
    )
