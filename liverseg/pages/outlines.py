"""Where to look in a stack of labels, and outlines of masks that are sharp at any size."""

from typing import Any

import numpy as np
import numpy.typing as npt
from contourpy import contour_generator

from liverseg.labels import select_region

Plane = npt.NDArray[np.uint8]

MARGIN = 0.15
"""Around the labels, as a share of the side of the view."""


def find_slice(labels: Plane) -> int:
    """The slice with most lesion; of equal ones that with most liver.

    Args:
        labels: (slices, rows, columns).
    """
    lesion, liver = (
        select_region(labels, region).sum(axis=(1, 2)) for region in ("lesion", "liver")
    )
    return int(np.lexsort((liver, lesion))[-1])


def find_view(labels: npt.NDArray[Any]) -> tuple[slice, slice]:
    """A square around all labels, as far as the slice reaches; all of it without labels.

    Args:
        labels: (rows, columns), 0 where there is nothing to see.
    """
    rows, columns = np.nonzero(labels)
    if not rows.size:
        return slice(None), slice(None)
    ends = [(int(each.min()), int(each.max()) + 1) for each in (rows, columns)]
    side = round(max(end - start for start, end in ends) * (1 + 2 * MARGIN))
    side = min(side, *labels.shape)
    row, column = (
        min(max((start + end - side) // 2, 0), length - side)
        for (start, end), length in zip(ends, labels.shape, strict=True)
    )
    return slice(row, row + side), slice(column, column + side)


def trace_outline(mask: npt.NDArray[np.bool_]) -> str:
    """An SVG path around the pixels of a mask; empty where there are none.

    Pixel (0, 0) lies between 0 and 1 on both axes. Lines pass half-way between the centres of
    pixels inside and outside, as in ``overlays.png``; outside the image nothing belongs to the
    mask. Coordinates are whole halves of a pixel, so the path is in units of half a pixel.

    Args:
        mask: (rows, columns).
    """
    padded = np.pad(mask, 1).astype(np.float64)
    lines = contour_generator(z=padded).lines(0.5)
    return "".join(_write_line(np.rint(2 * np.asarray(line) - 1).astype(int)) for line in lines)


def _write_line(points: npt.NDArray[Any]) -> str:
    """A closed line (points, (x, y)) by its first point and then from each point to the next."""
    is_corner = np.ones(len(points), np.bool_)
    steps = np.diff(points, axis=0)
    is_corner[1:-1] = (steps[1:] != steps[:-1]).any(axis=1)
    start, *others = np.diff(points[is_corner], axis=0, prepend=[[0, 0]]).tolist()
    moves = "".join(f"l{x} {y}" for x, y in others[:-1])
    return f"M{start[0]} {start[1]}{moves}z"
