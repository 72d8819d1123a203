"""One key slice as a picture: outlines of liver and lesions, their numbers, sides, a scale bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from contourpy import contour_generator
from PIL import Image, ImageDraw, ImageFont

from liverseg.labels import REGIONS, Region, select_region
from liverseg.pages.colours import ORANGE, SKY_BLUE, YELLOW
from liverseg.scans.key_slices import KeySlice

SIDE = 460
"""Of a tile, its longer one, in pixels."""

WHITE, BLACK = "#ffffff", "#000000"
COLOURS: dict[Region, str] = {"liver": SKY_BLUE, "lesion": ORANGE}
ENTROPY = YELLOW
LINE_WIDTHS: dict[Region, int] = {"liver": 2, "lesion": 3}

MARK_SIZE, BAR_SIZE = 27, 22
"""Of letters, in pixels."""

SCALE_BARS_MM = (200, 100, 50, 20, 10, 5)
LARGEST_BAR = 0.3
"""Of the width of a slice."""
BAR_WIDTH = 5
UPPER_EDGE = 0.1
"""Of the height of a slice: here a number above its lesion would stand outside."""
MARGIN = 0.03
"""Of the width or height, from marks to the edge."""

_FRACTION_BITS = 6
_NUMBER_GAP = 5

Pixels = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mark:
    """A word on a tile.

    Attributes:
        text: The word.
        across: Pixel column of the place that it stands at.
        down: Pixel row of that place.
        anchor: Which point of the word stands there, as Pillow names it: ``lb`` for left, bottom.
        colour: Of the letters; they stand on black.
        size: Of the letters, in pixels.
    """

    text: str
    across: float
    down: float
    anchor: str
    colour: str = WHITE
    size: int = MARK_SIZE


def draw_tile(key_slice: KeySlice) -> Pixels:
    """RGB (rows, columns, 3) of a key slice, true to millimetres, its longer side ``SIDE`` long."""
    shape = fit_tile(key_slice)
    grey = _resize_grey(key_slice.image, shape)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    if key_slice.entropy is not None:
        pixels = lay_over(pixels, cv2.resize(key_slice.entropy, shape[::-1]))
    for region in REGIONS:
        lines = _trace(select_region(key_slice.labels, region), shape)
        cv2.polylines(
            pixels,
            [np.rint(line * 2**_FRACTION_BITS).astype(np.int32) for line in lines],
            isClosed=False,
            color=read_colour(COLOURS[region]),
            thickness=LINE_WIDTHS[region],
            lineType=cv2.LINE_AA,
            shift=_FRACTION_BITS,
        )
    _draw_bar(pixels, key_slice)
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for mark in place_marks(key_slice):
        _write(draw, mark)
    return np.asarray(image)


def fit_tile(key_slice: KeySlice) -> tuple[int, int]:
    """Rows and columns of a slice's tile."""
    lengths_mm = np.multiply(key_slice.image.shape, key_slice.pixel_mm)
    rows, columns = np.maximum(np.rint(lengths_mm * SIDE / lengths_mm.max()), 1).astype(int)
    return int(rows), int(columns)


def place_marks(key_slice: KeySlice) -> Iterator[Mark]:
    """The words on a tile: the patient's sides, the length of the bar, the numbers of lesions."""
    rows, columns = fit_tile(key_slice)
    yield Mark("R", MARGIN * columns, rows / 2, "lm")
    yield Mark("L", (1 - MARGIN) * columns, rows / 2, "rm")
    bar_mm, _, end = measure_bar(key_slice)
    above = (1 - MARGIN) * rows - 2 * BAR_WIDTH
    yield Mark(f"{bar_mm} mm", end, above, "rb", size=BAR_SIZE)
    yield from _number_lesions(key_slice)


def measure_bar(key_slice: KeySlice) -> tuple[int, float, float]:
    """How long the scale bar is in mm, and the columns of the tile that it goes from and to."""
    _, columns = fit_tile(key_slice)
    width_mm = key_slice.pixel_mm[1] * key_slice.image.shape[1]
    fitting = (each for each in SCALE_BARS_MM if each <= LARGEST_BAR * width_mm)
    bar_mm = next(fitting, SCALE_BARS_MM[-1])
    end = (1 - MARGIN) * columns
    return bar_mm, end - bar_mm / width_mm * columns, end


def read_colour(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of ``#rrggbb``."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


@cache
def load_font(size: int) -> Any:
    """The letters that come with Pillow, so many pixels high."""
    return ImageFont.load_default(size)


def lay_over(pixels: Pixels, entropy: Pixels) -> Pixels:
    """RGB (rows, columns, 3) with the colour of entropy over it: the more, the less shines through.

    Args:
        pixels: RGB (rows, columns, 3).
        entropy: (rows, columns), 255 for a bit, which is all colour.
    """
    share = entropy[..., None] / np.float32(255)
    mixed = pixels * (1 - share) + np.array(read_colour(ENTROPY), np.float32) * share
    return np.rint(mixed).astype(np.uint8)


def _resize_grey(image: Pixels, shape: tuple[int, int]) -> Pixels:
    """Averaged along an axis that shrinks, else cubic."""
    rows, columns = (min(old, new) for old, new in zip(image.shape, shape, strict=True))
    averaged = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    resized: Pixels = cv2.resize(averaged, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return resized


def _trace(mask: npt.NDArray[np.bool_], shape: tuple[int, int]) -> list[Points]:
    """Lines (points, (column, row)) of a tile, half-way between pixels in and outside a mask."""
    if min(mask.shape) < 2 or not mask.any() or mask.all():
        return []
    scale = np.divide(shape, mask.shape)[::-1]
    lines = contour_generator(z=mask.astype(np.float64)).lines(0.5)
    return [(np.asarray(line) + 0.5) * scale - 0.5 for line in lines]


def _number_lesions(key_slice: KeySlice) -> Iterator[Mark]:
    """Each number to the right of its lesion: above, or at the upper edge below it."""
    lesions = key_slice.lesions
    scale = np.divide(fit_tile(key_slice), lesions.shape)
    for lesion in np.unique(lesions[lesions > 0]):
        rows, columns = np.nonzero(lesions == lesion)
        is_above = rows.min() > UPPER_EDGE * len(lesions)
        corner = int(np.argmax(columns - rows if is_above else columns + rows))
        down, across = (np.array([rows[corner], columns[corner]]) + 0.5) * scale
        gap = -_NUMBER_GAP if is_above else _NUMBER_GAP
        anchor = "lb" if is_above else "lt"
        yield Mark(str(lesion), across + _NUMBER_GAP, down + gap, anchor, ORANGE)


def _draw_bar(pixels: Pixels, key_slice: KeySlice) -> None:
    """White on black, at the lower right."""
    _, start, end = measure_bar(key_slice)
    first, last = round(start), round(end)
    bottom = round((1 - MARGIN) * len(pixels))
    pixels[bottom - BAR_WIDTH - 1 : bottom + 1, max(first - 1, 0) : last + 1] = 0
    pixels[bottom - BAR_WIDTH : bottom, first:last] = 255


def _write(draw: ImageDraw.ImageDraw, mark: Mark) -> None:
    """Write a mark; one that would stick out on the right is moved in."""
    font = load_font(mark.size)
    style: dict[str, Any] = {"font": font, "anchor": mark.anchor, "stroke_width": 2}
    right = draw.textbbox((mark.across, mark.down), mark.text, **style)[2]
    across = mark.across - max(0, right - draw.im.size[0])
    draw.text((across, mark.down), mark.text, fill=mark.colour, stroke_fill=BLACK, **style)
