"""What a prediction looks like: a sheet of the slices that matter, lesions and liver outlined."""

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from liverseg.labels import REGIONS, Region, select_region
from liverseg.pages.colours import ORANGE, SKY_BLUE
from liverseg.pages.html_pages import NOT_CLINICAL
from liverseg.pages.markdown import format_count
from liverseg.pages.panels import Line, Panel, build_sheet, write_sheet
from liverseg.scans.key_slices import WINDOW_HU, KeySlice, KeySlices, select_key_slices
from liverseg.volumes.nifti import Volume

LINES: dict[Region, Line] = {
    "liver": Line("liver", SKY_BLUE, 0.9),
    "lesion": Line("lesion", ORANGE, 1.4),
}
SCALE_BARS_MM = (200, 100, 50, 20, 10, 5)
LARGEST_BAR = 0.3
"""Of the width of a slice."""
UPPER_EDGE = 0.1
"""Of the height of a slice: here a number above its lesion would stand outside."""

TEXT_INCHES = 1.0
"""Above and below all slices."""
LETTERS_PER_COLUMN = 42
"""Of the text below them."""

_ON_GREY = [withStroke(linewidth=1.5, foreground="black")]


def draw_scan(
    path: Path, scan: Volume, labels: npt.NDArray[np.uint8], lesion_connectivity: int
) -> None:
    """Write a PNG of the key slices, see ``select_key_slices``; equal input gives equal bytes.

    Lesions bear the numbers of ``number_lesions``. A scan without liver or lesions is drawn too,
    and the sheet says so.

    Args:
        path: The PNG file.
        scan: In HU.
        labels: (i, j, k), of the scan's shape.
        lesion_connectivity: See ``number_lesions``.
    """
    write_sheet(path, build_figure(select_key_slices(scan, labels, lesion_connectivity)))


def build_figure(key_slices: KeySlices) -> Figure:
    """The sheet of some key slices, an axis each, row by row in their order."""
    slices = key_slices.slices
    num_columns = _count_columns(len(slices))
    panels = [_build_panel(each) for each in slices]
    rows = [panels[start : start + num_columns] for start in range(0, len(panels), num_columns)]
    note = _describe_view(num_columns)
    figure = build_sheet(rows, tuple(LINES.values()), text_inches=TEXT_INCHES, note=note)
    for axis, key_slice in zip(figure.axes, slices, strict=False):
        _number_lesions(axis, key_slice.lesions)
        _mark_sides(axis)
        _draw_scale_bar(axis, key_slice.pixel_mm[1] * key_slice.image.shape[1])
    figure.suptitle(describe_lesions(key_slices), fontsize=11)
    return figure


def describe_lesions(key_slices: KeySlices) -> str:
    """The title of a sheet: how many lesions there are, and how many of them have a slice."""
    if not key_slices.has_liver:
        return "No liver and no lesion found"
    if not key_slices.num_lesions:
        return "No lesion found"
    lesions = format_count(key_slices.num_lesions, "lesion")
    if key_slices.num_shown == key_slices.num_lesions:
        return lesions
    return f"{lesions}: slices of the {key_slices.num_shown} largest"


def _count_columns(num_slices: int) -> int:
    """As many as fill the rows where that is possible; the overviews are always two slices."""
    return {2: 2, 4: 2}.get(num_slices, 3 if num_slices <= 6 else 4)


def _describe_view(num_columns: int) -> str:
    low, high = WINDOW_HU
    text = (
        f"R and L are the patient's right and left. Window {low:g} to {high:g} HU (level "
        f"{(low + high) / 2:g}, width {high - low:g}). Slices count from 0 at the feet, rows of a "
        "slice from 0 at the front."
    )
    return f"{textwrap.fill(text, num_columns * LETTERS_PER_COLUMN)}\n{NOT_CLINICAL}"


def _build_panel(key_slice: KeySlice) -> Panel:
    masks = {LINES[region]: select_region(key_slice.labels, region) for region in REGIONS}
    return Panel(key_slice.title, key_slice.image, masks, key_slice.pixel_mm)


def _number_lesions(axis: Any, lesions: npt.NDArray[np.uint32]) -> None:
    """Write each number to the right of its lesion: above, or at the upper edge below it."""
    for lesion in np.unique(lesions[lesions > 0]):
        rows, columns = np.nonzero(lesions == lesion)
        is_above = rows.min() > UPPER_EDGE * len(lesions)
        corner = int(np.argmax(columns - rows if is_above else columns + rows))
        axis.annotate(
            str(lesion),
            (columns[corner], rows[corner]),
            xytext=(2, 2 if is_above else -2),
            textcoords="offset points",
            va="bottom" if is_above else "top",
            color=ORANGE,
            fontweight="bold",
            path_effects=_ON_GREY,
        )


def _mark_sides(axis: Any) -> None:
    for side, place, alignment in (("R", 0.03, "left"), ("L", 0.97, "right")):
        _write(axis, place, 0.5, side, ha=alignment)


def _draw_scale_bar(axis: Any, width_mm: float) -> None:
    fitting = (each for each in SCALE_BARS_MM if each <= LARGEST_BAR * width_mm)
    bar_mm = next(fitting, SCALE_BARS_MM[-1])
    end, height = 0.97, 0.04
    start = end - bar_mm / width_mm
    bar = Line2D([start, end], [height, height], color="white", lw=2, solid_capstyle="butt")
    bar.set(transform=axis.transAxes, path_effects=_ON_GREY)
    axis.add_line(bar)
    _write(axis, end, height, f"{bar_mm} mm\n", ha="right", va="center", fontsize=8)


def _write(axis: Any, across: float, up: float, text: str, **style: Any) -> None:
    """Write in white, at shares of the width and the height."""
    axis.text(
        across, up, text, transform=axis.transAxes, color="white", path_effects=_ON_GREY, **style
    )
