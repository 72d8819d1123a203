"""The two diameters of a lesion that radiologists report, both in one slice."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from liverseg.scoring.diameters import measure_axial_diameters

Plane = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]
PlaneSpacing = tuple[float, float]

SAME_LENGTH = 1e-9
"""Relative; diameters that rounding alone tells apart are equally long."""
TOUCHING_MM = 1e-6
"""A line that comes this close to the corner of a voxel touches it."""


@dataclass(frozen=True)
class Diameters:
    """In mm, between points of the lesion within one slice; a voxel is a rectangle there.

    The bidimensional measurement of the WHO (Miller et al., Reporting results of cancer treatment,
    Cancer 47, 1981: longest diameter and greatest perpendicular diameter); the longest alone is
    that of RECIST 1.1 (Eisenhauer et al., Eur J Cancer 45, 2009).

    Attributes:
        longest_mm: The largest distance between two points in any slice.
        perpendicular_mm: The largest distance between two points of the same slice on a line at
            right angles to it. Where several diameters are longest, the largest of theirs.
    """

    longest_mm: float
    perpendicular_mm: float


def measure_diameters(lesion: Plane, spacing_mm: tuple[float, float, float]) -> Diameters:
    """Both diameters of one lesion.

    Args:
        lesion: (num_slices, num_rows, num_columns), a connected component cropped to its box.
        spacing_mm: Distance between neighbouring centres along these axes.
    """
    numbers = np.arange(1, len(lesion) + 1, dtype=np.uint32)[:, None, None]
    by_slice = measure_axial_diameters(lesion * numbers, spacing_mm)
    longest_mm = float(by_slice.max())
    candidates = np.flatnonzero(by_slice >= longest_mm * (1 - SAME_LENGTH))
    perpendicular_mm = max(_measure_across(lesion[each], spacing_mm[1:]) for each in candidates)
    return Diameters(longest_mm, perpendicular_mm)


def _measure_across(plane: Plane, spacing_mm: PlaneSpacing) -> float:
    """Largest distance in a slice (rows, columns) at right angles to its longest diameter."""
    runs = _list_runs(plane, spacing_mm)
    return max(_measure_along(normal, runs) for normal in _find_normals(runs))


def _list_runs(plane: Plane, spacing_mm: PlaneSpacing) -> npt.NDArray[np.float64]:
    """Stretches of a row as rectangles, a row each: first and last row, first and last column."""
    padded = np.pad(plane, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    row_mm, column_mm = spacing_mm
    edges = (rows * row_mm, (rows + 1) * row_mm, starts * column_mm, ends * column_mm)
    return np.stack(edges, axis=1)


def _find_corners(runs: npt.NDArray[np.float64]) -> Points:
    top, bottom, left, right = runs.T
    pairs = [(row, column) for row in (top, bottom) for column in (left, right)]
    return np.concatenate([np.stack(pair, axis=1) for pair in pairs])


def _find_normals(runs: npt.NDArray[np.float64]) -> Points:
    """Unit vectors at right angles to the longest diameters, a row each."""
    rows = runs[:, 0]
    is_end = (np.diff(rows, prepend=-1) > 0) | (np.diff(rows, append=np.inf) > 0)
    corners = _find_corners(runs[is_end])  # of a row of voxels only both ends matter
    apart = cdist(corners, corners)
    first, second = np.nonzero(np.triu(apart >= apart.max() * (1 - SAME_LENGTH)))
    along = (corners[second] - corners[first]) / apart[first, second][:, None]
    return np.unique(np.stack([-along[:, 1], along[:, 0]], axis=1), axis=0)


def _measure_along(normal: Points, runs: npt.NDArray[np.float64]) -> float:
    """The largest distance between two points of the rectangles on one line along ``normal``.

    Between two neighbouring corners, seen along the lines, the distance has no inner maximum: the
    lines through corners are enough.
    """
    along = np.array([normal[1], -normal[0]])
    offsets = np.unique(_find_corners(runs) @ along)
    lowest, highest = np.full(len(offsets), np.inf), np.full(len(offsets), -np.inf)
    for top, bottom, left, right in runs:
        rows = _clip(offsets * along[0], normal[0], top, bottom)
        columns = _clip(offsets * along[1], normal[1], left, right)
        enters, leaves = np.maximum(rows[0], columns[0]), np.minimum(rows[1], columns[1])
        meets = enters <= leaves + TOUCHING_MM
        lowest[meets] = np.minimum(lowest[meets], enters[meets])
        highest[meets] = np.maximum(highest[meets], leaves[meets])
    return float((highest - lowest).max())


def _clip(starts: Points, step: float, low: float, high: float) -> tuple[Points, Points]:
    """From where to where each line ``start + length * step`` lies between ``low`` and ``high``."""
    if abs(step) < SAME_LENGTH:
        inside = (starts >= low - TOUCHING_MM) & (starts <= high + TOUCHING_MM)
        ends = np.where(inside, np.inf, -np.inf)
        return -ends, ends
    ends = np.stack([(low - starts) / step, (high - starts) / step])
    return ends.min(axis=0), ends.max(axis=0)
