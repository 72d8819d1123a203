"""The organs around the liver, several of which look like it or like its lesions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.shapes import Ellipsoid, Floats, Shape, Tube, Vector, compute_coverage
from liverseg.phantom.enhancement import Enhancement
from liverseg.phantom.trunk import FAT_HU, Trunk

GAS_HU = -950.0
BOWEL_WALL_HU = 52.0
FAT_OF_SINUS_HU = -55.0
GALL_BLADDER_WALL_HU = 38.0
PANCREAS_BELOW_LIVER_HU = 15.0
HEART_BELOW_AORTA_HU = 15.0


@dataclass(frozen=True)
class Hollow:
    """Stomach or bowel: a wall, a filling, and gas above the level where it collects."""

    outline: Ellipsoid
    wall_mm: float
    filling_hu: float
    gas_below_y: float


@dataclass(frozen=True)
class Organs:
    """Every organ but the liver, in mm of the patient."""

    heart: Ellipsoid
    spleen: Ellipsoid
    left_kidney: Ellipsoid
    right_kidney: Ellipsoid
    pancreas: Tube
    bowel: tuple[Hollow, ...]
    gall_bladder: Ellipsoid
    bile_hu: float
    aorta: Tube
    cava: Tube
    portal_trunk: Tube

    @property
    def over_liver(self) -> tuple[Shape, ...]:
        """What dents the liver: portal vein, cava, gall bladder, and the fat of the kidney."""
        perirenal_fat = self.right_kidney.scaled(1.12)
        return self.portal_trunk, self.cava, self.gall_bladder, perirenal_fat


def draw_organs(rng: np.random.Generator, trunk: Trunk, hilum: Vector) -> Organs:
    """Organs in their usual places, moved, turned and sized at random."""
    width, depth = trunk.half_width / 133, trunk.half_depth / 97
    y = trunk.spine_y

    def ellipsoid(centre: Vector, radii: Vector, turn: float = 0.0) -> Ellipsoid:
        at = np.array(centre) * (width, depth, 1) + rng.uniform(-5, 5, 3)
        size = np.array(radii) * (width, depth, 1) * rng.uniform(0.88, 1.12, 3)
        return Ellipsoid(_vector(at), _vector(size), turn + rng.uniform(-12, 12))

    stomach = ellipsoid((58, -24, 18), (40, 36, 44), 20)
    loops = [
        ellipsoid(_vector(rng.uniform((-50, -62, -95), (90, 12, -22))), (20, 16, 22), turn)
        for turn in rng.uniform(0, 180, rng.integers(10, 16))
    ]
    return Organs(
        heart=ellipsoid((16, -34, 84), (54, 44, 32), 20),
        spleen=ellipsoid((86, 38, 16), (24, 42, 42), -25),
        left_kidney=ellipsoid((56, 46, -34), (25, 22, 48), -25),
        right_kidney=ellipsoid((-54, 46, -48), (25, 22, 46), 25),
        pancreas=Tube((-14, 4, -26), (58, 18, 4), 12, 8),
        bowel=tuple(_fill(rng, outline) for outline in (stomach, *loops)),
        gall_bladder=ellipsoid((-38, -44, -30), (13, 14, 25), 30),
        bile_hu=rng.uniform(4, 20),
        aorta=Tube((9, y - 32, -300), (6, y - 31, 300), 10, 11),
        cava=Tube((-19, y - 30, -300), (-17, y - 34, 300), 10, 12),
        portal_trunk=Tube((4, 6, -34), hilum, 6.5, 6.5),
    )


def paint_under_liver(canvas: Canvas, organs: Organs, enhancement: Enhancement) -> None:
    """Paint what the liver, when it comes, pushes aside."""
    canvas.paint(organs.heart, enhancement.aorta - HEART_BELOW_AORTA_HU)
    canvas.paint(organs.pancreas, enhancement.liver - PANCREAS_BELOW_LIVER_HU)
    for hollow in reversed(organs.bowel):
        _paint_hollow(canvas, hollow)
    canvas.paint(organs.spleen, enhancement.spleen)
    _paint_kidney(canvas, organs.left_kidney, enhancement)


def paint_over_liver(
    canvas: Canvas, organs: Organs, enhancement: Enhancement, liver: Floats
) -> None:
    """Paint what dents the liver, and take it from the liver's coverage (x, y, z)."""
    all_hu = (enhancement.portal_vein, enhancement.cava, GALL_BLADDER_WALL_HU, FAT_HU)
    for shape, hu in zip(organs.over_liver, all_hu, strict=True):
        box, coverage = canvas.paint(shape, hu)
        liver[box] *= 1 - coverage
    canvas.paint(organs.gall_bladder.scaled(0.88), organs.bile_hu)
    _paint_kidney(canvas, organs.right_kidney, enhancement)
    canvas.paint(organs.aorta, enhancement.aorta)


def _fill(rng: np.random.Generator, outline: Ellipsoid) -> Hollow:
    filling = rng.choice([rng.uniform(8, 40), rng.uniform(150, 260), GAS_HU], p=[0.7, 0.12, 0.18])
    level = outline.centre[1] + outline.radii[1] * rng.uniform(-0.9, 0.1)
    return Hollow(outline, rng.uniform(2.5, 5), float(filling), float(level))


def _paint_hollow(canvas: Canvas, hollow: Hollow) -> None:
    canvas.paint(hollow.outline, BOWEL_WALL_HU)
    part = canvas.crop(canvas.find_box(hollow.outline.bounds))
    lumen = hollow.outline.signed(part.points) + np.float32(hollow.wall_mm)
    part.fill(compute_coverage(lumen), hollow.filling_hu)
    gas = np.maximum(lumen, part.points.y - np.float32(hollow.gas_below_y))
    part.fill(compute_coverage(gas), GAS_HU)


def _paint_kidney(canvas: Canvas, kidney: Ellipsoid, enhancement: Enhancement) -> None:
    canvas.paint(kidney, enhancement.kidney)
    canvas.paint(kidney.scaled(0.7), enhancement.medulla)
    x, y, z = kidney.centre
    inward = -np.sign(x) * 0.45 * kidney.radii[0]
    sinus = Ellipsoid((x + inward, y - 4, z), (0.5 * kidney.radii[0], 6, 0.5 * kidney.radii[2]))
    canvas.paint(sinus, FAT_OF_SINUS_HU)


def _vector(values: npt.NDArray[np.float64]) -> Vector:
    x, y, z = values.tolist()
    return x, y, z
