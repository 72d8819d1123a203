"""Calibration on disk, as the probabilities came and as the temperatures leave them."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from liverseg.json_files import write_json
from liverseg.labels import REGIONS, Region
from liverseg.params import ModelRules
from liverseg.scoring.calibration import (
    STEPS,
    Steps,
    bin_calibration,
    compute_brier_score,
    compute_calibration_error,
    trace_thresholds,
)
from liverseg.scoring.score_folder import (
    CALIBRATION_COLUMNS,
    PRECISION_RECALL_COLUMNS,
    ScoreFolder,
)
from liverseg.scoring.temperature import calibrate_steps
from liverseg.tables.csv_rows import write_rows

Counts = Mapping[Region, npt.NDArray[np.int64]]
"""Pixels by probability and reference, (256, 2), see ``count_probabilities``."""


def write_calibration(folder: ScoreFolder, counts: Counts, rules: ModelRules) -> None:
    """Write the bins before and after, the errors of both, and what each threshold would give.

    Args:
        folder: Where to.
        counts: Of the test cases.
        rules: Whose temperatures are taken.
    """
    temperatures: dict[Region, float] = {
        "liver": rules.liver_temperature,
        "lesion": rules.lesion_temperature,
    }
    calibrated = {region: calibrate_steps(each) for region, each in temperatures.items()}
    errors: dict[str, float | None] = {}
    for path, meaning, ending in (
        (folder.calibration, dict.fromkeys(REGIONS, STEPS), ""),
        (folder.calibrated, calibrated, "_calibrated"),
    ):
        rows: list[tuple[object, ...]] = []
        for region in REGIONS:
            rows += _list_bins(region, counts[region], meaning[region])
            ece, brier = _measure(counts[region], meaning[region])
            errors |= {f"{region}_ece{ending}": ece, f"{region}_brier{ending}": brier}
        write_rows(path, CALIBRATION_COLUMNS, rows)
    write_json(folder.calibration_errors, errors)
    points = trace_thresholds(counts["lesion"])
    rows = [(each.threshold, each.precision, each.recall) for each in points]
    write_rows(folder.precision_recall, PRECISION_RECALL_COLUMNS, rows)


def _list_bins(
    region: Region, counts: npt.NDArray[np.int64], probabilities: Steps
) -> list[tuple[object, ...]]:
    return [
        (region, each.mean_probability, each.observed_share, each.num_pixels)
        for each in bin_calibration(counts, probabilities)
        if each.num_pixels
    ]


def _measure(
    counts: npt.NDArray[np.int64], probabilities: Steps
) -> tuple[float | None, float | None]:
    """Calibration error and Brier score, None where undefined."""
    errors = (
        compute_calibration_error(bin_calibration(counts, probabilities)),
        compute_brier_score(counts, probabilities),
    )
    ece, brier = (None if math.isnan(error) else error for error in errors)
    return ece, brier
