"""Outlines of masks as SVG paths: sharp at any size, and small."""

from typing import Any

import numpy as np
import numpy.typing as npt
from contourpy import contour_generator


def trace_outline(mask: npt.NDArray[np.bool_]) -> str:
    """A path around the pixels of a mask; empty where there are none.

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
