"""Labels of two files brought to one grid, where they lie on one."""

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.volumes.grid import Grid
from liverseg.volumes.nifti import Volume
from liverseg.volumes.orientation import reorient_array, reorient_grid


def align_labels(predicted: Volume, reference: Grid, subject: str) -> npt.NDArray[np.uint8]:
    """Predicted labels (i, j, k) in the axis order of the reference.

    The grids must hold the same voxels in the same places; nothing is resampled.

    Args:
        predicted: Labels on the grid of the reference, or that grid with axes swapped or flipped.
        reference: The grid to be on.
        subject: The case or the file, for the message.

    Raises:
        DataError: Shape, spacing, position or direction differ.
    """
    axis_codes = reference.axis_codes
    if not reference.matches(reorient_grid(predicted.grid, axis_codes)):
        raise DataError(
            subject,
            expected=f"a prediction on the grid of the reference, {_describe(reference)}",
            received=_describe(predicted.grid),
            next_step="Resample the prediction to the grid of the reference "
            "(nearest neighbour) and score again.",
        )
    labels: npt.NDArray[np.uint8] = reorient_array(
        predicted.data, predicted.grid.axis_codes, axis_codes
    )
    return labels


def _describe(grid: Grid) -> str:
    spacing = " x ".join(f"{step:.6g}" for step in grid.spacing_mm)
    rows = ", ".join(
        "[" + ", ".join(f"{number:.6g}" for number in row) + "]" for row in grid.affine[:3]
    )
    return f"shape {grid.shape}, {spacing} mm, axes {grid.axis_codes}, affine [{rows}]"
