"""Scans as the locator sees them: whole, in coarse pixels, with fewer slices."""

import numpy as np

from liverseg.grids.grid import Grid
from liverseg.params import LocatorParams
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import Volume


def build_coarse_view(locator: LocatorParams) -> Preprocessing:
    """How the locator sees a scan, as a preprocessing of whole scans."""
    return Preprocessing(
        windows_hu=locator.windows_hu,
        image_size=locator.image_size,
        pixel_mm=locator.pixel_mm,
        slice_mm=locator.slice_mm,
        format="npz",
    )


def choose_step(grid: Grid, slice_mm: float | None) -> int:
    """Which of its slices a scan keeps, the first at the feet and every so many after it.

    Args:
        grid: Of the scan.
        slice_mm: How far apart they should lie, nearly; slices further apart stay all, and so they
            do for None.
    """
    if slice_mm is None:
        return 1
    return max(1, round(slice_mm / grid.spacing_mm[_find_axis(grid)]))


def thin_volume(volume: Volume, step: int) -> Volume:
    """A view of the slices that stay: from the feet, every ``step``-th.

    Args:
        volume: Values (i, j, k) in any orientation.
        step: As ``choose_step`` chose it.
    """
    grid, axis = volume.grid, _find_axis(volume.grid)
    feet_come_last = grid.axis_codes[axis] == "I"
    start = (grid.shape[axis] - 1) % step if feet_come_last else 0
    kept = [slice(None)] * 3
    kept[axis] = slice(start, None, step)
    data = volume.data[tuple(kept)]
    first, steps = np.zeros(3), np.ones(3)
    first[axis], steps[axis] = start, step
    affine = grid.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ first
    affine[:3, :3] *= steps
    i, j, k = data.shape
    return Volume(data, Grid((i, j, k), affine))


def _find_axis(grid: Grid) -> int:
    """The axis that runs along the patient."""
    return next(axis for axis, code in enumerate(grid.axis_codes) if code in "IS")
