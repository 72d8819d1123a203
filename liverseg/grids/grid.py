"""The voxel grid of a volume: its shape and where it lies in the patient."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from nibabel.affines import apply_affine, voxel_sizes
from nibabel.orientations import aff2axcodes

LARGEST_SHEAR = 1e-3
"""Of the cosine between two axes: what rounding leaves in a header, and 0.05 % of a distance."""

SMALLEST_SPACING_MM = 1e-6
LARGEST_MM = 1e6
"""Of a spacing and of a coordinate: beyond any scanner, far within what can be computed with."""

FLATTEST = 1e-6
"""Least ratio of the singular values of the axes' directions: below it they lie in one plane."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Shape and affine of a volume.

    Attributes:
        shape: Number of voxels along i, j, k.
        affine: 4×4 float64; maps voxel indices (i, j, k, 1) to millimetres (x, y, z, 1), RAS+ as in
            nibabel.
    """

    shape: tuple[int, int, int]
    affine: npt.NDArray[np.float64]

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxel centres along i, j, k."""
        i, j, k = voxel_sizes(self.affine)
        return float(i), float(j), float(k)

    @property
    def is_invertible(self) -> bool:
        """Whether the affine leads back: finite, of a possible size, its axes not in one plane."""
        if not (np.abs(self.affine) <= LARGEST_MM).all():  # nor is it where a number is NaN
            return False
        directions = self.affine[:3, :3]
        lengths_mm = np.linalg.norm(directions, axis=0)
        if lengths_mm.min() < SMALLEST_SPACING_MM:
            return False
        widths = np.linalg.svd(directions / lengths_mm, compute_uv=False)
        return bool(widths.min() > FLATTEST * widths.max())

    @property
    def axis_codes(self) -> str:
        """Where i, j, k increase to, e.g. ``LPS`` (nearest axes for an oblique grid)."""
        return "".join(aff2axcodes(self.affine))

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel."""
        return float(abs(np.linalg.det(self.affine[:3, :3]))) / 1000

    @property
    def shear(self) -> float:
        """Largest cosine between two axes: 0 where all are at right angles."""
        axes = self.affine[:3, :3] / np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(np.abs(axes.T @ axes - np.eye(3)).max())

    def matches(self, other: "Grid") -> bool:
        """Same shape, and every corner within a tenth of the smallest spacing."""
        if self.shape != other.shape:
            return False
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape])).reshape(3, -1)
        apart = apply_affine(self.affine - other.affine, corners.T)
        return bool(np.linalg.norm(apart, axis=1).max() <= 0.1 * min(self.spacing_mm))
