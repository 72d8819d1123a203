"""Stored voxels as labels: whole numbers, mapped, and nothing but background, liver and lesion."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.labels import LESION

TOLERANCE = 1e-3
"""How far a label may be from a whole number: more than arithmetic in float32 leaves of 255, less
than any share that interpolation gives."""

MAX_SHOWN_VALUES = 5


def find_labels(
    stored: npt.NDArray[Any],
    slope: float,
    intercept: float,
    label_map: Mapping[int, int],
    *,
    path: Path,
    next_step: str,
) -> npt.NDArray[np.uint8]:
    """Labels 0, 1 and 2 (i, j, k).

    Args:
        stored: Voxels (i, j, k) as the file has them.
        slope: Of the file.
        intercept: Of the file.
        label_map: Labels of scaled values; a value that is not named stands for itself.
        path: Of the file, for the message.
        next_step: What the user can do about other values.

    Raises:
        DataError: A voxel holds anything but 0, 1 or 2 once it is mapped.
    """
    labels = np.empty(stored.shape, np.uint8, order="F")
    wrong: set[str] = set()
    for k in range(stored.shape[2]):
        with np.errstate(over="ignore", invalid="ignore"):  # found by the comparison below
            plane = stored[..., k]
            if (slope, intercept) != (1, 0):
                plane = plane.astype(np.float64) * slope + intercept
            plane = _map_values(_round_values(plane), label_map)
            labels[..., k] = plane
        if labels[..., k].max() > LESION or not np.array_equal(labels[..., k], plane):
            values = np.unique(plane).tolist()
            wrong |= {f"{round(value, 6):.12g}" for value in values if value not in (0, 1, 2)}
        if len(wrong) > MAX_SHOWN_VALUES:  # a scan in place of a mask would fill the memory
            break
    if wrong:
        raise _build_error(path, wrong, next_step)
    return labels


def _round_values(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The plane with whole numbers for what is nearly one; all else stays as it is."""
    if plane.dtype.kind != "f":
        return plane
    whole = np.rint(plane)
    return np.where(np.abs(plane - whole) <= TOLERANCE, whole, plane)


def _map_values(plane: npt.NDArray[Any], label_map: Mapping[int, int]) -> npt.NDArray[Any]:
    if not label_map:
        return plane
    mapped = plane.copy()
    for value, label in label_map.items():
        mapped[plane == value] = label
    return mapped


def _build_error(path: Path, wrong: set[str], next_step: str) -> DataError:
    listed = ", ".join(sorted(wrong, key=float)[:MAX_SHOWN_VALUES])
    more = " and more" if len(wrong) > MAX_SHOWN_VALUES else ""
    return DataError(
        str(path),
        expected="a mask of whole values 0 background, 1 liver, 2 lesion",
        received=f"{listed}{more}",
        next_step=next_step,
    )
