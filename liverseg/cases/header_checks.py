"""What is wrong, or looks wrong, with where a scan says it lies."""

from collections.abc import Iterator

import numpy as np

from liverseg.cases.findings import Finding, build_error, build_warning
from liverseg.grids.grid import LARGEST_SHEAR, Grid
from liverseg.volumes.placement import Placement

PLAUSIBLE_SPACING_MM = (0.2, 10.0)
"""A body CT has 0.5 to 1 mm in plane (a circle of 250 to 500 mm on 512 pixels) and slices of 0.5 to
8 mm; resampled ones lie in between."""

PLAUSIBLE_WIDTH_MM = (150.0, 800.0)
"""Side of an axial slice that holds a liver: a child's trunk to the widest bore."""

MOST_UNEQUAL_SIDES = 4.0
"""Ratio of the sides of an axial slice; once padded to a square, more than that is mostly air."""

SMALLEST_MATRIX = 512
"""Pixels along a side of what scanners reconstruct; no usual field of view makes them 1 mm wide,
and scans that were resampled to 1 mm have fewer."""


def check_header(
    placement: Placement, grid: Grid, *, spacing_step: str, is_given: bool = False
) -> Iterator[Finding]:
    """Findings on the geometry of the scan.

    Args:
        placement: What its header says.
        grid: The grid that is used: the header's, or with a spacing that the user has given.
        spacing_step: What the user can do about a false spacing.
        is_given: Whether the user has given the spacing.
    """
    if min(grid.shape) < 2:
        shape = " x ".join(str(length) for length in grid.shape)
        yield build_error(f"the scan is a single slice, {shape} voxels", "Give the whole volume.")
    if grid.shear > LARGEST_SHEAR:
        yield build_error(
            f"the scan's affine is sheared (cosine {grid.shear:.3g} between two axes), as a tilted "
            "gantry leaves it",
            "Resample it to a rectangular grid, and its mask with it.",
        )
    widths_mm = _measure_axial_slice(grid)
    if max(widths_mm) > MOST_UNEQUAL_SIDES * min(widths_mm):
        sides = " x ".join(f"{width:.4g}" for width in widths_mm)
        yield build_error(
            f"axial slices of {sides} mm", f"Look for a false spacing. {spacing_step}"
        )
    if not placement.has_form:
        yield build_warning(
            "the header has neither qform nor sform: which side is left and which end is the head "
            "is a guess",
            "Convert the scan again from DICOM, if you can.",
        )
    if not placement.forms_agree:
        yield build_warning(
            "qform and sform place the scan differently; the sform is used, other programs may "
            "take the qform",
            "Find out which is right, and write it to both.",
        )
    if doubt := _doubt_size(grid) if is_given else _doubt_default(grid) or _doubt_size(grid):
        yield build_warning(doubt, spacing_step)


def _doubt_default(grid: Grid) -> str:
    """Why the spacing may be what programs write without knowing it; empty where it is not 1 mm."""
    pixels = [grid.shape[axis] for axis in _find_in_plane(grid)]
    if np.array_equal(np.abs(grid.affine), np.eye(4)):
        found = "an identity affine"
    elif grid.spacing_mm == (1, 1, 1) and min(pixels) >= SMALLEST_MATRIX:
        found = f"an axial matrix of {' x '.join(map(str, pixels))}"
    else:
        return ""
    return (
        f"{found}, spacing 1 x 1 x 1 mm: the header seems to have lost the true one, and maybe "
        "which side is left, as in LiTS 28 to 47; volumes in ml and distances in mm would be wrong"
    )


def _doubt_size(grid: Grid) -> str:
    """Why the spacing may be false; empty where it is plausible."""
    widths_mm = _measure_axial_slice(grid)
    low, high = PLAUSIBLE_SPACING_MM
    narrow, wide = PLAUSIBLE_WIDTH_MM
    if min(grid.spacing_mm) < low or max(grid.spacing_mm) > high:
        found = f"a spacing of {' x '.join(f'{length:.4g}' for length in grid.spacing_mm)} mm"
    elif min(widths_mm) < narrow or max(widths_mm) > wide:
        found = f"axial slices of {' x '.join(f'{width:.0f}' for width in widths_mm)} mm"
    else:
        return ""
    return (
        f"{found}, not plausible for a CT of the body; volumes in ml and distances in mm may be "
        "wrong"
    )


def _measure_axial_slice(grid: Grid) -> list[float]:
    """Both sides of an axial slice in mm."""
    return [grid.shape[axis] * grid.spacing_mm[axis] for axis in _find_in_plane(grid)]


def _find_in_plane(grid: Grid) -> list[int]:
    """Both axes of an axial slice."""
    return [axis for axis, code in enumerate(grid.axis_codes) if code not in "SI"]
