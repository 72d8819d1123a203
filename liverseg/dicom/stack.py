"""Slices in the order in which they lie in the patient, and the grid that they make up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.dicom.headers import SliceHeader
from liverseg.errors import DataError
from liverseg.volumes.grid import LARGEST_SHEAR, Grid

TOLERANCE = 0.1
"""Of a step: how far a slice may lie from its even place. ``Grid.matches`` allows the same."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Evenly spaced slices, and where their voxels lie.

    Attributes:
        slices: One a position, in the direction of the cross product of row and column.
        grid: i runs along the rows, j along the columns, k from slice to slice. Its affine is
            sheared where the gantry was tilted: that is where the voxels are.
        notes: What the user should know of it, a sentence each.
    """

    slices: tuple[SliceHeader, ...]
    grid: Grid
    notes: tuple[str, ...]


def build_stack(name: str, slices: Sequence[SliceHeader]) -> Stack:
    """Order slices by position; the distance between them is measured, SliceThickness never read.

    Files that repeat an image, of one identity at one position, are used once. Distances count as
    even where each slice lies within a tenth of a step of its place.

    Args:
        name: The series, for messages.
        slices: In any order.

    Raises:
        DataError: Fewer than two slices, several sizes or orientations, two images at one position,
            missing slices, or distances that are uneven.
    """
    unique = {(slice_.instance_uid, slice_.position): slice_ for slice_ in reversed(slices)}
    _check_one_plane(name, list(unique.values()))
    ordered = sorted(unique.values(), key=_measure_depth)
    step = _measure_step(name, ordered)
    rows, columns = ordered[0].shape
    lps = np.eye(4)
    lps[:3] = np.column_stack(
        (ordered[0].along_row, ordered[0].along_column, step, ordered[0].position)
    )
    grid = Grid((columns, rows, len(ordered)), np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps)
    if not grid.is_invertible:
        raise DataError(
            name,
            expected="slices that span a volume",
            received=f"the affine {grid.affine.tolist()}",
            next_step="Fetch the series again.",
        )
    notes = []
    if len(unique) < len(slices):
        notes.append(f"{len(slices) - len(unique)} files repeat an image and are left out")
    if grid.shear > LARGEST_SHEAR:
        tilt = _measure_tilt(ordered[0], step)
        notes.append(
            f"the gantry was tilted by {tilt:.1f} degrees: its grid is sheared, which ingest "
            "refuses unless the import resamples it (--straighten)"
        )
    if any(slice_.slope is None or slice_.intercept is None for slice_ in ordered):
        notes.append("slices without RescaleSlope or RescaleIntercept: taken as 1 and 0")
    return Stack(tuple(ordered), grid, tuple(notes))


def _find_normal(slice_: SliceHeader) -> npt.NDArray[np.float64]:
    normal = np.cross(slice_.along_row, slice_.along_column)
    return normal / np.linalg.norm(normal)


def _measure_depth(slice_: SliceHeader) -> float:
    return float(_find_normal(slice_) @ slice_.position)


def _measure_tilt(slice_: SliceHeader, step: npt.NDArray[np.float64]) -> float:
    """Degrees between the step to the next slice and the normal of the slices."""
    cosine = _find_normal(slice_) @ step / np.linalg.norm(step)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _check_one_plane(name: str, slices: list[SliceHeader]) -> None:
    """All slices have one size, spacing and orientation, and rows and columns cross at 90°."""
    first = slices[0]
    steps = np.array([(slice_.along_row, slice_.along_column) for slice_ in slices])
    lengths = np.linalg.norm(steps[0], axis=1)
    received = ""
    if len(slices) < 2:
        received = "a single slice: how thick it is cannot be measured"
    elif lengths.min() <= 0 or abs(steps[0, 0] @ steps[0, 1]) > 1e-3 * lengths.prod():
        received = f"rows and columns along {first.along_row} and {first.along_column} mm"
    else:
        across = np.abs(steps - steps[0]).max(axis=(1, 2)) * max(first.shape)
        odd = next(
            (
                slice_
                for slice_, apart in zip(slices, across, strict=True)
                if slice_.shape != first.shape or apart > TOLERANCE * lengths.min()
            ),
            None,
        )
        if odd is not None:
            received = f"{odd.path.name} differs from {first.path.name} in size or direction"
    if received:
        raise DataError(
            name,
            expected="two or more slices of one size, spacing and direction",
            received=received,
            next_step="Take out of the folder what does not belong to the scan.",
        )


def _measure_step(name: str, ordered: list[SliceHeader]) -> npt.NDArray[np.float64]:
    """The step (x, y, z) in mm from each slice to the next."""
    positions = np.array([slice_.position for slice_ in ordered])
    depths = np.array([_measure_depth(slice_) for slice_ in ordered])
    gaps = np.diff(depths)
    usual = float(np.median(gaps))
    repeated = np.flatnonzero(gaps < max(TOLERANCE * usual, 1e-3))
    if repeated.size:
        first = int(repeated[0])
        raise DataError(
            name,
            expected="one image a position",
            received=f"{ordered[first].path.name} and {ordered[first + 1].path.name}, both at "
            f"{depths[first]:.2f} mm along the slice axis",
            next_step="Keep one acquisition in the folder, and import the others on their own.",
        )
    step: npt.NDArray[np.float64] = (positions[-1] - positions[0]) / (len(ordered) - 1)
    even = positions[0] + np.arange(len(ordered))[:, None] * step
    apart = np.linalg.norm(positions - even, axis=1).max()
    if apart > TOLERANCE * usual or np.abs(gaps - usual).max() > TOLERANCE * usual:
        wide = [
            f"{depths[index]:.2f} to {depths[index + 1]:.2f} mm"
            for index in np.flatnonzero(np.abs(gaps - usual) > TOLERANCE * usual)
        ]
        where = f"other gaps at {', '.join(wide[:5])}" if wide else "they do not lie on one line"
        raise DataError(
            name,
            expected=f"{len(ordered)} evenly spaced slices, one every {usual:.2f} mm",
            received=f"{where}{' and elsewhere' if wide[5:] else ''} along the slice axis",
            next_step="Slices may be missing: fetch the series again, whole.",
        )
    return step
