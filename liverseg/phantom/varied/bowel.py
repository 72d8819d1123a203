"""Stomach, colon and small bowel: what lies beside the liver and looks like it or its lesions."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import SmoothField, draw_field
from liverseg.bodies.shapes import Ellipsoid, Tube, Vector, compute_coverage
from liverseg.phantom.varied.tissues import Tissues

GAS_HU = -950.0
MESENTERY_TOP_Z = -20.0


@dataclass(frozen=True)
class Hollow:
    """A wall around a filling, uneven as food and stool are, with gas above a level.

    Attributes:
        outline: Of the outside.
        folds: Bumps of the outline, of the wall's inside and of the filling.
        fold_mm: How high they are.
        unevenness_hu: Of the filling.
    """

    outline: Ellipsoid | Tube
    wall_mm: float
    filling_hu: float
    unevenness_hu: float
    folds: SmoothField
    fold_mm: float
    gas_below_y: float


def draw_stomach(rng: np.random.Generator, width: float, depth: float) -> Hollow:
    """From collapsed to full, under the left lobe, often touching it."""
    size = rng.uniform(0.55, 1.35)
    centre = (
        rng.uniform(38, 72) * width,
        rng.uniform(-45, -5) * depth,
        rng.uniform(-15, 30),
    )
    radii = (40 * size * rng.uniform(0.7, 1.2), 34 * size, 46 * size * rng.uniform(0.7, 1.2))
    return _fill(rng, Ellipsoid(centre, radii, rng.uniform(-30, 60)))


def draw_bowel(rng: np.random.Generator, width: float, depth: float) -> tuple[Hollow, ...]:
    """The frame of the colon and many loops within it, the transverse colon near the liver."""
    low = rng.uniform(-75, -35)
    radius = rng.uniform(13, 24)
    right, left = -88 * width, 92 * width
    corners: list[Vector] = [
        (right, 12 * depth, -190),
        (right, 10 * depth, low - 20),
        (-50 * width, -50 * depth, low + rng.uniform(-20, 25)),
        (10 * width, -62 * depth, low + rng.uniform(-45, 10)),
        (60 * width, -45 * depth, low + rng.uniform(-20, 45)),
        (left, 15 * depth, low + rng.uniform(0, 45)),
        (left, 25 * depth, -190),
    ]
    colon = [
        _fill(rng, Tube(start, end, *(radius * rng.uniform(0.7, 1.1, 2)).tolist()))
        for start, end in pairwise(corners)
    ]
    loops = []
    for _ in range(rng.integers(14, 44)):
        centre = rng.uniform((-75 * width, -65 * depth, -210), (85 * width, 15 * depth, low + 25))
        x, y, z = centre.tolist()
        a, b, c = rng.uniform(8, 22, 3).tolist()
        loops.append(_fill(rng, Ellipsoid((x, y, z), (a, b, c), rng.uniform(0, 180))))
    return (*colon, *loops)


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
    filling = np.float32(hollow.filling_hu) + np.float32(hollow.unevenness_hu) * folds
    part.fill(compute_coverage(lumen), filling)
    gas = np.maximum(lumen, part.points.y - np.float32(hollow.gas_below_y))
    part.fill(compute_coverage(gas), GAS_HU)


def paint_mesentery(canvas: Canvas, clutter: SmoothField, density: float, tissues: Tissues) -> None:
    """Vessels, nodes and collapsed loops in the fat below the liver, as a field above a level.

    Args:
        canvas: To paint on.
        clutter: The field.
        density: 0 for next to none, 1 for a belly full.
        tissues: Of the scan.
    """
    part = canvas.crop(canvas.find_box(((-110, -80, -400), (110, 40, MESENTERY_TOP_Z))))
    if part.hu.size:
        share = np.clip((clutter.sample(part.axes) - np.float32(1.6 - 1.1 * density)) * 2, 0, 1)
        share *= np.clip((np.float32(MESENTERY_TOP_Z) - part.points.z) / 10, 0, 1)
        part.fill(share, tissues.wall)


def _fill(rng: np.random.Generator, outline: Ellipsoid | Tube) -> Hollow:
    kind = rng.choice(["fluid", "food", "contrast", "gas", "flesh"], p=[0.3, 0.25, 0.1, 0.15, 0.2])
    hu, unevenness = {
        "fluid": (rng.uniform(-5, 40), 0.0),
        "food": (rng.uniform(-40, 60), rng.uniform(15, 80)),
        "contrast": (rng.uniform(120, 400), rng.uniform(0, 60)),
        "gas": (GAS_HU, 0.0),
        "flesh": (rng.uniform(50, 130), rng.uniform(0, 15)),
    }[kind]
    (_, low, _), (_, high, _) = outline.bounds
    return Hollow(
        outline=outline,
        wall_mm=rng.uniform(1.5, 6),
        filling_hu=hu,
        unevenness_hu=unevenness,
        folds=draw_field(rng, (9, 40)),
        fold_mm=rng.uniform(0, 4),
        gas_below_y=low + (high - low) * rng.uniform(-0.3, 0.5),
    )
