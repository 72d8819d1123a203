"""Masks as outlines on grey slices: where to look, and what is drawn there."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from liverseg.labels import select_region

Plane = npt.NDArray[np.uint8]
LineStyle = Literal["solid", "dashed"]

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


def draw_outline(
    axis: Any, mask: npt.NDArray[np.bool_], *, colour: str, style: LineStyle, width: float
) -> None:
    """Draw the outline of a mask; nothing where all or no pixels belong to it.

    Args:
        axis: Matplotlib's, with the pixels as coordinates.
        mask: (rows, columns).
        colour: Of the line.
        style: Of the line.
        width: Of the line, in points.
    """
    if mask.any() and not mask.all():
        axis.contour(mask, levels=[0.5], colors=colour, linestyles=style, linewidths=width)
