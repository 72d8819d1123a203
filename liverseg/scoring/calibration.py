"""How far probabilities can be believed, and what each threshold would give.

Both come from one count of slice pixels by probability and by what the reference says.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.labels import REGIONS, Region, select_region

NUM_STEPS = 256
NUM_BINS = 10
"""Bins of equal width, as in Guo et al., On Calibration of Modern Neural Networks, ICML 2017."""


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


def bin_calibration(counts: npt.NDArray[np.int64]) -> tuple[CalibrationBin, ...]:
    """The calibration of one region in bins of equal width, from its counts (256, 2)."""
    probabilities = np.arange(NUM_STEPS) / (NUM_STEPS - 1)
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


def trace_thresholds(counts: npt.NDArray[np.int64]) -> tuple[ThresholdPoint, ...]:
    """Precision and recall of one region at thresholds 0.05 to 0.95, from its counts (256, 2)."""
    points = []
    for percent in range(5, 100, 5):
        kept = np.arange(NUM_STEPS) * 100 >= percent * (NUM_STEPS - 1)
        wrong, right = counts[kept].sum(axis=0).tolist()
        present = int(counts[:, 1].sum())
        points.append(
            ThresholdPoint(
                threshold=percent / 100,
                precision=right / (right + wrong) if right + wrong else np.nan,
                recall=right / present if present else np.nan,
            )
        )
    return tuple(points)
