"""What ``liverseg compare`` writes: a table of pairs, the response, and a page for people."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from liverseg.errors import DataError
from liverseg.followup.changes import ComparedLesions
from liverseg.followup.comparison import Comparison, compare_studies
from liverseg.followup.page import render_comparison
from liverseg.followup.study import Study, read_study
from liverseg.json_files import write_json
from liverseg.outputs import Member, refuse_other_files, whole_folder
from liverseg.pages.html_pages import write_html
from liverseg.scans.files import ScanFolder
from liverseg.tables.csv_rows import write_rows

PAIR_COLUMNS = (
    *("pair", "change", "baseline_lesions", "followup_lesions", "is_target"),
    *("baseline_volume_ml", "followup_volume_ml", "volume_change_percent"),
    *("shrinkage_limit_percent", "growth_limit_percent"),
    *("baseline_longest_diameter_mm", "followup_longest_diameter_mm"),
    *("baseline_perpendicular_diameter_mm", "followup_perpendicular_diameter_mm"),
    "moved_mm",
)


@dataclass(frozen=True)
class ComparisonFolder:
    """The results of a comparison.

    Attributes:
        path: The folder.
    """

    path: Path

    pairs = Member("pairs.csv")  # a row a pair
    response = Member("response.json")
    page = Member("compare.html")

    def refuse_others(self) -> None:
        """Results replace a folder: one that holds anything else is somebody's data.

        Raises:
            DataError: It is a file, or has files that are no results of a comparison.
        """
        refuse_other_files(self.path, (self.pairs, self.response, self.page), "liverseg compare")


def write_comparison(
    baseline: Path,
    followup: Path,
    out: Path,
    *,
    baseline_scan: Path | None = None,
    followup_scan: Path | None = None,
) -> Comparison:
    """Compare two scans of one patient and write the results, all of them or none.

    Args:
        baseline: Of the first scan: what ``liverseg predict`` wrote, or a file of labels.
        followup: Of the second scan, likewise.
        out: Folder of the results.
        baseline_scan: The first scan itself; without it pictures show labels alone.
        followup_scan: The second scan itself, likewise.

    Raises:
        DataError: As for ``read_study``, or the folder holds other files.
        LiversegError: What reads a scan or lays the two over each other is not installed.
    """
    folder = ComparisonFolder(out)
    folder.refuse_others()
    for path in (baseline, followup):
        _require(path)
    with whole_folder(out) as partial:
        comparison = compare_studies(
            read_study(baseline, baseline_scan, partial),
            read_study(followup, followup_scan, partial),
        )
        new = ComparisonFolder(partial)
        targets = set(comparison.response.targets)
        rows = [
            _build_row(number, each, comparison, targets)
            for number, each in enumerate(comparison.compared, start=1)
        ]
        write_rows(new.pairs, PAIR_COLUMNS, rows)
        write_json(new.response, _build_response(comparison))
        write_html(new.page, render_comparison(comparison))
    return comparison


def _require(path: Path) -> None:
    summary = ScanFolder(path).summary
    if path.exists() and (summary.exists() or not path.is_dir()):
        return
    raise DataError(
        str(path),
        expected="a folder that `liverseg predict` wrote for one scan, or a file of labels",
        received=f"no {summary.name} in it" if path.exists() else "no such file or folder",
        next_step="Check the path: the folder of all scans holds one for each.",
    )


def _build_row(
    number: int, each: ComparedLesions, comparison: Comparison, targets: set[int]
) -> tuple[object, ...]:
    """Rounded as ``lesions.csv`` is; what is not of one lesion and one lesion is empty."""
    one_each = len(each.baseline) == len(each.followup) == 1
    motion = comparison.registration.motion
    moved_mm = math.nan
    if one_each:
        expected = motion.move(each.baseline[0].centre_mm)
        moved_mm = float(np.linalg.norm(each.followup[0].centre_mm - expected))
    limits = each.limits
    return (
        number,
        each.change.value,
        " ".join(str(lesion.number) for lesion in each.baseline),
        " ".join(str(lesion.number) for lesion in each.followup),
        int(any(lesion.number in targets for lesion in each.baseline)),
        round(each.baseline_ml, 4),
        round(each.followup_ml, 4),
        round(100 * each.volume_change, 2),
        round(100 * limits.shrinkage, 2) if limits else None,
        round(100 * limits.growth, 2) if limits else None,
        round(each.baseline_mm, 2),
        round(each.followup_mm, 2),
        *(
            round(lesions[0].diameters.perpendicular_mm, 2) if len(lesions) == 1 else None
            for lesions in (each.baseline, each.followup)
        ),
        round(moved_mm, 2),
    )


def _build_response(comparison: Comparison) -> dict[str, object]:
    registration, response = comparison.registration, comparison.response
    change = response.sum_change
    return {
        "baseline": _build_study(comparison.baseline),
        "followup": _build_study(comparison.followup),
        "registration": {
            "liver_dice": round(registration.liver_dice, 4),
            "turn_degrees": round(registration.motion.turn_degrees, 3),
            "matrix_ras_mm": registration.motion.matrix.round(6).tolist(),
        },
        "criteria": "RECIST 1.1, the liver alone",
        "response": asdict(response)
        | {
            "baseline_sum_mm": round(response.baseline_sum_mm, 2),
            "followup_sum_mm": round(response.followup_sum_mm, 2),
            "sum_change_percent": None if math.isnan(change) else round(100 * change, 2),
        },
        "notes": comparison.notes,
    }


def _build_study(study: Study) -> dict[str, object]:
    return {
        "name": study.name,
        "num_lesions": len(study.lesions),
        "lesion_ml": round(sum(lesion.volume_ml for lesion in study.lesions), 4),
        "liver_ml": round(int(np.count_nonzero(study.labels.data)) * study.labels.grid.voxel_ml, 4),
    }
