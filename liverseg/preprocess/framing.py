"""What slices show of a scan: a square of fixed size in millimetres, around scan or liver."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from liverseg.grids.cropping import Box
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_grid
from liverseg.slices.geometry import SLICE_AXES
from liverseg.slices.regions import CaseRegion, Region
from liverseg.slices.stacks import Preprocessing
from liverseg.tables.case_table import Case
from liverseg.volumes.reading import read_case_grid


def frame_scan(grid: Grid, preprocessing: Preprocessing) -> Region | None:
    """All slices of a scan in squares of fixed size around its middle; None for squares of its own.

    What lies outside of them is not shown.
    """
    if preprocessing.pixel_mm is None:
        return None
    num_slices, rows, columns = reorient_grid(grid, SLICE_AXES).shape
    whole = (slice(0, num_slices), slice(0, rows), slice(0, columns))
    return _frame(whole, grid, preprocessing, side_mm=0)


def frame_scans(
    root: Path, cases: Iterable[Case], preprocessing: Preprocessing
) -> tuple[CaseRegion, ...]:
    """The region of each case where models see whole scans; of files, the headers are read.

    Args:
        root: What the files of the cases are relative to.
        cases: In their order.
        preprocessing: Of the models.

    Raises:
        DataError: A header cannot be read.
    """
    return tuple(
        CaseRegion(
            case.case_id, "scan", frame_scan(read_case_grid(root, case), preprocessing), None
        )
        for case in cases
    )


def frame_liver(
    liver: Box, grid: Grid, preprocessing: Preprocessing, shift_mm: Sequence[float] = (0, 0, 0)
) -> Region:
    """The surroundings of a liver: its slices and a margin, in squares around its middle.

    The squares are as large as the preprocessing says, or, where liver and margin take more, as
    large as these: the pixels of that scan are then coarser than ``pixel_mm``.

    Args:
        liver: Slices, rows and columns of the scan with axes ``SLICE_AXES``; not empty.
        grid: Of the scan.
        preprocessing: With a size of pixels and a margin.
        shift_mm: Moves the region along slices, rows and columns, by at most the margin.
    """
    slice_mm, *plane_mm = reorient_grid(grid, SLICE_AXES).spacing_mm
    extents_mm = [
        (along.stop - along.start) * mm for along, mm in zip(liver[1:], plane_mm, strict=True)
    ]
    side_mm = max(extents_mm) + 2 * preprocessing.margin_mm
    margin = preprocessing.margin_mm / slice_mm
    shift = shift_mm[0] / slice_mm
    num_slices = reorient_grid(grid, SLICE_AXES).shape[0]
    first = int(np.clip(np.floor(liver[0].start - margin + shift), 0, liver[0].start))
    last = int(np.clip(np.ceil(liver[0].stop + margin + shift), liver[0].stop, num_slices))
    return _frame((slice(first, last), *liver[1:]), grid, preprocessing, side_mm, shift_mm[1:])


def _frame(
    shown: Box,
    grid: Grid,
    preprocessing: Preprocessing,
    side_mm: float,
    shift_mm: Sequence[float] = (0, 0),
) -> Region:
    """The slices of a box, in squares of at least ``side_mm`` around the middle of its plane."""
    if preprocessing.pixel_mm is not None:
        side_mm = max(side_mm, preprocessing.image_size * preprocessing.pixel_mm)
    spacing_mm = reorient_grid(grid, SLICE_AXES).spacing_mm[1:]
    lengths = [max(1, round(side_mm / mm)) for mm in spacing_mm]
    top, left = (
        round((along.start + along.stop - length) / 2 + shift / mm)
        for along, length, mm, shift in zip(shown[1:], lengths, spacing_mm, shift_mm, strict=True)
    )
    first, last = shown[0].start, shown[0].stop
    return Region(first, last - first, top, left, *lengths)
