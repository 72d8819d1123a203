"""A voxel grid on which shapes are painted, one over the other."""

from dataclasses import dataclass

import numpy as np

from liverseg.bodies.fields import Axes
from liverseg.bodies.shapes import Floats, Points, Shape, Vector, compute_coverage

Box = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Canvas:
    """HU on a grid whose axes run to the patient's left, back and head.

    Attributes:
        axes: Voxel centres along x, y, z in mm of the scanner.
        points: The same voxel centres in mm of the patient: where the smooth warp puts them.
        hu: HU so far, (x, y, z), painted in place.
        margins_mm: How far beyond a shape's box, along x, y, z, voxels may lie that it touches.
    """

    axes: Axes
    points: Points
    hu: Floats
    margins_mm: Vector

    def find_box(self, bounds: tuple[Vector, Vector]) -> Box:
        """The voxels that can lie in a box of the patient; slices may be empty."""
        slices = []
        for axis, low, high, margin in zip(self.axes, *bounds, self.margins_mm, strict=True):
            slices.append(slice(*np.searchsorted(axis, (low - margin, high + margin)).tolist()))
        x, y, z = slices
        return x, y, z

    def crop(self, box: Box) -> "Canvas":
        """The part of the canvas in a box; painting on it paints on the whole."""
        x, y, z = (axis[part] for axis, part in zip(self.axes, box, strict=True))
        points = Points(*(coordinate[box] for coordinate in self.points))
        return Canvas((x, y, z), points, self.hu[box], self.margins_mm)

    def paint(self, shape: Shape, hu: float) -> tuple[Box, Floats]:
        """Paint a shape in one HU; returns the box that was touched and the coverage in it."""
        box = self.find_box(shape.bounds)
        part = self.crop(box)
        coverage = compute_coverage(shape.signed(part.points))
        part.fill(coverage, hu)
        return box, coverage

    def fill(self, coverage: Floats, hu: float | Floats) -> None:
        """Mix ``hu`` into the whole canvas by the share of each voxel."""
        self.hu[...] += coverage * (np.asarray(hu, np.float32) - self.hu)
