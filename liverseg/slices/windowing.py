"""HU windows: from CT numbers to 8-bit grey values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

AIR_HU = -1000
"""By the definition of the Hounsfield scale."""

LOWEST_HU = -1024
"""The least that a scanner stores in 12 bits. What lies below is padding around the scanned circle,
often -2000 or -3024, which a resize would smear into its surroundings."""


def apply_windows(
    plane_hu: npt.NDArray[Any], windows_hu: Sequence[tuple[float, float]]
) -> npt.NDArray[np.uint8]:
    """Grey values (num_windows, rows, columns): 0 at or below a window's low end, 255 at its top.

    In between they are linear and rounded, so a step is (high - low) / 255 HU.

    Args:
        plane_hu: (rows, columns) or (slices, rows, columns), HU.
        windows_hu: Low and high end of each window.
    """
    plane = plane_hu.astype(np.float32)
    grey = np.empty((len(windows_hu), *plane.shape), np.uint8)
    for channel, (low, high) in zip(grey, windows_hu, strict=True):
        channel[...] = np.rint((np.clip(plane, low, high) - low) * 255 / (high - low))
    return grey


def estimate_hu(
    grey: npt.NDArray[np.uint8], windows_hu: Sequence[tuple[float, float]]
) -> npt.NDArray[np.float32]:
    """HU (rows, columns) that grey values stand for: the way back of ``apply_windows``.

    Each pixel is read in the narrowest window that holds it, to half a step; one outside of all is
    put at the end of a window that is nearest to it.

    Args:
        grey: (num_windows, rows, columns) or (num_windows, slices, rows, columns).
        windows_hu: Low and high end of each window.
    """
    shape = (-1, *[1] * (grey.ndim - 1))
    low, high = (np.reshape(ends, shape) for ends in np.array(windows_hu, np.float32).T)
    hu: npt.NDArray[np.float32] = np.where(grey == 255, high, low.min()).max(axis=0)
    for channel, (bottom, top) in sorted(
        zip(grey, windows_hu, strict=True), key=lambda each: each[1][0] - each[1][1]
    ):
        inside = (channel > 0) & (channel < 255)
        step = np.float32((top - bottom) / 255)
        np.copyto(hu, np.float32(bottom) + channel * step, where=inside)
    return hu
