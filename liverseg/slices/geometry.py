"""How the slices of a case relate to its volume: one orientation, square in millimetres, resized.

Every step here has its way back: the axis order is undone by a view, padding by a crop, a crop by
background around it, and a resize by another one. At ``image_size`` equal to the side of the square
nothing is resized.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.grids.cropping import Box
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.slices.regions import Region

Scalar = TypeVar("Scalar", bound=np.generic)

SLICE_AXES = "SPL"
"""Where slices, rows and columns increase to: feet to head, front to back, the patient's right to
left. So a slice is seen as radiologists see it, with the patient's right on the left."""

LARGEST_SIDE = 4096
"""Of a padded slice, in voxels: scanners make 512 to 2048, a false spacing asks for any number."""

MOST_PADDING = 100
"""Times the voxels of a slice that its padded square may have: the sides' ratio in millimetres."""


@dataclass(frozen=True, eq=False)
class SliceGrid:
    """The square slices of a case, as they follow from the grid of its scan.

    Attributes:
        grid: Of the scan.
        image_size: Rows and columns of a slice.
        region: What of the scan they show; None for all of it.
    """

    grid: Grid
    image_size: int
    region: Region | None = None

    @cached_property
    def slices(self) -> Grid:
        """The scan's grid with axes (slice, row, column), before cropping and resizing."""
        return reorient_grid(self.grid, SLICE_AXES)

    @property
    def shown(self) -> slice:
        """Slices of the scan that are shown."""
        if self.region is None:
            return slice(0, self.slices.shape[0])
        return slice(self.region.first_slice, self.region.first_slice + self.region.num_slices)

    @property
    def num_slices(self) -> int:
        """Number of slices shown, feet to head."""
        shown = self.shown
        return int(shown.stop - shown.start)

    @property
    def plane_shape(self) -> tuple[int, int]:
        """Rows and columns of a slice of the scan."""
        return self.slices.shape[1:]

    @property
    def square_shape(self) -> tuple[int, int]:
        """Rows and columns of the square in millimetres that is shown, to the nearest voxel.

        It is that of the region; without one the slice padded to its longer side.

        Raises:
            DataError: The slice is so long and thin that the square would be too large.
        """
        if self.region is not None:
            return self.region.rows, self.region.columns
        spacing_mm = self.slices.spacing_mm[1:]
        lengths_mm = np.multiply(self.plane_shape, spacing_mm)
        rows, columns = np.rint(lengths_mm.max() / spacing_mm).astype(int).tolist()
        most = MOST_PADDING * self.plane_shape[0] * self.plane_shape[1]
        if max(rows, columns) > LARGEST_SIDE or rows * columns > most:
            raise DataError(
                f"axial slices of {self.plane_shape[0]} x {self.plane_shape[1]} voxels of "
                f"{spacing_mm[0]:g} x {spacing_mm[1]:g} mm",
                expected=f"at most {LARGEST_SIDE} voxels a side, and {MOST_PADDING} times the "
                "voxels, once padded to a square in millimetres",
                received=f"{rows} x {columns}",
                next_step="Look for a false spacing in the header, or leave the case out "
                "(data.exclude).",
            )
        return rows, columns

    @cached_property
    def pixel_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring rows and columns of the resized slices, and of slices."""
        between_slices, row, column = self.slices.spacing_mm
        rows, columns = self.square_shape
        return row * rows / self.image_size, column * columns / self.image_size, between_slices

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the square at which the slice of the scan begins; negative outside."""
        if self.region is not None:
            return -self.region.top, -self.region.left
        (rows, columns), (square_rows, square_columns) = self.plane_shape, self.square_shape
        return (square_rows - rows) // 2, (square_columns - columns) // 2

    def to_json(self) -> str:
        """A JSON text that holds every bit of it."""
        return json.dumps(
            {
                "image_size": self.image_size,
                "shape": self.grid.shape,
                "affine": self.grid.affine.tolist(),
                "region": self.region and asdict(self.region),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "SliceGrid":
        """The slice grid that ``to_json`` described."""
        content = json.loads(text)
        i, j, k = content["shape"]
        grid = Grid((i, j, k), np.array(content["affine"]))
        region = content["region"]
        return cls(grid, content["image_size"], Region(**region) if region else None)


def view_slices(volume: npt.NDArray[Scalar], slice_grid: SliceGrid) -> npt.NDArray[Scalar]:
    """A view (num_slices, rows, columns) of a volume (i, j, k) on the scan's grid.

    Of the slices that are shown; rows and columns are those of the scan.
    """
    slices = reorient_array(volume, slice_grid.grid.axis_codes, SLICE_AXES)
    return slices[slice_grid.shown]


def cut_plane(
    plane: npt.NDArray[Scalar], slice_grid: SliceGrid, value: float
) -> npt.NDArray[Scalar]:
    """The square that is shown of a slice of the scan (rows, columns); ``value`` beyond the scan.

    Args:
        plane: (rows, columns) of the scan.
        slice_grid: Of the case.
        value: Of the pixels that lie outside of the scan.
    """
    in_plane, in_square = find_overlap(slice_grid)
    part = plane[in_plane]
    if part.shape == slice_grid.square_shape:
        return np.ascontiguousarray(part)
    square = np.full(slice_grid.square_shape, value, plane.dtype)
    square[in_square] = part
    return square


def find_overlap(slice_grid: SliceGrid) -> tuple[Box, Box]:
    """What slice and square have in common: rows and columns of the slice, and of the square.

    Both are empty where the square lies outside of the scan.
    """
    plane, square = [], []
    for corner, length, side in zip(
        slice_grid.corner, slice_grid.plane_shape, slice_grid.square_shape, strict=True
    ):
        first = min(max(corner, 0), side)
        last = min(max(corner + length, first), side)
        square.append(slice(first, last))
        start = max(first - corner, 0)
        plane.append(slice(start, start + last - first))
    return tuple(plane), tuple(square)


def resize_plane(plane: npt.NDArray[np.float32], shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """A slice of another (rows, columns): averaged along an axis that shrinks, else linear.

    Pixels are squares that fill the slice: its edges stay where they are, in either direction.

    Args:
        plane: (rows, columns), float32.
        shape: Rows and columns of the result.
    """
    rows, columns = (min(old, new) for old, new in zip(plane.shape, shape, strict=True))
    averaged = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
    resized: npt.NDArray[np.float32] = cv2.resize(
        averaged, shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    return resized


def resize_labels(plane: npt.NDArray[np.uint8], shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Labels of another (rows, columns): those at the nearest pixel centre."""
    resized: npt.NDArray[np.uint8] = cv2.resize(
        plane, shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT
    )
    return resized


def build_label_slices(
    labels: npt.NDArray[np.uint8], slice_grid: SliceGrid
) -> npt.NDArray[np.uint8]:
    """Labels (num_slices, image_size, image_size) of a label volume (i, j, k)."""
    size = slice_grid.image_size
    return np.array(
        [
            resize_labels(cut_plane(plane, slice_grid, 0), (size, size))
            for plane in view_slices(labels, slice_grid)
        ]
    )
