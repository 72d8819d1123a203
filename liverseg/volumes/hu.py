"""Stored voxels as HU: scaled, in the smallest type that holds them, with air outside the scan."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError

AIR_HU = -1000

OUTSIDE_NOTE = "NaN outside the field of view is read as air"


def scale_to_hu(
    stored: npt.NDArray[Any], slope: float, intercept: float, path: Path
) -> tuple[npt.NDArray[np.int16 | np.float32], str]:
    """HU (i, j, k), as int16 where that is exact, else as float32.

    The volume is never blown up to float64, only one plane at a time.

    Args:
        stored: Voxels (i, j, k) as the file has them.
        slope: Of the file.
        intercept: Of the file.
        path: Of the file, for the message.

    Returns:
        The HU, and what was mended in them; empty for most.

    Raises:
        DataError: A voxel is infinite, or NaN where the body lies.
    """
    if _fits_int16(stored, slope, intercept):
        return _rescale(stored, slope, intercept, np.int16), ""
    data = _rescale(stored, slope, intercept, np.float32)
    return data, _fill_outside(data, path)


def _fits_int16(stored: npt.NDArray[Any], slope: float, intercept: float) -> bool:
    integral = float(slope).is_integer() and float(intercept).is_integer()
    if stored.dtype.kind == "f" or not integral:
        return False
    ends = (int(end) * int(slope) + int(intercept) for end in (stored.min(), stored.max()))
    limits = np.iinfo(np.int16)
    return all(limits.min <= end <= limits.max for end in ends)


def _rescale(
    stored: npt.NDArray[Any], slope: float, intercept: float, dtype: type[np.int16 | np.float32]
) -> npt.NDArray[Any]:
    """``stored * slope + intercept``; without a copy where that changes nothing."""
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is not finite: found later
        if (slope, intercept) == (1, 0):
            return stored.astype(dtype, copy=False)
        data = np.empty(stored.shape, dtype, order="F")
        for k in range(stored.shape[2]):
            data[..., k] = stored[..., k].astype(np.float64) * slope + intercept
    return data


def _fill_outside(data: npt.NDArray[np.float32], path: Path) -> str:
    """Put air where NaN marks what lies outside the field of view; what was done, in words."""
    num_slices = data.shape[2]
    if all(np.isfinite(data[..., k]).all() for k in range(num_slices)):
        return ""
    first, last = _find_ends(data)
    for k in range(num_slices):
        plane = data[..., k]
        outside = np.isnan(plane)
        enclosed = _find_enclosed(~outside) | ((first < k) & (k < last))
        if last.max() < 0 or (outside & enclosed).any() or np.isinf(plane).any():
            raise DataError(
                str(path),
                expected="finite HU in every voxel, NaN at most outside the field of view",
                received=f"NaN or infinity in plane k={k}",
                next_step="Mend the scan.",
            )
        plane[outside] = AIR_HU
    return OUTSIDE_NOTE


def _find_ends(data: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first and the last k of each (i, j) that is not NaN; -1 where there is none."""
    first, last = np.full(data.shape[:2], -1), np.full(data.shape[:2], -1)
    for k in range(data.shape[2]):
        known = ~np.isnan(data[..., k])
        first[known & (last < 0)] = k
        last[known] = k
    return first, last


def _find_enclosed(known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Pixels with known ones on both sides along some axis; a round or square field has none."""
    enclosed = np.zeros_like(known)
    for axis in range(known.ndim):
        before = np.logical_or.accumulate(known, axis)
        after = np.flip(np.logical_or.accumulate(np.flip(known, axis), axis), axis)
        enclosed |= before & after
    return enclosed
