"""Arrays cropped to what they hold, since most of a scan is neither liver nor lesion."""

from typing import Any

import numpy as np
import numpy.typing as npt

Box = tuple[slice, ...]


def find_box(array: npt.NDArray[Any]) -> Box:
    """The smallest box that holds all nonzero voxels of a 3-D array; without any, an empty box."""
    in_plane = np.asarray(array.any(axis=0))
    if not in_plane.any():
        return slice(0, 0), slice(0, 0), slice(0, 0)
    occupied = (array.any(axis=(1, 2)), in_plane.any(axis=1), in_plane.any(axis=0))
    indices = (np.flatnonzero(along) for along in occupied)
    return tuple(slice(int(inside[0]), int(inside[-1]) + 1) for inside in indices)


def join_boxes(first: Box, second: Box) -> Box:
    """The smallest box that holds two boxes."""
    return tuple(
        slice(min(one.start, other.start), max(one.stop, other.stop))
        for one, other in zip(first, second, strict=True)
    )


def shift_box(box: Box, outer: Box, sign: int = 1) -> Box:
    """A box within another one, as a box of the whole array; with sign -1 the way back."""
    return tuple(
        slice(inner.start + sign * whole.start, inner.stop + sign * whole.start)
        for inner, whole in zip(box, outer, strict=True)
    )
