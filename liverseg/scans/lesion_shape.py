"""Size and place of a lesion, by its voxels alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.grids.cropping import Box
from liverseg.grids.grid import Grid
from liverseg.scans.diameters import Diameters, measure_diameters

Point = tuple[float, float, float]
Ends = tuple[Point, Point]


@dataclass(frozen=True)
class LesionShape:
    """A lesion without its HU.

    Attributes:
        volume_ml: Its voxels times the volume of one.
        diameters: Longest and perpendicular, in the slices across the axis nearest to feet-head;
            the other two axes count as perpendicular to each other.
        centre_voxel: Mean i, j and k.
        centre_ras_mm: The same in the patient: mm towards right, anterior, superior.
        longest_ras_mm: The ends of the longest diameter in the patient.
        perpendicular_ras_mm: Those of the perpendicular one.
    """

    volume_ml: float
    diameters: Diameters
    centre_voxel: Point
    centre_ras_mm: Point
    longest_ras_mm: Ends
    perpendicular_ras_mm: Ends

    @property
    def centre_lps_mm(self) -> Point:
        """The centre as DICOM and ITK give it: mm towards left, posterior, superior."""
        x, y, z = self.centre_ras_mm
        return -x, -y, z


def find_slice_axis(grid: Grid) -> int:
    """Which axis of an array on the grid counts axial slices."""
    return next(axis for axis, code in enumerate(grid.axis_codes) if code in "SI")


def measure_shape(mask: npt.NDArray[np.bool_], box: Box, grid: Grid) -> LesionShape:
    """The lesion that fills ``mask``, at least a voxel, in ``box``.

    Args:
        mask: (i, j, k), as large as the box.
        box: Of the grid.
        grid: Of the scan.
    """
    axis = find_slice_axis(grid)
    order = (axis, *(other for other in range(3) if other != axis))
    across, rows, columns = (grid.spacing_mm[each] for each in order)
    start = [side.start for side in box]
    centre = np.argwhere(mask).mean(axis=0) + start
    diameters = measure_diameters(mask.transpose(order), (across, rows, columns))
    in_box = grid.affine[:3, order]  # of indices in the order that diameters were measured in
    corner = grid.affine[:3, :3] @ start + grid.affine[:3, 3]
    longest, perpendicular = (
        (_to_point(in_box @ first + corner), _to_point(in_box @ second + corner))
        for first, second in (diameters.longest_ends, diameters.perpendicular_ends)
    )
    return LesionShape(
        volume_ml=int(np.count_nonzero(mask)) * grid.voxel_ml,
        diameters=diameters,
        centre_voxel=_to_point(centre),
        centre_ras_mm=_to_point(grid.affine[:3, :3] @ centre + grid.affine[:3, 3]),
        longest_ras_mm=longest,
        perpendicular_ras_mm=perpendicular,
    )


def _to_point(values: npt.NDArray[np.float64]) -> Point:
    i, j, k = values.tolist()
    return i, j, k
