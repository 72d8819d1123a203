"""Slices in the order in which they lie in the patient, and the grid that they make up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from liverseg.dicom.headers import SliceHeader
from liverseg.errors import DataError
from liverseg.grids.grid import LARGEST_SHEAR, Grid

TOLERANCE = 0.1
"""Of a step: how far a slice may lie from its even place. ``Grid.matches`` allows the same."""


LARGEST_GAP = 5
"""Of the usual step: what lies in a wider gap is not known well enough to be made up."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices in order, and the evenly spaced grid that they make up.

    Attributes:
        slices: One a position, in the direction of the cross product of row and column.
        grid: i runs along the rows, j along the columns, k from slice to slice. Its affine is
            sheared where the gantry was tilted: that is where the voxels are.
        places: k of each slice on the grid, growing: 0, 1, 2, ... where the slices are even.
        notes: What the user should know of it, a sentence each.
    """

    slices: tuple[SliceHeader, ...]
    grid: Grid
    places: npt.NDArray[np.float64]
    notes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Columns, rows and number of slices, before uneven ones are resampled."""
        i, j, _ = self.grid.shape
        return i, j, len(self.slices)

    def find_voxels(
        self, lps: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Exact i and j and the nearest slice of points, and how far that slice is.

        Args:
            lps: Points (n, 3) in mm.

        Returns:
            (n, 3) and (n,), the latter in steps from slice to slice. A point beyond the first or
            the last slice is nearest to that one.
        """
        to_voxels = np.linalg.inv(self.grid.affine)[:3]
        exact = lps * (-1, -1, 1) @ to_voxels[:, :3].T + to_voxels[:, 3]
        above = np.searchsorted(self.places, exact[:, 2]).clip(1, len(self.places) - 1)
        below_is_nearer = exact[:, 2] - self.places[above - 1] < self.places[above] - exact[:, 2]
        nearest = above - below_is_nearer
        apart = np.abs(exact[:, 2] - self.places[nearest])
        exact[:, 2] = nearest
        return exact, apart


def build_stack(name: str, slices: Sequence[SliceHeader], *, resampled: bool = False) -> Stack:
    """Order slices by position; the distance between them is measured, SliceThickness never read.

    Files that repeat an image, of one identity at one position, are used once. Distances count as
    even where each slice lies within a tenth of a step of its place.

    Args:
        name: The series, for messages.
        slices: In any order, of one size, spacing and direction.
        resampled: Whether uneven slices are given an even grid, with the usual distance.

    Raises:
        DataError: Fewer than two slices, two images at one position, slices off one line, or,
            unless ``resampled``, missing slices or distances that are uneven.
    """
    unique = {(each.instance_uid, each.frame, each.position): each for each in reversed(slices)}
    if len(unique) < 2:
        raise DataError(
            name,
            expected="two or more slices",
            received="a single slice: how thick it is cannot be measured",
            next_step="Import the series whole.",
        )
    ordered = sorted(unique.values(), key=measure_depth)
    places, step = _place_slices(name, ordered, resampled)
    rows, columns = ordered[0].shape
    lps = np.eye(4)
    lps[:3] = np.column_stack(
        (ordered[0].along_row, ordered[0].along_column, step, ordered[0].position)
    )
    shape = (columns, rows, 1 + round(places[-1]))
    grid = Grid(shape, np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps)
    if not grid.is_invertible:
        raise DataError(
            name,
            expected="slices that span a volume",
            received=f"the affine {grid.affine.tolist()}",
            next_step="Fetch the series again.",
        )
    stack = Stack(tuple(ordered), grid, places, ())
    return replace(stack, notes=tuple(_list_notes(stack, len(slices) - len(unique))))


def _list_notes(stack: Stack, num_repeated: int) -> Iterator[str]:
    first, grid = stack.slices[0], stack.grid
    if num_repeated:
        yield f"{num_repeated} files repeat an image and are left out"
    if grid.shape[2] != len(stack.slices) or (np.diff(stack.places) != 1).any():
        gaps = np.diff(stack.places) * np.linalg.norm(grid.affine[:3, 2])
        yield (
            f"{len(stack.slices)} slices at distances of {gaps.min():.2f} to {gaps.max():.2f} mm "
            f"are resampled to {grid.shape[2]}, one every {grid.spacing_mm[2]:.2f} mm"
        )
    if grid.shear > LARGEST_SHEAR:
        yield (
            f"the gantry was tilted by {_measure_tilt(first, grid):.1f} degrees: its grid is "
            "sheared, which ingest refuses unless the import resamples it (--straighten)"
        )
    if any(each.values.slope is None or each.values.intercept is None for each in stack.slices):
        yield "slices without RescaleSlope or RescaleIntercept: taken as 1 and 0"


def _find_normal(slice_: SliceHeader) -> npt.NDArray[np.float64]:
    normal = np.cross(slice_.along_row, slice_.along_column)
    return normal / np.linalg.norm(normal)


def measure_depth(slice_: SliceHeader) -> float:
    """Millimetres along the normal of the slice, from the origin."""
    return float(_find_normal(slice_) @ slice_.position)


def _measure_tilt(slice_: SliceHeader, grid: Grid) -> float:
    """Degrees between the step to the next slice and the normal of the slices."""
    step = grid.affine[:3, 2] * (-1, -1, 1)
    cosine = _find_normal(slice_) @ step / np.linalg.norm(step)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _place_slices(
    name: str, ordered: list[SliceHeader], resampled: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The k of each slice on an even grid, and its step (x, y, z) in mm."""
    positions = np.array([slice_.position for slice_ in ordered])
    depths = np.array([measure_depth(slice_) for slice_ in ordered])
    gaps = np.diff(depths)
    usual = float(np.median(gaps))
    _check_single_images(name, ordered, depths, usual)
    line = positions[-1] - positions[0]
    places = np.arange(len(ordered), dtype=np.float64)
    even = positions[0] + places[:, None] * line / places[-1]
    apart = np.linalg.norm(positions - even, axis=1).max()
    uneven = np.abs(gaps - usual) > TOLERANCE * usual
    if apart <= TOLERANCE * usual and not uneven.any():
        return places, line / places[-1]
    share = (depths - depths[0]) / (depths[-1] - depths[0])
    aside = np.linalg.norm(positions - positions[0] - share[:, None] * line, axis=1).max()
    on_a_line = aside <= TOLERANCE * usual
    is_narrow = bool(gaps.max() <= LARGEST_GAP * usual)
    if not (resampled and on_a_line and is_narrow):
        wide = [
            f"{depths[index]:.2f} to {depths[index + 1]:.2f} mm" for index in np.flatnonzero(uneven)
        ]
        where = f"other gaps at {', '.join(wide[:5])}" if wide else "they do not lie on one line"
        raise DataError(
            name,
            expected=f"{len(ordered)} evenly spaced slices, one every {usual:.2f} mm",
            received=f"{where}{' and elsewhere' if wide[5:] else ''} along the slice axis",
            next_step=_advise(on_a_line=on_a_line, is_narrow=is_narrow),
        )
    steps = max(1, round((depths[-1] - depths[0]) / usual))
    return share * steps, line / steps


def _check_single_images(
    name: str, ordered: list[SliceHeader], depths: npt.NDArray[np.float64], usual: float
) -> None:
    repeated = np.flatnonzero(np.diff(depths) < max(TOLERANCE * usual, 1e-3))
    if repeated.size:
        first = int(repeated[0])
        raise DataError(
            name,
            expected="one image a position",
            received=f"{ordered[first].path.name} and {ordered[first + 1].path.name}, both at "
            f"{depths[first]:.2f} mm along the slice axis",
            next_step="Keep one acquisition in the folder, and import the others on their own.",
        )


def _advise(*, on_a_line: bool, is_narrow: bool) -> str:
    if not on_a_line:
        return "Fetch the series again, whole."
    if not is_narrow:
        return f"Gaps of more than {LARGEST_GAP} steps are not filled: fetch the series again."
    return (
        "Slices may be missing: fetch the series again, whole. Or make up what lies between: "
        "liverseg import FOLDER -o SET --resample-slices, and go on with SET/images."
    )
