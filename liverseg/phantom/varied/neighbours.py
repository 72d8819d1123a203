"""The organs around the liver: spleen, kidneys, gall bladder, vessels and others."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.shapes import Ellipsoid, Floats, Tube, Vector
from liverseg.phantom.trunk import Trunk
from liverseg.phantom.varied.tissues import Tissues


@dataclass(frozen=True)
class Neighbours:
    """Organs of one patient, in mm of a body of standard size.

    Attributes:
        kidney_fat: Around the right kidney, open to the back: the liver lies before it.
        gall_bladder: None where it was taken out.
        gall_wall: Radii of its inside over those of its outside.
        stones: Within it.
        cava: Below and above the bend where it enters the liver, each of two tubes that overlap
            side by side: it is mostly flat.
    """

    spleen: Ellipsoid
    kidneys: tuple[Ellipsoid, Ellipsoid]
    kidney_fat: Ellipsoid
    pancreas: Tube
    gall_bladder: Ellipsoid | None
    gall_wall: float
    stones: tuple[Ellipsoid, ...]
    aorta: Tube
    cava: tuple[Tube, ...]
    portal_trunk: Tube
    crura: tuple[Tube, Tube]
    adrenals: tuple[Ellipsoid, Ellipsoid]
    bladder: Ellipsoid


def draw_neighbours(
    rng: np.random.Generator, lean: Trunk, spine_y: float, hilum: Vector
) -> Neighbours:
    """Organs in about their usual places, moved, turned and sized at random.

    Args:
        rng: The patient's own.
        lean: The trunk without its fat, which decides how much room there is.
        spine_y: Where the vertebral bodies lie.
        hilum: Where the portal vein enters the liver.
    """
    width, depth = lean.half_width / 133, lean.half_depth / 97

    def ellipsoid(centre: Vector, radii: Vector, turn: float = 0.0, jitter: float = 9) -> Ellipsoid:
        at = np.array(centre) * (width, depth, 1) + rng.uniform(-jitter, jitter, 3)
        a, b, c = (np.array(radii) * rng.uniform(0.75, 1.3, 3)).tolist()
        x, y, z = at.tolist()
        return Ellipsoid((x, y, z), (a, b, c), turn + rng.uniform(-20, 20))

    gall_bladder = None
    if rng.random() < 0.85:
        size = rng.uniform(0.4, 1.7)
        gall_bladder = ellipsoid((-38, -38, -30), (13 * size, 14 * size, 26 * size), 30)
    stones = []
    if gall_bladder and rng.random() < 0.25:
        gx, gy, gz = gall_bladder.centre
        for _ in range(rng.integers(1, 5)):
            radius = rng.uniform(1.5, 6)
            at = (gx + rng.uniform(-5, 5), gy + rng.uniform(0, 7), gz + rng.uniform(-12, 12))
            stones.append(Ellipsoid(at, (radius, radius, radius)))
    right_kidney = ellipsoid((-50, 50, -52), (26, 23, 48), 25)
    (x, y, z), (a, b, c) = right_kidney.centre, right_kidney.radii
    thin = rng.uniform(0.5, 8)
    kidney_fat = Ellipsoid(
        (x, y + 12, z), (a + thin, b + thin + 12, c + thin), right_kidney.turn_degrees
    )
    aorta_x = rng.uniform(-2, 14)
    return Neighbours(
        spleen=_draw_spleen(rng, width, depth),
        kidneys=(
            ellipsoid((56, 46, -40), (26, 23, 50), -25),
            right_kidney,
        ),
        kidney_fat=kidney_fat,
        pancreas=Tube((-14, 4, -28), (58, rng.uniform(8, 26), rng.uniform(-8, 12)), 13, 8),
        gall_bladder=gall_bladder,
        gall_wall=rng.uniform(0.82, 0.96),
        stones=tuple(stones),
        aorta=Tube((aorta_x, spine_y - 32, -160), (6, spine_y - 31, 300), rng.uniform(8, 15), 12),
        cava=_draw_cava(rng, spine_y),
        portal_trunk=Tube((4, 6, -34), hilum, rng.uniform(5, 8.5), rng.uniform(5, 8)),
        crura=(
            _draw_crus(rng, spine_y, -1),
            _draw_crus(rng, spine_y, 1),
        ),
        adrenals=(
            Ellipsoid((-30 * width, spine_y - 22, 6), (3, 14, 12), rng.uniform(-40, 10)),
            Ellipsoid((34 * width, spine_y - 18, 2), (3, 14, 12), rng.uniform(-10, 40)),
        ),
        bladder=ellipsoid((0, -20, -255), (38, 32, 30)),
    )


def _draw_spleen(rng: np.random.Generator, width: float, depth: float) -> Ellipsoid:
    """From small to one that meets the left lobe."""
    size = rng.uniform(0.7, 1.5)
    centre = rng.uniform((70 * width, 10 * depth, -15), (95 * width, 45 * depth, 28))
    a, b, c = (size * rng.uniform((20, 32, 36), (32, 48, 54))).tolist()
    x, y, z = centre.tolist()
    return Ellipsoid((x, y, z), (a, b, c), rng.uniform(-55, 10))


def _draw_cava(rng: np.random.Generator, spine_y: float) -> tuple[Tube, ...]:
    """From the lumbar spine to the liver, and in or behind it to the heart.

    It is up to 1.8 times as wide as deep.
    """
    z, radii = (-160.0, rng.uniform(-25, 25), 110.0), rng.uniform((4, 6, 7), (12, 13, 16)).tolist()
    x = rng.uniform((-25, -30, -24), (-12, -8, -8)).tolist()
    y = (spine_y - rng.uniform((24, 26, 30), (36, 54, 54))).tolist()
    half_gap = rng.uniform(0, 0.8) * min(radii)
    tubes = []
    for aside in (-half_gap, half_gap):
        course = [(a + aside, b, c) for a, b, c in zip(x, y, z, strict=True)]
        for (start, end), (first, last) in zip(pairwise(course), pairwise(radii), strict=True):
            tubes.append(Tube(start, end, first, last))
    return tuple(tubes)


def _draw_crus(rng: np.random.Generator, spine_y: float, side: int) -> Tube:
    """From beside the aorta at the dome down to the lumbar spine."""
    start = (side * rng.uniform(10, 20), spine_y - rng.uniform(28, 42), 60.0)
    end = (side * rng.uniform(12, 18), spine_y - 16, -80.0)
    return Tube(start, end, rng.uniform(3, 8), rng.uniform(3, 6))


def list_dents(organs: Neighbours) -> tuple[Ellipsoid | Tube, ...]:
    """What dents the liver."""
    gall_bladder = (organs.gall_bladder,) if organs.gall_bladder else ()
    return organs.portal_trunk, *organs.cava, organs.kidney_fat, *gall_bladder


def paint_over_liver(canvas: Canvas, organs: Neighbours, tissues: Tissues, liver: Floats) -> None:
    """Paint what dents the liver, and take it from the liver's coverage (x, y, z)."""
    cava_hu = [tissues.cava] * len(organs.cava)
    all_hu = (tissues.portal_vein, *cava_hu, tissues.fat, tissues.wall)
    for shape, hu in zip(list_dents(organs), all_hu, strict=False):  # some have no gall bladder
        box, coverage = canvas.paint(shape, hu)
        liver[box] *= 1 - coverage
    if organs.gall_bladder:
        canvas.paint(organs.gall_bladder.scaled(organs.gall_wall), tissues.bile)
        for stone in organs.stones:
            canvas.paint(stone, 180.0)
    _paint_kidney(canvas, organs.kidneys[1], tissues)
    canvas.paint(organs.aorta, tissues.aorta)


def paint_under_liver(canvas: Canvas, organs: Neighbours, tissues: Tissues) -> None:
    """Paint what the liver, when it comes, pushes aside."""
    canvas.paint(organs.pancreas, tissues.pancreas)
    canvas.paint(organs.bladder, 8.0)
    for crus in organs.crura:
        canvas.paint(crus, tissues.muscle)
    for adrenal in organs.adrenals:
        canvas.paint(adrenal, tissues.pancreas)
    canvas.paint(organs.spleen, tissues.spleen)
    _paint_kidney(canvas, organs.kidneys[0], tissues)


def _paint_kidney(canvas: Canvas, kidney: Ellipsoid, tissues: Tissues) -> None:
    canvas.paint(kidney, tissues.kidney)
    canvas.paint(kidney.scaled(0.7), tissues.medulla)
    x, y, z = kidney.centre
    inward = -np.sign(x) * 0.45 * kidney.radii[0]
    sinus = Ellipsoid((x + inward, y - 4, z), (0.5 * kidney.radii[0], 6, 0.5 * kidney.radii[2]))
    canvas.paint(sinus, tissues.fat)
