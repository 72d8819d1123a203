"""Where a point of one scan lies in another one of the same patient."""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from liverseg.grids.grid import Grid

Points = npt.NDArray[np.float64]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class RigidMotion:
    """A turn and a shift; nothing is bent or scaled.

    Attributes:
        matrix: 4×4; maps millimetres of the first scan to those of the second, RAS+ both.
    """

    matrix: npt.NDArray[np.float64]

    def move(self, points_mm: Points) -> Points:
        """Points (..., 3) of the first scan as points of the second."""
        return _apply(self.matrix, points_mm)

    @property
    def inverse(self) -> "RigidMotion":
        """From the second scan to the first."""
        return RigidMotion(_invert(self.matrix))

    @property
    def turn_degrees(self) -> float:
        """The angle of the turn, about whatever axis."""
        cosine = (np.trace(self.matrix[:3, :3]) - 1) / 2
        return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def find_points(where: npt.NDArray[Any], grid: Grid) -> Points:
    """Centres in mm (n, 3) of the voxels of an array (i, j, k) that are not 0, in C order."""
    return _apply(grid.affine, np.argwhere(where))


def look_up(values: npt.NDArray[Scalar], grid: Grid, points_mm: Points) -> npt.NDArray[Scalar]:
    """The value of the voxel that holds each point (n, 3); 0 outside of the grid.

    Args:
        values: (i, j, k), on the grid.
        grid: Its affine can be inverted.
        points_mm: In the millimetres of the grid.
    """
    indices = np.rint(_apply(_invert(grid.affine), points_mm)).astype(np.int64)
    inside = ((indices >= 0) & (indices < values.shape)).all(axis=-1)
    found = np.zeros(len(points_mm), values.dtype)
    found[inside] = values[tuple(indices[inside].T)]
    return found


def _apply(affine: npt.NDArray[np.float64], points: npt.NDArray[Any]) -> Points:
    moved: Points = points @ affine[:3, :3].T + affine[:3, 3]
    return moved


def _invert(affine: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    inverse: npt.NDArray[np.float64] = np.linalg.inv(affine).astype(np.float64)
    return inverse
