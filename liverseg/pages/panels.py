"""Panels: grey slices with outlines of masks, of which every picture of the liver is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from liverseg.outputs import whole_file
from liverseg.pages.outlines import Plane

PANEL_INCHES = 2.5
TITLE_INCHES = 0.15
"""Of each line of a title."""
GAP_INCHES = 0.1
"""Between rows."""

DPI = 192


@dataclass(frozen=True)
class Line:
    """How the outline of a mask is drawn.

    Attributes:
        name: Of what lies inside.
        colour: As Matplotlib and CSS take it.
        width: In points.
        style: Of the line.
    """

    name: str
    colour: str
    width: float
    style: Literal["solid", "dashed"] = "solid"


@dataclass(frozen=True, eq=False)
class Panel:
    """One slice.

    Attributes:
        title: What is seen, in one or more lines.
        image: Grey values (rows, columns).
        masks: (rows, columns) each, by the line around them; the last is drawn on top.
        pixel_mm: Height and width of a pixel.
    """

    title: str
    image: Plane
    masks: Mapping[Line, npt.NDArray[np.bool_]]
    pixel_mm: tuple[float, float] = (1.0, 1.0)


def build_sheet(
    rows: Sequence[Sequence[Panel]], lines: Sequence[Line], *, text_inches: float, note: str = ""
) -> Figure:
    """Panels side by side, an axis each, row by row; short rows end in empty ones.

    Args:
        rows: At least one panel.
        lines: Of the legend, which stands below.
        text_inches: Height of all that stands above and below the panels.
        note: Above the legend.
    """
    num_columns = max(map(len, rows))
    title_lines = max(panel.title.count("\n") + 1 for row in rows for panel in row)
    row_inches = PANEL_INCHES + title_lines * TITLE_INCHES + GAP_INCHES
    height = len(rows) * row_inches + text_inches
    layout = ConstrainedLayoutEngine(h_pad=0.08)
    figure = Figure((num_columns * PANEL_INCHES, height), dpi=DPI, layout=layout)
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), num_columns, squeeze=False)
    for row_axes, row in zip(axes, rows, strict=True):
        for axis, panel in zip_longest(row_axes, row):
            axis.set(xticks=[], yticks=[], frame_on=False)
            if panel is not None:
                _draw_panel(axis, panel)
    legend = figure.legend(
        handles=[
            Line2D([], [], color=each.colour, ls=each.style, lw=1.5 * each.width, label=each.name)
            for each in lines
        ],
        loc="outside lower center",
        ncols=min(len(lines), 2 * num_columns - 1),
        fontsize=8.5,
        frameon=False,
        title=note,
        title_fontsize=7.5,
    )
    legend.get_title().set_multialignment("center")
    return figure


def write_sheet(path: Path, sheet: Figure) -> None:
    """Write a PNG; equal sheets give equal bytes."""
    with whole_file(path) as partial:
        sheet.savefig(partial, metadata={"Software": None})


def _draw_panel(axis: Any, panel: Panel) -> None:
    """Draw on an axis of Matplotlib; its coordinates are then the pixels."""
    height_mm, width_mm = panel.pixel_mm
    axis.imshow(
        panel.image,
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="bicubic",
        aspect=height_mm / width_mm,
    )
    for line, mask in panel.masks.items():
        if mask.any() and not mask.all():
            axis.contour(
                mask,
                levels=[0.5],
                colors=line.colour,
                linestyles=line.style,
                linewidths=line.width,
            )
    axis.set_title(panel.title, fontsize=8)
