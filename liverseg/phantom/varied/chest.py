"""What lies above the liver: diaphragm, lungs, pleural fluid, and the heart on its dome."""

from dataclasses import dataclass

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Field, draw_waves
from liverseg.bodies.shapes import Ellipsoid, Floats, Points, compute_coverage
from liverseg.phantom.liver import Liver
from liverseg.phantom.trunk import ENDLESS_MM, Layers, Trunk
from liverseg.phantom.varied.tissues import Tissues

DEEPEST_MM = 130.0
"""How far behind the middle a chest ends at most."""


@dataclass(frozen=True)
class Chest:
    """Sizes in mm of one chest.

    Attributes:
        domes: Of the diaphragm, right and left, each with its widest part at its centre's z.
        lung_base: How far down the lungs reach along the wall, at the middle of its depth.
        lung_slope: By how much farther for each mm to the back.
        heart: Outside of the myocardium.
        chambers: Each with how far its blood is from the mean in HU.
        heart_blur_mm: Width of the edge that its beat leaves.
        heart_fat_mm: Thickness of the fat around it.
        fluid_y: Behind this, right and left, lies fluid instead of lung; None where there is none.
        fluid_hu: Of water, or of lung without air.
        lung_vessels: What makes lungs speckled.
    """

    domes: tuple[Ellipsoid, Ellipsoid]
    lung_base: float
    lung_slope: float
    mediastinum: Ellipsoid
    diaphragm_mm: float
    heart: Ellipsoid
    chambers: tuple[tuple[Ellipsoid, float], ...]
    heart_blur_mm: float
    heart_fat_mm: float
    fluid_y: tuple[float | None, float | None]
    fluid_hu: float
    lung_vessels: Field


def draw_chest(rng: np.random.Generator, lean: Trunk, liver: Liver) -> Chest:
    """A diaphragm that in most lies close upon the liver, and a heart upon the left lobe.

    Args:
        rng: The patient's own.
        lean: The trunk without its fat, which decides how much room there is.
        liver: What holds the diaphragm up.
    """
    width, depth = lean.half_width - 12, lean.half_depth - 8
    if rng.random() < 0.85:
        (x, y, z), (a, b, c) = liver.right.centre, liver.right.radii
        gap = rng.uniform(1, 7)
        right = Ellipsoid((x, y, z), (a + gap, b + gap, c + gap), liver.right.turn_degrees)
    else:
        right = _draw_dome(rng, -width, depth)
    lobe = liver.left
    a, b, c = rng.uniform((46, 34, 34), (68, 50, 50)).tolist()
    x = rng.uniform(0, 30)
    y = -0.35 * depth + rng.uniform(-10, 14)
    z = lobe.centre[2] + lobe.radii[2] + rng.uniform(-14, 8) + 0.9 * c
    heart = Ellipsoid((x, y, z), (a, b, c), rng.uniform(0, 45))
    chambers = []
    for along, across in ((-0.45, -0.1), (0.35, 0.15), (0.0, -0.35), (-0.05, 0.45)):
        radii = rng.uniform(0.28, 0.5, 3) * (a, b, 1.6 * c)
        at = (x + along * a, y + across * b, z + rng.uniform(-0.3, 0.3) * c)
        ra, rb, rc = radii.tolist()
        chambers.append((Ellipsoid(at, (ra, rb, rc), rng.uniform(0, 60)), rng.uniform(-25, 25)))
    fluid_y = [rng.uniform(-0.2, 0.75) * depth if rng.random() < 0.12 else None for _ in range(2)]
    return Chest(
        domes=(right, _draw_dome(rng, width, depth)),
        lung_base=rng.uniform(-50, 5),
        lung_slope=rng.uniform(0.2, 0.8),
        mediastinum=Ellipsoid((4, 0.1 * depth, 0), (rng.uniform(22, 36), 0.7 * depth, ENDLESS_MM)),
        diaphragm_mm=rng.uniform(0.5, 4),
        heart=heart,
        chambers=tuple(chambers),
        heart_blur_mm=rng.uniform(0, 7),
        heart_fat_mm=rng.uniform(0, 12),
        fluid_y=(fluid_y[0], fluid_y[1]),
        fluid_hu=rng.uniform(0, 25) if rng.random() < 0.6 else rng.uniform(40, 130),
        lung_vessels=draw_waves(rng, (7, 30), 24),
    )


def paint_chest(canvas: Canvas, chest: Chest, tissues: Tissues, layers: Layers) -> None:
    """Diaphragm, lungs and fluid."""
    lowest = chest.lung_base - chest.lung_slope * DEEPEST_MM - chest.diaphragm_mm
    low = (-ENDLESS_MM, -ENDLESS_MM, lowest)
    box = canvas.find_box((low, (ENDLESS_MM, ENDLESS_MM, ENDLESS_MM)))
    part = canvas.crop(box)
    if not part.hu.size:
        return
    signed = np.maximum(layers.cavity[box], _signed_lungs(part.points, chest))
    part.fill(compute_coverage(signed - np.float32(chest.diaphragm_mm)), tissues.muscle)
    vessels = np.clip(chest.lung_vessels.sample(part.axes) - 1.2, 0, 1)
    lung: Floats = np.float32(tissues.lung) + np.float32(800) * vessels
    for side, fluid_y in zip((-1, 1), chest.fluid_y, strict=True):
        if fluid_y is not None:
            behind = (part.points.y > fluid_y) & (part.points.x * side > 0)
            lung[behind] = chest.fluid_hu
    part.fill(compute_coverage(signed), lung)


def paint_heart(canvas: Canvas, chest: Chest, tissues: Tissues) -> None:
    """Fat, myocardium and chambers, their edges widened by the beat."""
    wrapped = chest.heart.scaled(1 + chest.heart_fat_mm / min(chest.heart.radii))
    canvas.paint(wrapped, tissues.fat)
    around = canvas.crop(canvas.find_box(wrapped.bounds))
    if around.hu.size:
        beat = chest.heart_blur_mm
        outside = chest.heart.signed(around.points)
        around.fill(compute_coverage(outside, beat), tissues.myocardium)
        for chamber, offset_hu in chest.chambers:
            cavity = np.maximum(chamber.signed(around.points), outside + np.float32(3))
            around.fill(compute_coverage(cavity, beat), tissues.heart + offset_hu)


def _draw_dome(rng: np.random.Generator, width: float, depth: float) -> Ellipsoid:
    radii = (abs(0.62 * width), 0.92 * depth, rng.uniform(44, 80))
    return Ellipsoid((0.42 * width, -0.02 * depth, 0), radii)


def _signed_lungs(points: Points, chest: Chest) -> Floats:
    """Above the domes of the diaphragm, beside the mediastinum."""
    signed: Floats = (
        np.float32(chest.lung_base) - np.float32(chest.lung_slope) * points.y - points.z
    )
    for dome in chest.domes:
        bent = Points(points.x, points.y, np.maximum(points.z, np.float32(dome.centre[2])))
        signed = np.maximum(signed, -dome.signed(bent))
    return np.maximum(signed, -chest.mediastinum.signed(points))
