"""From slices back to the voxels of the scan: the steps of preprocessing, undone in reverse."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.slices.geometry import SliceGrid, find_overlap, resize_plane, view_slices


def restore_probabilities(
    probabilities: npt.NDArray[Any], slice_grid: SliceGrid
) -> npt.NDArray[np.float32]:
    """Probabilities of one region (i, j, k) on the grid of the scan, between 0 and 1.

    Linear between pixel centres, averaged where the scan is coarser than the slices; unchanged
    where ``image_size`` is the side of the square that the slices show; 0 outside of it.

    Args:
        probabilities: (num_slices, image_size, image_size); float32, or uint8 in 255ths.
        slice_grid: Of the case.
    """
    volume = np.zeros(slice_grid.grid.shape, np.float32, order="F")
    for plane, restored in restore_planes(probabilities, slice_grid, volume):
        plane[...] = restored
    return volume


def restore_mask(
    probabilities: npt.NDArray[Any], threshold: float, slice_grid: SliceGrid
) -> npt.NDArray[np.bool_]:
    """Voxels (i, j, k) whose probability is at least ``threshold`` on the grid of the scan.

    Equal to thresholding ``restore_probabilities``, at a quarter of its memory.

    Args:
        probabilities: (num_slices, image_size, image_size); float32, or uint8 in 255ths.
        threshold: Between 0 and 1.
        slice_grid: Of the case.
    """
    volume = np.zeros(slice_grid.grid.shape, np.bool_, order="F")
    for plane, restored in restore_planes(probabilities, slice_grid, volume):
        np.greater_equal(restored, np.float32(threshold), out=plane)
    return volume


def restore_quantised(
    probabilities: npt.NDArray[np.uint8], slice_grid: SliceGrid
) -> npt.NDArray[np.uint8]:
    """``restore_probabilities`` in 255ths, rounded, at a quarter of its memory.

    Args:
        probabilities: (num_slices, image_size, image_size), in 255ths.
        slice_grid: Of the case.
    """
    volume = np.zeros(slice_grid.grid.shape, np.uint8, order="F")
    for plane, restored in restore_planes(probabilities, slice_grid, volume):
        np.rint(restored * 255, out=plane, casting="unsafe")
    return volume


def restore_planes(
    probabilities: npt.NDArray[Any], slice_grid: SliceGrid, volume: npt.NDArray[Any]
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.float32]]]:
    """The part of each slice of a volume (i, j, k) that was seen, with its probabilities.

    Args:
        probabilities: (num_slices, image_size, image_size); float32, or uint8 in 255ths.
        slice_grid: Of the case.
        volume: Of which views are given, to be written to.
    """
    scale = np.float32(255 if probabilities.dtype == np.uint8 else 1)
    planes = view_slices(volume, slice_grid)
    in_plane, in_square = find_overlap(slice_grid)
    for plane, pixels in zip(planes, probabilities, strict=True):
        square = resize_plane(pixels.astype(np.float32) / scale, slice_grid.square_shape)
        yield plane[in_plane], square[in_square]
