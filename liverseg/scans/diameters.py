"""The two diameters of a lesion that radiologists report, both in one slice."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.scoring.diameters import measure_axial_diameters

Plane = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]
PlaneSpacing = tuple[float, float]
Place = tuple[float, float, float]
Ends = tuple[Place, Place]

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
        longest_ends: The two points, as indices of slice, row and column; the centre of a voxel is
            at whole ones, its corners at halves.
        perpendicular_ends: Those of the perpendicular, likewise.
    """

    longest_mm: float
    perpendicular_mm: float
    longest_ends: Ends
    perpendicular_ends: Ends


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
    crosses = [(each, _find_cross(lesion[each], spacing_mm[1:])) for each in candidates.tolist()]
    index, cross = max(crosses, key=lambda found: found[1].perpendicular_mm)
    longest_ends, perpendicular_ends = (
        _to_ends(index, points / spacing_mm[1:] - 0.5) for points in (cross.along, cross.across)
    )
    return Diameters(longest_mm, cross.perpendicular_mm, longest_ends, perpendicular_ends)


@dataclass(frozen=True, eq=False)
class _Cross:
    """Both diameters in a slice: ends (2, 2) as row and column in mm from its first corner."""

    along: Points
    across: Points

    @property
    def perpendicular_mm(self) -> float:
        return float(np.linalg.norm(self.across[1] - self.across[0]))


def _find_cross(plane: Plane, spacing_mm: PlaneSpacing) -> _Cross:
    """The longest diameter of a slice (rows, columns) with the largest one across it."""
    runs = _list_runs(plane, spacing_mm)
    crosses = [_Cross(ends, _measure_across(ends, runs)) for ends in _find_longest(runs)]
    return max(crosses, key=lambda cross: cross.perpendicular_mm)


def _to_ends(index: int, ends: Points) -> Ends:
    (first_row, first_column), (last_row, last_column) = ends.tolist()
    return (index, first_row, first_column), (index, last_row, last_column)


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


def _find_longest(runs: npt.NDArray[np.float64]) -> Points:
    """Ends of the longest diameters (n, 2, 2), one of each direction."""
    rows = runs[:, 0]
    is_end = (np.diff(rows, prepend=-1) > 0) | (np.diff(rows, append=np.inf) > 0)
    corners = _find_corners(runs[is_end])  # of a row of voxels only both ends matter
    apart = np.hypot(*(corners[:, None] - corners).transpose(2, 0, 1))
    pairs = np.argwhere(np.triu(apart >= apart.max() * (1 - SAME_LENGTH)))
    ends = corners[pairs]
    _, kept = np.unique(ends[:, 1] - ends[:, 0], axis=0, return_index=True)
    return ends[kept]


def _measure_across(ends: Points, runs: npt.NDArray[np.float64]) -> Points:
    """Ends of the largest distance in the rectangles at right angles to the line between two ends.

    Between two neighbouring corners, seen along the lines, the distance has no inner maximum: the
    lines through corners are enough.
    """
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    normal = np.array([-along[1], along[0]])
    offsets = np.unique(_find_corners(runs) @ along)
    lowest, highest = np.full(len(offsets), np.inf), np.full(len(offsets), -np.inf)
    for top, bottom, left, right in runs:
        rows = _clip(offsets * along[0], normal[0], top, bottom)
        columns = _clip(offsets * along[1], normal[1], left, right)
        enters, leaves = np.maximum(rows[0], columns[0]), np.minimum(rows[1], columns[1])
        meets = enters <= leaves + TOUCHING_MM
        lowest[meets] = np.minimum(lowest[meets], enters[meets])
        highest[meets] = np.maximum(highest[meets], leaves[meets])
    best = (highest - lowest).argmax()
    heights = np.array([lowest[best], highest[best]])
    across: Points = offsets[best] * along + heights[:, None] * normal
    return across


def _clip(starts: Points, step: float, low: float, high: float) -> tuple[Points, Points]:
    """From where to where each line ``start + length * step`` lies between ``low`` and ``high``."""
    if abs(step) < SAME_LENGTH:
        inside = (starts >= low - TOUCHING_MM) & (starts <= high + TOUCHING_MM)
        ends = np.where(inside, np.inf, -np.inf)
        return -ends, ends
    ends = np.stack([(low - starts) / step, (high - starts) / step])
    return ends.min(axis=0), ends.max(axis=0)
