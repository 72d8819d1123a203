"""How far probabilities can be believed, and what each threshold would give.

All come from one count of slice pixels by probability and by what the reference says: 512 numbers
instead of the hundred million pixels of a test set. Where scikit-learn takes weights, they go there
as such; its ``calibration_curve`` takes none, so the bins are our own.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.labels import REGIONS, Region, select_region

Steps = npt.NDArray[np.float64]

NUM_STEPS = 256
STEPS: Steps = np.arange(NUM_STEPS) / (NUM_STEPS - 1)
"""What each step of an 8-bit probability says, from 0 to 1."""

NUM_BINS = 10
"""Bins of equal width, as in Guo et al., On Calibration of Modern Neural Networks, ICML 2017."""

PERCENTS = range(5, 100, 5)
"""The thresholds of precision and recall."""


@dataclass(frozen=True)
class CalibrationBin:
    """Pixels whose probability lies in one tenth of [0, 1].

    Attributes:
        mean_probability: What the model says of them; NaN without pixels.
        observed_share: Share of them that the reference holds; NaN without pixels.
        num_pixels: How many.
    """

    mean_probability: float
    observed_share: float
    num_pixels: int


@dataclass(frozen=True)
class ThresholdPoint:
    """Precision and recall over pixels at one threshold; NaN where undefined."""

    threshold: float
    precision: float
    recall: float


def count_probabilities(
    values: npt.NDArray[np.uint8], reference: npt.NDArray[np.uint8]
) -> dict[Region, npt.NDArray[np.int64]]:
    """Pixels of each region by probability step and reference, shape (256, 2).

    Args:
        values: Probabilities (num_slices, rows, columns, 2) in 255ths.
        reference: Labels (num_slices, rows, columns).
    """
    counts: dict[Region, npt.NDArray[np.int64]] = {}
    for channel, region in enumerate(REGIONS):
        inside = select_region(reference, region)
        steps = [
            np.bincount(values[..., channel][mask], minlength=NUM_STEPS)
            for mask in (~inside, inside)
        ]
        counts[region] = np.stack(steps, axis=1)
    return counts


def bin_calibration(
    counts: npt.NDArray[np.int64], probabilities: Steps = STEPS
) -> tuple[CalibrationBin, ...]:
    """The calibration of one region in bins of equal width.

    Args:
        counts: Of the region, (256, 2).
        probabilities: What the steps mean, (256,), where they were calibrated.
    """
    bin_of_step = np.minimum((probabilities * NUM_BINS).astype(int), NUM_BINS - 1)
    bins = []
    for number in range(NUM_BINS):
        outside, inside = counts[bin_of_step == number].T
        num_pixels = int(outside.sum() + inside.sum())
        weighted = float(((outside + inside) * probabilities[bin_of_step == number]).sum())
        bins.append(
            CalibrationBin(
                mean_probability=weighted / num_pixels if num_pixels else np.nan,
                observed_share=float(inside.sum()) / num_pixels if num_pixels else np.nan,
                num_pixels=num_pixels,
            )
        )
    return tuple(bins)


def compute_calibration_error(bins: tuple[CalibrationBin, ...]) -> float:
    """The expected calibration error: mean distance of belief and truth, by pixels; NaN if none."""
    occupied = [each for each in bins if each.num_pixels]
    total = sum(each.num_pixels for each in occupied)
    apart = sum(
        each.num_pixels * abs(each.mean_probability - each.observed_share) for each in occupied
    )
    return apart / total if total else np.nan


def compute_brier_score(counts: npt.NDArray[np.int64], probabilities: Steps = STEPS) -> float:
    """The mean squared distance of probability and truth; NaN without pixels.

    Unlike the calibration error, no model can lower it by saying less than it knows: Brier,
    Monthly Weather Review 78, 1950.

    Args:
        counts: Of one region, (256, 2).
        probabilities: What the steps mean, (256,), where they were calibrated.
    """
    from sklearn.metrics import brier_score_loss

    if not counts.any():
        return np.nan
    steps, is_inside, weights = _list_outcomes(counts)
    return float(brier_score_loss(is_inside, probabilities[steps], sample_weight=weights))


def trace_thresholds(counts: npt.NDArray[np.int64]) -> tuple[ThresholdPoint, ...]:
    """Precision and recall of one region at thresholds 0.05 to 0.95, from its counts (256, 2)."""
    from sklearn.metrics import precision_recall_fscore_support

    if not counts.any():
        return tuple(ThresholdPoint(percent / 100, np.nan, np.nan) for percent in PERCENTS)
    steps, is_inside, weights = _list_outcomes(counts)
    points = []
    for percent in PERCENTS:
        precision, recall, _, _ = precision_recall_fscore_support(
            is_inside,
            steps * 100 >= percent * (NUM_STEPS - 1),
            average="binary",
            sample_weight=weights,
            zero_division=np.nan,
        )
        points.append(ThresholdPoint(percent / 100, float(precision), float(recall)))
    return tuple(points)


def _list_outcomes(
    counts: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Step of probability, whether the reference holds it, and number of pixels, (512,) each."""
    steps, is_inside = np.indices(counts.shape).reshape(2, -1)
    return steps, is_inside.astype(bool), counts.ravel()
