"""Volumes in other axis orders: flips and transpositions, never a copy and never interpolation."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    ornt_transform,
)

from liverseg.grids.grid import Grid

Scalar = TypeVar("Scalar", bound=np.generic)


def reorient_array(array: npt.NDArray[Scalar], source: str, target: str) -> npt.NDArray[Scalar]:
    """A view of a 3-D array with axes ``source``, such as ``RAS``, in the axis order ``target``."""
    view: npt.NDArray[Scalar] = apply_orientation(array, _transform(source, target))
    return view


def reorient_grid(grid: Grid, target: str) -> Grid:
    """The grid of ``reorient_array``'s view: its voxels lie where they lay."""
    transform = _transform(grid.axis_codes, target)
    i, j, k = (grid.shape[axis] for axis in np.argsort(transform[:, 0]))
    return Grid((i, j, k), grid.affine @ inv_ornt_aff(transform, grid.shape))


def _transform(source: str, target: str) -> npt.NDArray[np.float64]:
    transform: npt.NDArray[np.float64] = ornt_transform(axcodes2ornt(source), axcodes2ornt(target))
    return transform
