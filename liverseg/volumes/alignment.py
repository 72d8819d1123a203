"""Labels brought to the grid of another volume, where the same voxels make up both."""

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.nifti import Volume


def align_labels(labels: Volume, target: Grid, subject: str) -> npt.NDArray[np.uint8]:
    """Labels (i, j, k) in the axis order of the target.

    The grids must hold the same voxels in the same places; nothing is resampled.

    Args:
        labels: Labels on the target, or on that grid with axes swapped or flipped.
        target: The grid to be on.
        subject: The case or the file, for the message.

    Raises:
        DataError: Shape, spacing, position or direction differ.
    """
    axis_codes = target.axis_codes
    if not target.matches(reorient_grid(labels.grid, axis_codes)):
        copied = ", or give them its affine if the voxels correspond"
        raise DataError(
            subject,
            expected=f"labels on the grid that they belong to, {_describe(target)}",
            received=_describe(labels.grid),
            next_step="Resample the labels to that grid (nearest neighbour)"
            f"{copied if labels.grid.shape == target.shape else ''}.",
        )
    aligned: npt.NDArray[np.uint8] = reorient_array(labels.data, labels.grid.axis_codes, axis_codes)
    return aligned


def _describe(grid: Grid) -> str:
    spacing = " x ".join(f"{step:.6g}" for step in grid.spacing_mm)
    rows = ", ".join(
        "[" + ", ".join(f"{number:.6g}" for number in row) + "]" for row in grid.affine[:3]
    )
    return f"shape {grid.shape}, {spacing} mm, axes {grid.axis_codes}, affine [{rows}]"
