"""The body around the organs: skin, fat, muscles, bones, cartilage, arms and the table."""

from dataclasses import dataclass

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Field, draw_waves
from liverseg.bodies.shapes import Ellipsoid, Floats, Tube, compute_coverage
from liverseg.phantom.trunk import ENDLESS_MM, Layers, Trunk
from liverseg.phantom.varied.tissues import Tissues

CREST_Z = -125.0
"""Height of the iliac crests."""


@dataclass(frozen=True)
class Body:
    """Sizes in mm and habits of one body.

    Attributes:
        trunk: Outline and layers.
        layering: Where the muscles of the wall part for fat, and where marrow is fatty.
        stringiness: How much fat lies between them, 0 to 1.
        inner_fat_mm: Thickness of the fat between the wall and the belly.
        rib_step_mm: From rib to rib along z.
        rib_tilt: How far ribs go down for each mm to the front.
        rib_fall: And for each mm to the side.
        rib_mm: Half the thickness and half the height of a rib.
        cartilage_y: In front of this ribs are of cartilage.
        level_wave: Length over 2 pi, and phase, of what makes vertebrae and ribs uneven.
        arms: Beside the trunk, where the patient did not raise them.
    """

    trunk: Trunk
    layering: Field
    stringiness: float
    inner_fat_mm: float
    rib_step_mm: float
    rib_mm: tuple[float, float]
    cartilage_y: float
    rib_tilt: float
    rib_fall: float
    vertebra_step_mm: float
    disc_tilt: float
    level_wave: tuple[float, float]
    marrow_texture_hu: float
    arms: tuple[Tube, ...]
    table_y: float | None
    table_hu: float
    table_curve_mm: float
    psoas_mm: float


def draw_body(rng: np.random.Generator) -> Body:
    """A body from very slim to obese, arms up or down, with or without a table."""
    stout = rng.beta(1.2, 2.0)
    front_fat, side_fat = 3 + 48 * stout * rng.uniform(0.3, 1), 3 + 42 * stout * rng.uniform(0.3, 1)
    wall = rng.uniform(6, 16)
    inner_width, inner_depth = rng.uniform(112, 140), rng.uniform(76, 106)
    trunk = Trunk(
        half_width=inner_width + side_fat + wall,
        half_depth=inner_depth + 0.8 * front_fat + wall,
        front_fat=front_fat,
        side_fat=side_fat,
        wall=wall,
        lung_base=0.0,
    )
    arms = []
    if rng.random() < 0.25:
        for side in (-1, 1):
            if rng.random() < 0.85:
                x = side * (trunk.half_width + rng.uniform(38, 60))
                y, radius = rng.uniform(-30, 50), rng.uniform(28, 42)
                arms.append(Tube((x, y, -400), (x + rng.uniform(-20, 20), y, 400), radius, radius))
    return Body(
        trunk=trunk,
        layering=draw_waves(rng, (18, 80)),
        stringiness=rng.uniform(0.2, 1),
        inner_fat_mm=rng.choice([0.0, rng.uniform(0.5, 4), rng.uniform(3, 9)], p=[0.4, 0.4, 0.2]),
        rib_step_mm=rng.uniform(22, 34),
        rib_mm=(rng.uniform(2.2, 4.5), rng.uniform(4.5, 8)),
        rib_tilt=rng.uniform(0.5, 1.3),
        rib_fall=rng.uniform(0.1, 0.5),
        cartilage_y=-rng.uniform(0.1, 0.6) * inner_depth,
        vertebra_step_mm=rng.uniform(26, 38),
        level_wave=(rng.uniform(12, 30), rng.uniform(0, 2 * np.pi)),
        disc_tilt=rng.uniform(-0.3, 0.3),
        marrow_texture_hu=rng.uniform(10, 60),
        arms=tuple(arms),
        table_y=trunk.half_depth + rng.uniform(4, 25) if rng.random() < 0.8 else None,
        table_hu=rng.uniform(-600, 100),
        table_curve_mm=rng.uniform(25, 200),
        psoas_mm=rng.uniform(12, 26),
    )


def paint_inside(canvas: Canvas, body: Body, tissues: Tissues) -> None:
    """Fill the canvas with fat, and paint the psoas; the organs come next."""
    canvas.hu[...] = np.float32(tissues.fat)
    for side in (-1, 1):
        y = body.trunk.spine_y + 4
        start, end = (side * 28.0, y, 10.0), (side * 62.0, y - 22, -240.0)
        canvas.paint(Tube(start, end, 0.5 * body.psoas_mm, body.psoas_mm), tissues.muscle)


def paint_outside(canvas: Canvas, body: Body, tissues: Tissues, layers: Layers) -> None:
    """From the inside out: the muscular wall, bones, fat, skin, air, arms and table."""
    canvas.fill(compute_coverage(-layers.cavity), tissues.fat)
    behind_fat = compute_coverage(np.float32(body.inner_fat_mm) - layers.cavity)
    gaps = np.clip(body.layering.sample(canvas.axes) * np.float32(1.5) - 0.6, 0, 1)
    gaps *= np.float32(body.stringiness)
    muscle = np.float32(tissues.muscle) + gaps * np.float32(tissues.fat - tissues.muscle)
    canvas.fill(behind_fat, muscle)
    canvas.fill(compute_coverage(layers.depth - layers.fat), tissues.fat)
    canvas.fill(compute_coverage(layers.depth - np.float32(1.5)), 10.0)
    _paint_ribs(canvas, body, tissues, layers)
    _paint_spine(canvas, body, tissues)
    _paint_pelvis(canvas, body, tissues)
    canvas.fill(compute_coverage(layers.depth), -1000.0)
    for arm in body.arms:
        canvas.paint(arm, tissues.fat)
        for factor, hu in ((0.8, tissues.muscle), (0.3, tissues.cortex), (0.2, tissues.marrow)):
            thinner = Tube(arm.start, arm.end, factor * arm.start_radius, factor * arm.end_radius)
            canvas.paint(thinner, hu)
    if body.table_y is not None:
        x, y = canvas.points.x, canvas.points.y
        top = np.float32(body.table_y) - (x / np.float32(body.table_curve_mm)) ** 2 * 4
        canvas.fill(compute_coverage(np.abs(y - top) - np.float32(2.5)), body.table_hu)


def _stretch(z: Floats, body: Body) -> Floats:
    """Heights by which vertebrae and ribs are counted: lower ones are taller, all are uneven."""
    length, phase = body.level_wave
    taller: Floats = z + np.float32(5e-4) * z * z
    wave: Floats = np.sin(z / np.float32(length) + np.float32(phase))
    taller += np.float32(0.15 * length) * wave
    return taller


def _paint_ribs(canvas: Canvas, body: Body, tissues: Tissues, layers: Layers) -> None:
    x, y, z = canvas.points
    trunk, step = body.trunk, np.float32(body.rib_step_mm)
    inside = layers.depth - layers.fat - np.float32(trunk.wall / 2)
    fall = np.float32(body.rib_fall) * np.abs(x)
    course = _stretch(z, body) - np.float32(body.rib_tilt) * y + fall
    along = np.mod(course, step) - step / 2
    thick, high = (np.float32(half) for half in body.rib_mm)
    signed = (np.sqrt((inside / thick) ** 2 + (along / high) ** 2) - 1) * thick
    signed = np.maximum(signed, np.float32(-0.1 * trunk.half_depth) - np.float32(1.1) * z - y)
    signed = np.maximum(signed, np.maximum(22 - np.abs(x), -70 - z))
    marrow: Floats = np.clip(-signed - 1, 0, 1) * np.float32(tissues.marrow - tissues.cortex)
    hu: Floats = np.float32(tissues.cortex) + marrow
    hu[y < body.cartilage_y] = tissues.cartilage
    canvas.fill(compute_coverage(signed), hu)


def _paint_spine(canvas: Canvas, body: Body, tissues: Tissues) -> None:
    y = body.trunk.spine_y
    back = canvas.crop(canvas.find_box(((-60, y - 30, -ENDLESS_MM), (60, y + 70, ENDLESS_MM))))
    step, z = np.float32(body.vertebra_step_mm), back.points.z
    along = _stretch(z, body) + np.float32(body.disc_tilt) * (back.points.y - np.float32(y))
    level: Floats = np.abs(np.mod(along, step) - step / 2)
    bone: Floats = np.clip((step / 2 - 4 - level) / 2 + np.float32(0.5), 0, 1)
    behind: Floats = np.abs(np.mod(along + step / 4, step) - step / 2)
    arch: Floats = np.clip((9 - behind) / 2 + np.float32(0.5), 0, 1)
    for process in (
        Ellipsoid((-24, y + 25, 0), (17, 4, ENDLESS_MM), 15),
        Ellipsoid((24, y + 25, 0), (17, 4, ENDLESS_MM), -15),
        Ellipsoid((0, y + 40, 0), (3.5, 14, ENDLESS_MM)),
        Ellipsoid((0, y + 26, 0), (15, 13, ENDLESS_MM)),
    ):
        back.fill(arch * compute_coverage(process.signed(back.points)), tissues.cortex)
    texture = np.float32(body.marrow_texture_hu) * body.layering.sample(back.axes)
    marrow: Floats = np.float32(tissues.marrow) + texture
    for width, depth, bone_hu in ((22, 17, np.float32(tissues.cortex)), (20, 15, marrow)):
        vertebra = Ellipsoid((0, y, 0), (width, depth, ENDLESS_MM))
        hu = np.float32(85) + bone * (bone_hu - np.float32(85))
        back.fill(compute_coverage(vertebra.signed(back.points)), hu)
    canal = Ellipsoid((0, y + 25, 0), (10, 8.5, ENDLESS_MM))
    back.fill(compute_coverage(canal.signed(back.points)), 30.0)


def _paint_pelvis(canvas: Canvas, body: Body, tissues: Tissues) -> None:
    """Iliac wings and the heads of the femurs, each a shell of cortex around marrow."""
    y, width = body.trunk.spine_y, 0.72 * (body.trunk.half_width - body.trunk.side_fat)
    for side in (-1, 1):
        wing = Ellipsoid((side * width, y - 15, CREST_Z - 55), (14, 62, 58), side * -38)
        head = Ellipsoid((side * width * 1.05, y - 35, CREST_Z - 140), (25, 25, 25))
        for shape in (wing, head):
            canvas.paint(shape.scaled(1.35), tissues.muscle)
            canvas.paint(shape, tissues.cortex)
            canvas.paint(shape.scaled(0.86), tissues.marrow)
