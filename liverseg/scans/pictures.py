"""What a prediction looks like: a sheet of the slices that matter, lesions and liver outlined."""

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from liverseg.labels import REGIONS
from liverseg.outputs import whole_file
from liverseg.pages.html_pages import NOT_CLINICAL
from liverseg.pages.markdown import format_count
from liverseg.scans.key_slices import WINDOW_HU, KeySlices, select_key_slices
from liverseg.scans.tiles import (
    BLACK,
    COLOURS,
    LINE_WIDTHS,
    SIDE,
    WHITE,
    draw_tile,
    lay_over,
    load_font,
)
from liverseg.volumes.nifti import Volume

GAP = 20
"""Between tiles, and around them, in pixels."""
HEADING, TITLE, NOTE, LEGEND = 30, 21, 20, 23
"""Heights of letters: of the sheet, of a tile, below all tiles and of what the colours mean."""
GREY = 146
"""Of enhanced liver in the window."""
ENTROPY_WORDS = "undecided: 0 to 1 bit"
SAMPLE = 56
"""Length of a line in the legend."""

LETTERS_PER_COLUMN = 42
"""Of the text below the tiles."""

COMPRESSION = 3
"""Of PNG: more takes twice as long for a few per cent."""


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
    write_sheet(path, select_key_slices(scan, labels, lesion_connectivity))


def write_sheet(path: Path, key_slices: KeySlices) -> None:
    """Write a PNG of some key slices; equal ones give equal bytes."""
    with whole_file(path) as partial:
        build_sheet(key_slices).save(partial, format="PNG", compress_level=COMPRESSION)


def build_sheet(key_slices: KeySlices) -> Image.Image:
    """The sheet of some key slices, row by row in their order, each under its title."""
    slices = key_slices.slices
    num_columns = _count_columns(len(slices))
    note = _describe_view(num_columns)
    tiles = [(each.title, draw_tile(each)) for each in slices]
    rows = [tiles[start : start + num_columns] for start in range(0, len(tiles), num_columns)]
    heights = [max(len(pixels) for _, pixels in row) + 2 * TITLE + GAP for row in rows]
    width = num_columns * (SIDE + GAP) + GAP
    above, below = HEADING + 2 * GAP, (note.count("\n") + 1) * 3 * NOTE // 2 + 2 * LEGEND + GAP
    sheet = Image.new("RGB", (width, above + sum(heights) + below), WHITE)
    draw = ImageDraw.Draw(sheet)
    _write(draw, (width / 2, GAP), describe_lesions(key_slices), HEADING, "ma")
    top = above
    for row, height in zip(rows, heights, strict=True):
        for column, (title, pixels) in enumerate(row):
            middle = GAP + column * (SIDE + GAP) + SIDE // 2
            first = top + (height - GAP + TITLE - len(pixels)) // 2
            sheet.paste(Image.fromarray(pixels), (middle - pixels.shape[1] // 2, first))
            _write(draw, (middle, first - TITLE // 2), title, TITLE, "ms")
        top += height
    _write(draw, (width / 2, top), note, NOTE, "ma", align="center", spacing=NOTE // 2)
    middle = sheet.height - GAP - LEGEND // 2
    if all(each.entropy is None for each in slices):
        _explain_colours(draw, width, middle)
    else:
        length = round(SAMPLE + 3 * GAP + load_font(LEGEND).getlength(ENTROPY_WORDS))
        right = _explain_colours(draw, width - length, middle)
        _explain_entropy(sheet, draw, right, middle)
    return sheet


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


def _explain_entropy(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, left: float, middle: int
) -> None:
    """The colours from none to all of it, over a grey like the liver's, and what they mean."""
    grey = np.full((LEGEND, SAMPLE, 3), GREY, np.uint8)
    ramp = np.tile(np.linspace(0, 255, SAMPLE).astype(np.uint8), (LEGEND, 1))
    sheet.paste(Image.fromarray(lay_over(grey, ramp)), (round(left), middle - LEGEND // 2))
    _write(draw, (left + SAMPLE + GAP // 2, middle), ENTROPY_WORDS, LEGEND, "lm")


def _explain_colours(draw: ImageDraw.ImageDraw, width: int, middle: int) -> float:
    """A line and its name for each region, side by side in the middle of the sheet.

    Returns:
        Where there is room to their right.
    """
    font = load_font(LEGEND)
    lengths = [SAMPLE + GAP // 2 + font.getlength(region) for region in REGIONS]
    left: float = (width - sum(lengths) - 2 * GAP) / 2
    for region, length in zip(REGIONS, lengths, strict=True):
        line = (left, middle, left + SAMPLE, middle)
        draw.line(line, fill=COLOURS[region], width=LINE_WIDTHS[region] + 1)
        _write(draw, (left + SAMPLE + GAP // 2, middle), region, LEGEND, "lm")
        left += length + 2 * GAP
    return left


def _write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    anchor: str,
    **style: Any,
) -> None:
    draw.text(place, text, fill=BLACK, font=load_font(size), anchor=anchor, **style)
