"""Peaks of a histogram.

As ``scipy.ndimage.gaussian_filter1d`` and ``scipy.signal.find_peaks`` have it, which take half a
second to load: longer than judging a scan.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

REACH = 4
"""Of the kernel to either side, in standard deviations."""


def smooth_counts(counts: npt.NDArray[np.integer[Any]], sigma: float) -> npt.NDArray[np.float64]:
    """A histogram smoothed by a Gaussian, mirrored at its ends.

    Args:
        counts: Of each bin.
        sigma: Standard deviation of the Gaussian, in bins.
    """
    length = 2 * round(REACH * sigma) + 1
    row = counts[None].astype(np.float64)
    smooth = cv2.GaussianBlur(row, (length, 1), sigma, borderType=cv2.BORDER_REFLECT)
    flat: npt.NDArray[np.float64] = smooth[0]
    return flat


def find_peaks(values: Sequence[float], prominence: float) -> list[int]:
    """Where values are highest between a rise and a fall by at least a prominence.

    Of equal ones the first; scipy gives the middle of a plateau.

    Args:
        values: In order.
        prominence: Above 0.
    """
    peaks = []
    extreme, rising = 0, False
    for index, value in enumerate(values):
        onwards = value - values[extreme] if rising else values[extreme] - value
        if onwards > 0:
            extreme = index
        elif -onwards >= prominence:
            if rising:
                peaks.append(extreme)
            extreme, rising = index, not rising
    return peaks
