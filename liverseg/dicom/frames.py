"""Frames of a mask, set into the slices of the scan that they outline. Nothing is resampled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.dicom.elements import Vector
from liverseg.dicom.stack import Stack
from liverseg.errors import DataError

TOLERANCE = 0.25
"""Of a voxel: how far a pixel may lie from the voxel that it stands for."""


@dataclass(frozen=True)
class FramePlace:
    """Where a frame lies, in LPS and millimetres.

    Attributes:
        position: Centre of the first pixel.
        along_row: Step from one pixel to the next in a row.
        along_column: Step from one row to the next.
    """

    position: Vector
    along_row: Vector
    along_column: Vector


def find_slice(place: FramePlace, stack: Stack) -> int:
    """Index of the slice that is nearest to a frame's first pixel."""
    voxels, _ = stack.find_voxels(np.array([place.position]))
    return int(voxels[0, 2])


def draw_frame(
    mask: npt.NDArray[np.bool_],
    stack: Stack,
    frame: npt.NDArray[np.bool_],
    place: FramePlace,
    subject: str,
) -> None:
    """Set the voxels of ``mask`` (i, j, slice) that are true in ``frame`` (row, column).

    The frame may be cropped, flipped or turned by right angles against the slices.

    Args:
        mask: Changed in place.
        stack: The slices of ``mask``.
        frame: Pixels of one slice.
        place: Where they lie.
        subject: Whose frame it is, for the message.

    Raises:
        DataError: A pixel that is true falls between the voxels or outside them.
    """
    pixels = np.argwhere(frame)
    if not pixels.size:
        return
    steps = np.array((place.along_column, place.along_row))
    exact, slices_apart = stack.find_voxels(pixels @ steps + place.position)
    voxels = np.rint(exact)
    inside = (voxels >= 0).all() and (voxels < mask.shape).all() and slices_apart.max() < 1
    apart = max(float(np.abs(exact - voxels).max()), float(slices_apart.max()))
    if not inside or apart > TOLERANCE:
        raise DataError(
            subject,
            expected="pixels on the voxels of its scan",
            received=f"pixels {apart:.2f} voxels beside them" if inside else "pixels outside it",
            next_step="Resample the mask onto the slices of the scan.",
        )
    mask[tuple(voxels.astype(np.intp).T)] = True
