"""A slice between its neighbours: what a network sees of it."""

import numpy as np
import numpy.typing as npt

from liverseg.slices.stacks import Slices


def read_sample_image(images: Slices, slice_index: int, context: int) -> npt.NDArray[np.uint8]:
    """A slice between its neighbours, as channels.

    Args:
        images: (num_slices, num_windows, rows, columns).
        slice_index: The slice in the middle.
        context: Neighbours on either side; beyond the ends the last slice is repeated.

    Returns:
        (rows, columns, channels) with (2 · context + 1) · num_windows channels, feet to head, the
        windows of a slice together.
    """
    first, last = max(slice_index - context, 0), min(slice_index + context, len(images) - 1)
    wanted = np.clip(np.arange(slice_index - context, slice_index + context + 1), first, last)
    planes = images[first : last + 1][wanted - first]
    return np.ascontiguousarray(np.moveaxis(planes.reshape(-1, *planes.shape[2:]), 0, -1))
