"""Scans of a tilted gantry, resampled to a rectangular grid."""

import math
from typing import Literal

import numpy as np
from scipy.ndimage import shift

from liverseg.grids.grid import Grid
from liverseg.volumes.nifti import Volume


def straighten(volume: Volume, *, order: Literal[0, 1], fill: float) -> Volume:
    """The volume on a grid whose slices lie straight above each other.

    Every slice stays in its plane and is moved within it; the grid grows by as much as they move.
    Moves by whole voxels change no value.

    Args:
        volume: Slices along k; the affine may be sheared in k alone.
        order: 1 interpolates linearly, for HU; 0 takes the nearest voxel, for labels.
        fill: Value of the voxels that no slice covers.
    """
    along_i, along_j, step = volume.grid.affine[:3, :3].T
    moves = np.array([step @ along / (along @ along) for along in (along_i, along_j)])  # voxels
    rows, columns, k = volume.grid.shape
    farthest = moves * (k - 1)
    first = np.maximum(0, -farthest)  # the move of slice 0, so that none leaves the grid
    i, j = (n + math.ceil(abs(move)) for n, move in zip((rows, columns), farthest, strict=True))
    data = np.empty((i, j, k), volume.data.dtype, order="F")
    for index in range(k):
        plane = np.full((i, j), fill, np.float32)
        plane[:rows, :columns] = volume.data[..., index]
        moved = shift(plane, first + index * moves, order=order, cval=fill)
        data[..., index] = moved if data.dtype.kind == "f" else np.rint(moved)
    affine = volume.grid.affine.copy()
    affine[:3, 2] = step - moves[0] * along_i - moves[1] * along_j
    affine[:3, 3] -= first[0] * along_i + first[1] * along_j
    return Volume(data, Grid((i, j, k), affine))
