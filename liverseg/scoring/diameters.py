"""Axial diameters of lesions, and the size classes that they fall into."""

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

LesionSize = Literal["small", "medium", "large"]
LESION_SIZES: tuple[LesionSize, ...] = get_args(LesionSize)

SMALL_BELOW_MM = 10.0
LARGE_ABOVE_MM = 20.0
DIAMETER_DECIMALS = 4
"""Of a diameter that is compared with the two limits, since NIfTI headers hold float32."""


def classify_size(diameter_mm: float) -> LesionSize:
    """``small`` in [0, 10) mm, ``medium`` in [10, 20] mm, ``large`` above."""
    diameter_mm = round(diameter_mm, DIAMETER_DECIMALS)
    if diameter_mm < SMALL_BELOW_MM:
        return "small"
    return "medium" if diameter_mm <= LARGE_ABOVE_MM else "large"


def measure_axial_diameters(
    components: npt.NDArray[np.uint32], spacing_mm: tuple[float, float, float]
) -> npt.NDArray[np.float64]:
    """Largest corner-to-corner distance of each component within one slice, in mm.

    Of a row of voxels only both ends matter, and only pairs of rows in one slice: all components
    are measured at once, first each row alone, then rows and their next, then the next but one.

    Args:
        components: (num_slices, num_rows, num_columns); numbered from 1 without gaps, 0 between.
        spacing_mm: Distance between neighbouring centres along these axes.

    Returns:
        One a component, in order of their numbers; empty where there is none.
    """
    if not components.any():
        return np.empty(0)
    planes, rows, columns = np.nonzero(components)
    numbers = components[planes, rows, columns]
    order = np.argsort(numbers, kind="stable")
    numbers, planes, rows, columns = numbers[order], planes[order], rows[order], columns[order]

    is_first = _begins(numbers, planes, rows)
    starts, ends = columns[is_first], columns[np.roll(is_first, -1)] + 1
    numbers, planes, rows = numbers[is_first], planes[is_first], rows[is_first]

    _, row_mm, column_mm = spacing_mm
    slices = np.cumsum(_begins(numbers, planes))
    diameters = np.hypot(row_mm, (ends - starts) * column_mm)
    for apart in range(1, len(rows)):
        upper = np.flatnonzero(slices[apart:] == slices[:-apart])
        if not upper.size:
            break
        lower = upper + apart
        down = (rows[lower] + 1 - rows[upper]) * row_mm
        across = np.maximum(ends[lower] - starts[upper], ends[upper] - starts[lower]) * column_mm
        diameters[upper] = np.maximum(diameters[upper], np.hypot(down, across))
    return np.maximum.reduceat(diameters, np.flatnonzero(_begins(numbers)))


def _begins(*keys: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.bool_]:
    """Where a new group of equal keys begins, for sorted keys of one length."""
    begins = np.ones(len(keys[0]), np.bool_)
    begins[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return begins
