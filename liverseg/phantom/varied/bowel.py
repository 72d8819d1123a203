"""Stomach, colon and small bowel: what lies beside the liver and looks like it or its lesions."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Field, draw_waves
from liverseg.bodies.shapes import Ellipsoid, Floats, Tube, Vector, compute_coverage
from liverseg.phantom.trunk import ENDLESS_MM
from liverseg.phantom.varied.tissues import Tissues

GAS_HU = -950.0


@dataclass(frozen=True)
class Hollow:
    """A wall around a filling, uneven as food and stool are, with gas above a level.

    Attributes:
        outline: Of the outside.
        filling_hu: Less the liver's where ``is_like_liver``: form alone tells them apart.
        folds: Bumps of the outline, of the wall's inside and of the filling.
        fold_mm: How high they are.
        unevenness_hu: Of the filling.
    """

    outline: Ellipsoid | Tube
    wall_mm: float
    filling_hu: float
    is_like_liver: bool
    unevenness_hu: float
    folds: Field
    fold_mm: float
    gas_below_y: float


@dataclass(frozen=True)
class Loops:
    """Small bowel, vessels and nodes that fill the belly, as fields above levels.

    Attributes:
        mass: Bowel where it is high, fat where it is low.
        density: 0 for a belly of fat, 1 for one full of bowel.
        wall: Between wall and filling, in the mass.
        content: Decides which of the fillings a place has.
        fillings_hu: From the lowest to the highest content.
        strands: Vessels and nodes in the fat.
        top_z: How far up they reach.
        back_y: How far back.
    """

    mass: Field
    density: float
    wall: float
    content: Field
    fillings_hu: tuple[float, ...]
    strands: Field
    strand_level: float
    top_z: float
    back_y: float


def draw_loops(rng: np.random.Generator, back_y: float) -> Loops:
    """From next to none to a belly full."""
    kinds = rng.permutation(["fluid", "food", "gas", "flesh", "contrast", "flesh"])[:4]
    return Loops(
        mass=draw_waves(rng, (22, 75), 24),
        density=rng.uniform(0, 1),
        wall=rng.uniform(0.2, 0.6),
        content=draw_waves(rng, (60, 150)),
        fillings_hu=tuple(_draw_filling(rng, str(kind))[0] for kind in kinds),
        strands=draw_waves(rng, (8, 32), 24),
        strand_level=rng.uniform(1.0, 2.2),
        top_z=rng.uniform(-25, 45),
        back_y=back_y,
    )


def draw_stomach(rng: np.random.Generator, width: float, depth: float) -> tuple[Hollow, ...]:
    """Fundus, body and antrum, from collapsed to full, under the left lobe, often touching it."""
    size = rng.uniform(0.5, 1.3)
    x, y = rng.uniform(45, 75) * width, rng.uniform(-30, 10) * depth
    fundus = (x, y, rng.uniform(10, 40))
    body = (x - rng.uniform(0, 25), y - rng.uniform(10, 35) * depth, rng.uniform(-40, 0))
    antrum = (rng.uniform(-25, 10), rng.uniform(-50, -15) * depth, rng.uniform(-50, -5))
    a, b, c = (size * rng.uniform((20, 16, 10), (44, 34, 22))).tolist()
    filled = _fill(rng, Tube(fundus, body, a, b))
    return replace(filled, outline=Tube(body, antrum, b, c)), filled


def draw_bowel(rng: np.random.Generator, width: float, depth: float) -> tuple[Hollow, ...]:
    """The frame of the colon, its right flexure under the liver, the duodenum and some loops."""
    low = rng.uniform(-80, -15)
    radius = rng.uniform(11, 28)
    right, left = -88 * width, 92 * width
    corners: list[Vector] = [
        (right, 12 * depth, -190),
        (right + rng.uniform(0, 25), rng.uniform(-25, 15) * depth, low - 25),
        (right + rng.uniform(5, 40), rng.uniform(-50, 5) * depth, low + rng.uniform(-5, 10)),
        (-40 * width, rng.uniform(-65, -35) * depth, low + rng.uniform(-25, 25)),
        (10 * width, -62 * depth, low + rng.uniform(-45, 20)),
        (60 * width, -45 * depth, low + rng.uniform(-20, 45)),
        (left, 15 * depth, low + rng.uniform(0, 55)),
        (left, 25 * depth, -190),
    ]
    colon = [
        _fill(rng, Tube(start, end, *(radius * rng.uniform(0.7, 1.1, 2)).tolist()))
        for start, end in pairwise(corners)
    ]
    if rng.random() < 0.5:  # the whole right colon with one filling
        colon[:3] = [replace(colon[1], outline=part.outline) for part in colon[:3]]
    x, y = rng.uniform(-46, -22) * width, rng.uniform(-22, 8) * depth
    bulb = (x, y, rng.uniform(-25, -5))
    duodenum = _fill(rng, Tube(bulb, (x - 4, y + 14, -85), rng.uniform(8, 18), rng.uniform(8, 18)))
    loops = []
    for _ in range(rng.integers(4, 20)):
        centre = rng.uniform((-75 * width, -65 * depth, -210), (85 * width, 15 * depth, low + 25))
        x, y, z = centre.tolist()
        a, b, c = rng.uniform(8, 26, 3).tolist()
        loops.append(_fill(rng, Ellipsoid((x, y, z), (a, b, c), rng.uniform(0, 180))))
    return (*loops, *colon, duodenum)


def paint_hollow(canvas: Canvas, hollow: Hollow, tissues: Tissues) -> None:
    """Wall, filling and gas."""
    low, high = hollow.outline.bounds
    reach = hollow.fold_mm
    box = canvas.find_box(
        (
            (low[0] - reach, low[1] - reach, low[2] - reach),
            (high[0] + reach, high[1] + reach, high[2] + reach),
        )
    )
    part = canvas.crop(box)
    if not part.hu.size:
        return
    folds = hollow.folds.sample(part.axes)
    signed = hollow.outline.signed(part.points) + np.float32(hollow.fold_mm) * folds
    part.fill(compute_coverage(signed), tissues.wall)
    lumen = signed + np.float32(hollow.wall_mm)
    filling_hu = hollow.filling_hu + (tissues.liver if hollow.is_like_liver else 0)
    filling = np.float32(filling_hu) + np.float32(hollow.unevenness_hu) * folds
    part.fill(compute_coverage(lumen), filling)
    gas = np.maximum(lumen, part.points.y - np.float32(hollow.gas_below_y))
    part.fill(compute_coverage(gas), GAS_HU)


def paint_loops(canvas: Canvas, loops: Loops, cavity: Floats, tissues: Tissues) -> None:
    """Bowel with its fillings, and vessels and nodes in the fat between.

    Args:
        canvas: To paint on.
        loops: What to paint.
        cavity: Signed distance (x, y, z) to the space in which they lie.
        tissues: Of the scan.
    """
    bounds = ((-ENDLESS_MM, -ENDLESS_MM, -ENDLESS_MM), (ENDLESS_MM, loops.back_y, loops.top_z + 40))
    box = canvas.find_box(bounds)
    part = canvas.crop(box)
    if not part.hu.size:
        return
    mass, content = loops.mass.sample(part.axes), loops.content.sample(part.axes)
    above = part.points.z - np.float32(loops.top_z) - 15 * content
    outside = np.maximum(np.maximum(above, part.points.y - np.float32(loops.back_y)), 0)
    outside = np.maximum(outside, cavity[box] + np.float32(3)) / np.float32(8)
    mass -= np.clip(outside, 0, 8)
    strands = loops.strands.sample(part.axes) - np.float32(loops.strand_level)
    part.fill(np.clip(3 * strands, 0, 1) * (outside <= 0), tissues.portal_vein)
    level = np.float32(1.6 - 2.2 * loops.density)
    part.fill(compute_coverage(level - mass), tissues.wall)
    kinds = np.searchsorted((-0.7, 0.0, 0.7), content)
    filling = np.array(loops.fillings_hu, np.float32)[kinds]
    part.fill(compute_coverage(level + np.float32(loops.wall) - mass), filling)


def _fill(rng: np.random.Generator, outline: Ellipsoid | Tube) -> Hollow:
    kinds = ("fluid", "food", "contrast", "gas", "flesh", "like liver")
    kind = str(rng.choice(kinds, p=(0.22, 0.22, 0.1, 0.14, 0.12, 0.2)))
    hu, unevenness = _draw_filling(rng, kind)
    (_, low, _), (_, high, _) = outline.bounds
    return Hollow(
        outline=outline,
        wall_mm=rng.uniform(1, 6),
        filling_hu=hu,
        is_like_liver=kind == "like liver",
        unevenness_hu=unevenness,
        folds=draw_waves(rng, (7, 60), 24),
        fold_mm=rng.uniform(0, 4),
        gas_below_y=low + (high - low) * rng.uniform(-0.3, 0.5),
    )


def _draw_filling(rng: np.random.Generator, kind: str) -> tuple[float, float]:
    """Mean HU of a filling, for one like the liver less the liver's, and how uneven it is."""
    return {
        "fluid": (rng.uniform(-5, 40), 0.0),
        "food": (rng.uniform(-60, 60), rng.uniform(15, 120)),
        "contrast": (rng.uniform(120, 600), rng.uniform(0, 60)),
        "gas": (GAS_HU, 0.0),
        "flesh": (rng.uniform(40, 130), rng.uniform(0, 15)),
        "like liver": (rng.uniform(-30, 15), rng.uniform(0, 10)),
    }[kind]
