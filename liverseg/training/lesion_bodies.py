"""Bodies of lesions for training: drawn in millimetres, and cut by slices.

Shapes and substances are the phantom's. A slice shows the mean of the body over the slice's own
thickness, whichever other slices are cut: so all slices of a case can show one and the same body.
"""

import math
from dataclasses import dataclass

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import draw_field
from liverseg.bodies.lesions import BULGE, LesionBody, paint_bodies
from liverseg.bodies.shapes import Ellipsoid, Floats, Points, Vector
from liverseg.params import LesionParams

LEVEL_MM, MOST_LEVELS = 1.5, 8
"""A slice is the mean of levels at most so far apart, but never of more of them."""

DARKEST_HU = 10.0  # of solid ones in a dark liver, where their contrast would lead into fat
CYST_HU = (0.0, 25.0)


Box = tuple[range, range, range]
"""Numbers of rows, columns and slices."""


@dataclass(frozen=True)
class Body:
    """One lesion, in mm along rows, columns and slices from the case's first pixel on.

    Attributes:
        kind: As in the params.
        lesion: What the phantom paints.
        covers_vessels: Whether vessels end where it begins; else they run through it.
    """

    kind: str
    lesion: LesionBody
    covers_vessels: bool


def draw_body(
    rng: np.random.Generator, params: LesionParams, place: Vector, slice_mm: float, liver_hu: float
) -> Body:
    """A body that the slice through a place cuts, at its middle or at an end, or just misses.

    Args:
        rng: What all follows from.
        params: The ranges; sizes are drawn on a logarithmic scale.
        place: mm along rows, columns and slices; the body's middle lies above or below it.
        slice_mm: Distance of neighbouring slices.
        liver_hu: Of the liver around the body.
    """
    radius = _draw_diameter(rng, params) / 2
    shape = rng.uniform(0.75, 1.3, 3)
    a, b, c = (radius * shape / np.cbrt(shape.prod())).tolist()
    row, column, depth = place
    depth += rng.uniform(-1, 1) * (c + slice_mm / 2)
    kinds, shares = zip(*params.kinds, strict=True)
    kind = kinds[np.searchsorted(np.cumsum(shares), rng.random() * sum(shares), side="right")]
    contrast_hu = rng.uniform(*params.contrast_hu)
    faint_hu = rng.choice([-1, 1]) * rng.uniform(*params.faint_contrast_hu)
    dark_hu = -min(contrast_hu, max(liver_hu - DARKEST_HU, params.contrast_hu[0]))
    cyst_hu = min(rng.uniform(*CYST_HU), liver_hu - params.contrast_hu[0])
    lesion = LesionBody(
        outline=Ellipsoid((row, column, depth), (a, b, c), rng.uniform(0, 180)),
        bumps=draw_field(rng, (1.5 * radius, 5 * radius), num_waves=3),
        bump_share=rng.uniform(0.02, 0.12),
        contrast_hu={"hyperdense": contrast_hu, "faint": faint_hu}.get(kind, dark_hu),
        own_hu=cyst_hu if kind == "cystic" else None,
        rim_hu=-dark_hu * rng.uniform(0.6, 1.6) if kind == "rim" else 0.0,
        core_hu=liver_hu + dark_hu * rng.uniform(1.3, 2) if kind == "necrotic" else None,
        core_share=0.5,
        blur_mm=min(rng.uniform(*params.blur_mm), radius),
        texture=draw_field(rng, (3, 14), num_waves=4),
        texture_hu=0.0 if kind == "cystic" else rng.uniform(*params.texture_hu),
        calcified=0.0,
    )
    return Body(kind, lesion, covers_vessels=bool(rng.random() < 0.5))


def find_box(body: Body, pixel_mm: Vector, within: Box) -> Box:
    """The part of a box that a body may touch; ranges are empty where it touches none.

    Args:
        body: Anywhere.
        pixel_mm: Distance of neighbouring rows, columns and slices.
        within: The pixels that there are.
    """
    bounds = body.lesion.outline.scaled(BULGE).bounds
    ranges = []
    for low, high, step_mm, numbers in zip(*bounds, pixel_mm, within, strict=True):
        reach = body.lesion.blur_mm / 2 + step_mm
        first, last = math.ceil((low - reach) / step_mm), math.floor((high + reach) / step_mm)
        ranges.append(range(max(first, numbers.start), min(last + 1, numbers.stop)))
    rows, columns, slices = ranges
    return rows, columns, slices


def cut_body(body: Body, pixel_mm: Vector, box: Box, liver_hu: float) -> tuple[Floats, Floats]:
    """HU that a body adds to the liver, and the share of each pixel that it covers.

    Args:
        body: Anywhere.
        pixel_mm: Distance of neighbouring rows, columns and slices.
        box: The pixels that are asked for; none of the ranges is empty.
        liver_hu: Of the liver around the body.

    Returns:
        Two arrays (rows, columns, slices) in the shape of the box.
    """
    row_mm, column_mm, slice_mm = pixel_mm
    rows, columns, slices = box
    num_levels = min(math.ceil(slice_mm / LEVEL_MM), MOST_LEVELS)
    level_mm = slice_mm / num_levels
    # One more at either end: the phantom tells the width of a border from neighbouring levels.
    levels = np.arange(slices.start * num_levels - 1, slices.stop * num_levels + 1, dtype=float)
    axes = (
        row_mm * np.array(rows, float),
        column_mm * np.array(columns, float),
        level_mm * (levels + 0.5) - slice_mm / 2,
    )
    grids = np.meshgrid(*(axis.astype(np.float32) for axis in axes), indexing="ij")
    reach = body.lesion.blur_mm / 2
    margins = (reach + row_mm, reach + column_mm, reach + level_mm)
    tissue = Canvas(axes, Points(*grids), np.full_like(grids[0], liver_hu), margins)
    coverage = paint_bodies(tissue, (body.lesion,), liver_hu)
    change_hu = tissue.hu - np.float32(liver_hu)
    return _average_levels(change_hu, num_levels), _average_levels(coverage, num_levels)


def _average_levels(values: Floats, num_levels: int) -> Floats:
    inner = values[:, :, 1:-1]
    total = inner[:, :, ::num_levels].copy()
    for level in range(1, num_levels):
        total += inner[:, :, level::num_levels]
    total /= np.float32(num_levels)
    return total


def _draw_diameter(rng: np.random.Generator, params: LesionParams) -> float:
    """Between the smallest and the largest, half of all below the median."""
    smallest, largest = params.diameter_mm
    share = math.log(params.median_diameter_mm / smallest, largest / smallest)
    return float(smallest * (largest / smallest) ** (rng.random() ** math.log(share, 0.5)))
