"""Uneven slices brought to even distances."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from liverseg.dicom.stack import TOLERANCE, Stack


def even_out(
    slices: npt.NDArray[Any], stack: Stack, *, order: Literal[0, 1] = 1
) -> npt.NDArray[Any]:
    """The slices on the even grid of their stack; themselves where they are even.

    A slice of the grid within a tenth of a step of one of the scanner's is that one. Between two it
    is interpolated.

    Args:
        slices: (i, j, slice) as the stack has them.
        stack: Where they lie.
        order: 1 interpolates linearly, for HU; 0 takes the nearest slice, for labels.

    Returns:
        (i, j, k), of the same type; integers are rounded.
    """
    num = stack.grid.shape[2]
    if num == len(stack.slices) and np.array_equal(stack.places, np.arange(num)):
        return slices
    even = np.empty(stack.grid.shape, slices.dtype, order="F")
    for k in range(num):
        above = int(np.searchsorted(stack.places, k).clip(1, len(stack.places) - 1))
        low, high = stack.places[above - 1], stack.places[above]
        share = (k - low) / (high - low)
        near = min(k - low, high - k) <= TOLERANCE
        if near or order == 0:
            even[..., k] = slices[..., above if share > 0.5 else above - 1]
            continue
        plane = (1 - share) * slices[..., above - 1] + share * slices[..., above]
        even[..., k] = plane if even.dtype.kind == "f" else np.rint(plane)
    return even
