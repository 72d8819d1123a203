"""The trunk that the organs lie in: skin, fat, muscle, lungs, ribs and spine."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.shapes import Ellipsoid, Floats, Points, Vector, compute_coverage

AIR_HU = -1000.0
FAT_HU = -103.0
MUSCLE_HU = 56.0
SKIN_HU = 20.0
LUNG_HU = -840.0
CORTEX_HU = 430.0
MARROW_HU = 190.0
DISC_HU = 85.0
CORD_HU = 30.0

SKIN_MM = 1.5
RIB_STEP_MM = 27.0
VERTEBRA_STEP_MM = 33.0
DISC_MM = 8.0
ENDLESS_MM = 1000.0  # along z, of what runs through the whole scan


@dataclass(frozen=True)
class Trunk:
    """Sizes in mm of the body's outline and its layers."""

    half_width: float
    half_depth: float
    front_fat: float
    side_fat: float
    wall: float
    lung_base: float

    @property
    def spine_y(self) -> float:
        """Where the vertebral bodies lie."""
        return 0.37 * self.half_depth

    @property
    def lung_bounds(self) -> tuple[Vector, Vector]:
        """A box around both lungs."""
        return (-ENDLESS_MM, -ENDLESS_MM, self.lung_base), (ENDLESS_MM, ENDLESS_MM, ENDLESS_MM)

    def measure(self, points: Points) -> "Layers":
        """Where points lie among the layers of the trunk."""
        across = points.x / np.float32(self.half_width)
        along = points.y / np.float32(self.half_depth)
        u, v = across * across, along * along
        ellipse, superellipse = np.sqrt(u + v), np.sqrt(np.sqrt(u * u + v * v))
        radius = np.float32(0.6) * ellipse + np.float32(0.4) * superellipse
        outward = 1 / np.maximum(radius, np.float32(1e-3)) - 1
        depth = np.sqrt(points.x * points.x + points.y * points.y) * outward
        sideways = u / np.maximum(u + v, np.float32(1e-3))
        fat = np.float32(self.front_fat) + np.float32(self.side_fat - self.front_fat) * sideways
        back = Ellipsoid((0, self.spine_y + 26, 0), (46, 46, ENDLESS_MM))
        cavity = np.maximum(fat + np.float32(self.wall) - depth, -back.signed(points))
        return Layers(depth, fat, cavity)


class Layers(NamedTuple):
    """Where points lie in the trunk, in mm and in the shape of the points.

    Attributes:
        depth: Distance below the skin, negative in the air, about linear near the skin.
        fat: Thickness of the fat under the skin.
        cavity: Signed distance to the space inside the muscular wall and in front of the back.
    """

    depth: Floats
    fat: Floats
    cavity: Floats


def draw_trunk(rng: np.random.Generator) -> Trunk:
    """A slim to stout adult who fits into a field of view of 300 mm."""
    return Trunk(
        half_width=rng.uniform(126, 140),
        half_depth=rng.uniform(90, 104),
        front_fat=rng.uniform(5, 14),
        side_fat=rng.uniform(7, 18),
        wall=rng.uniform(9, 13),
        lung_base=rng.uniform(-12, 8),
    )


def paint_cavity(canvas: Canvas, trunk: Trunk, layers: Layers) -> None:
    """Fill the whole canvas with fat, and paint the lungs; the organs come next."""
    canvas.hu[...] = FAT_HU
    box = canvas.find_box(trunk.lung_bounds)
    part = canvas.crop(box)
    signed = np.maximum(layers.cavity[box], _signed_lungs(part.points, trunk))
    part.fill(compute_coverage(signed), LUNG_HU)


def paint_wall(canvas: Canvas, trunk: Trunk, layers: Layers) -> None:
    """Paint from the inside out what encloses the organs, the air and the table around it."""
    canvas.fill(compute_coverage(-layers.cavity), MUSCLE_HU)
    canvas.fill(compute_coverage(layers.depth - layers.fat), FAT_HU)
    canvas.fill(compute_coverage(layers.depth - np.float32(SKIN_MM)), SKIN_HU)
    canvas.fill(compute_coverage(layers.depth), AIR_HU)
    _paint_table(canvas, trunk)
    _paint_ribs(canvas, trunk, layers)
    _paint_spine(canvas, trunk.spine_y)


def _paint_table(canvas: Canvas, trunk: Trunk) -> None:
    x, y, _ = (axis.astype(np.float32) for axis in canvas.axes)
    top = np.float32(trunk.half_depth + 12) - (x[:, None] / 40) ** 2
    table = np.maximum(np.abs(y[None, :] - top) - 2, np.abs(x[:, None]) - 120)
    canvas.fill(compute_coverage(table)[:, :, None], -250.0)


def _signed_lungs(points: Points, trunk: Trunk) -> Floats:
    """Above the domes of the diaphragm, beside the mediastinum."""
    width, depth = trunk.half_width, trunk.half_depth
    signed: Floats = np.float32(trunk.lung_base) - points.z
    bent = Points(points.x, points.y, np.maximum(points.z, 0))
    for side, top in ((-1, 66.0), (1, 58.0)):
        dome = Ellipsoid((side * 0.42 * width, -0.02 * depth, 0), (0.6 * width, 0.9 * depth, top))
        signed = np.maximum(signed, -dome.signed(bent))
    mediastinum = Ellipsoid((4, 0.1 * depth, 0), (30, 0.7 * depth, ENDLESS_MM))
    return np.maximum(signed, -mediastinum.signed(points))


def _paint_ribs(canvas: Canvas, trunk: Trunk, layers: Layers) -> None:
    x, y, z = canvas.points
    inside = layers.depth - layers.fat - np.float32(trunk.wall / 2)
    step = np.float32(RIB_STEP_MM)
    along = np.mod(z - np.float32(0.5) * y, step) - step / 2  # ribs slope down to the front
    signed = np.sqrt((inside / 3) ** 2 + (along / 6) ** 2) * 3 - 3
    margin = np.float32(-0.1 * trunk.half_depth) - np.float32(1.1) * z  # the costal arch
    signed = np.maximum(signed, margin - y)
    signed = np.maximum(signed, 22 - np.abs(x))
    coverage = compute_coverage(signed)
    marrow: Floats = np.clip(-signed - 1, 0, 1) * np.float32(MARROW_HU - CORTEX_HU)
    canvas.fill(coverage, np.float32(CORTEX_HU) + marrow)


def _paint_spine(canvas: Canvas, y: float) -> None:
    back = canvas.crop(canvas.find_box(((-50, y - 20, -ENDLESS_MM), (50, y + 60, ENDLESS_MM))))
    step = np.float32(VERTEBRA_STEP_MM)
    level: Floats = np.abs(np.mod(back.points.z, step) - step / 2)
    bone: Floats = np.clip((step / 2 - DISC_MM / 2 - level) / 2 + np.float32(0.5), 0, 1)
    arch: Floats = np.clip((9 - level) / 2 + np.float32(0.5), 0, 1)
    for process in (
        Ellipsoid((-24, y + 25, 0), (17, 4, ENDLESS_MM), 15),
        Ellipsoid((24, y + 25, 0), (17, 4, ENDLESS_MM), -15),
        Ellipsoid((0, y + 40, 0), (3.5, 14, ENDLESS_MM)),
        Ellipsoid((0, y + 26, 0), (15, 13, ENDLESS_MM)),
    ):
        back.fill(arch * compute_coverage(process.signed(back.points)), CORTEX_HU)
    for width, depth, bone_hu in ((22, 17, CORTEX_HU), (20, 15, MARROW_HU)):
        body = Ellipsoid((0, y, 0), (width, depth, ENDLESS_MM))
        hu = np.float32(DISC_HU) + bone * np.float32(bone_hu - DISC_HU)
        back.fill(compute_coverage(body.signed(back.points)), hu)
    canal = Ellipsoid((0, y + 25, 0), (10, 8.5, ENDLESS_MM))
    back.fill(compute_coverage(canal.signed(back.points)), CORD_HU)
