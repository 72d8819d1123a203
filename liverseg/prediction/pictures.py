"""What a prediction looks like: a sheet of the slices that matter, lesions and liver outlined."""

import math
import textwrap
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from liverseg.labels import REGIONS, Region, select_region
from liverseg.outputs import whole_file
from liverseg.prediction.key_slices import WINDOW_HU, KeySlice, KeySlices, select_key_slices
from liverseg.reporting.colours import ORANGE, SKY_BLUE
from liverseg.reporting.html_pages import NOT_CLINICAL
from liverseg.reporting.markdown import format_count
from liverseg.reporting.outlines import draw_outline
from liverseg.volumes.nifti import Volume

COLOURS: dict[Region, str] = {"liver": SKY_BLUE, "lesion": ORANGE}
WIDTHS: dict[Region, float] = {"liver": 0.9, "lesion": 1.4}
SCALE_BARS_MM = (200, 100, 50, 20, 10, 5)
LARGEST_BAR = 0.3
"""Of the width of a slice."""
UPPER_EDGE = 0.1
"""Of the height of a slice: here a number above its lesion would stand outside."""

PANEL_INCHES = 2.5
TITLE_INCHES = 0.25
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
    figure = build_figure(select_key_slices(scan, labels, lesion_connectivity))
    with whole_file(path) as partial:
        figure.savefig(partial, metadata={"Software": None})


def build_figure(key_slices: KeySlices) -> Figure:
    """The sheet of some key slices, an axis each, row by row in their order."""
    num_columns = _count_columns(len(key_slices.slices))
    num_rows = math.ceil(len(key_slices.slices) / num_columns)
    height = num_rows * (PANEL_INCHES + TITLE_INCHES) + TEXT_INCHES
    layout = ConstrainedLayoutEngine(h_pad=0.08)
    figure = Figure((num_columns * PANEL_INCHES, height), dpi=192, layout=layout)
    FigureCanvasAgg(figure)
    axes = figure.subplots(num_rows, num_columns, squeeze=False)
    for axis, key_slice in zip_longest(axes.flat, key_slices.slices):
        _draw_slice(axis, key_slice)
    figure.suptitle(describe_lesions(key_slices), fontsize=11)
    legend = figure.legend(
        handles=[
            Line2D([], [], color=COLOURS[region], lw=2 * WIDTHS[region], label=region)
            for region in REGIONS
        ],
        loc="outside lower center",
        ncols=len(REGIONS),
        frameon=False,
        title=_describe_view(num_columns),
        title_fontsize=7.5,
    )
    legend.get_title().set_multialignment("center")
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


def _draw_slice(axis: Any, key_slice: KeySlice | None) -> None:
    axis.set(xticks=[], yticks=[], frame_on=False)
    if key_slice is None:
        return
    height_mm, width_mm = key_slice.pixel_mm
    axis.imshow(
        key_slice.image,
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="bicubic",
        aspect=height_mm / width_mm,
    )
    for region in REGIONS:
        draw_outline(
            axis,
            select_region(key_slice.labels, region),
            colour=COLOURS[region],
            style="solid",
            width=WIDTHS[region],
        )
    _number_lesions(axis, key_slice.lesions)
    _mark_sides(axis)
    _draw_scale_bar(axis, width_mm * key_slice.image.shape[1])
    axis.set_title(key_slice.title, fontsize=8)


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
