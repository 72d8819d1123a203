"""Frames of a mask, set into the voxel grid of the scan that they outline. Nothing is resampled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.dicom.headers import Vector
from liverseg.errors import DataError
from liverseg.volumes.grid import Grid

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


def find_slice(place: FramePlace, grid: Grid) -> int:
    """Index k of the slice that a frame's first pixel lies in, or beside (then it may be none)."""
    x, y, z = place.position
    along_k = np.linalg.inv(grid.affine)[2]
    return round(float(along_k @ (-x, -y, z, 1)))


def draw_frame(
    mask: npt.NDArray[np.bool_],
    grid: Grid,
    frame: npt.NDArray[np.bool_],
    place: FramePlace,
    subject: str,
) -> None:
    """Set the voxels of ``mask`` (i, j, k) that are true in ``frame`` (row, column).

    The frame may be cropped, flipped or turned by right angles against the grid.

    Args:
        mask: Changed in place.
        grid: The grid of ``mask``.
        frame: Pixels of one slice.
        place: Where they lie.
        subject: Whose frame it is, for the message.

    Raises:
        DataError: A pixel that is true falls between the voxels of the grid or outside it.
    """
    pixels = np.argwhere(frame)
    if not pixels.size:
        return
    lps = np.column_stack((place.along_column, place.along_row, place.position))
    ras_to_voxels = np.linalg.inv(grid.affine)
    to_voxels = ras_to_voxels[:3, :3] @ np.diag([-1.0, -1.0, 1.0]) @ lps
    to_voxels[:, 2] += ras_to_voxels[:3, 3]
    exact = pixels @ to_voxels[:, :2].T + to_voxels[:, 2]
    voxels = np.rint(exact)
    inside = (voxels >= 0).all() and (voxels < grid.shape).all()
    apart = float(np.abs(exact - voxels).max())
    if not inside or apart > TOLERANCE:
        raise DataError(
            subject,
            expected="pixels on the voxels of its scan",
            received=f"pixels {apart:.2f} voxels beside them" if inside else "pixels outside it",
            next_step="Resample the mask onto the slices of the scan.",
        )
    mask[tuple(voxels.astype(np.intp).T)] = True
