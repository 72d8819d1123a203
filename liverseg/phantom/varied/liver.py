"""Livers of every size and form: large, shrunken and knobbly, with left lobes that reach far."""

from dataclasses import dataclass

import numpy as np

from liverseg.bodies.fields import Field, draw_waves
from liverseg.bodies.shapes import Ellipsoid, Floats, Points, Tube, Vector, smooth_union
from liverseg.phantom.liver import Liver, draw_liver
from liverseg.phantom.trunk import Trunk


@dataclass(frozen=True)
class VariedLiver:
    """A liver with what varies beyond the plain one.

    Attributes:
        plain: Lobes, vessels, fissure and unevenness.
        tail: A left lobe that reaches to the spleen; None for most.
        tips: A right lobe that reaches far down along the wall, and one or two tongues behind the
            front wall, as a left lobe has before the stomach; none in a fifth.
        caudate: The lobe behind the hilum, before the cava.
        fat: Around the portal trunk and in the fissures of both ligaments; it dents the liver.
        resected: What a surgeon took out; None for most.
        ducts: Bile ducts so wide that they show; none in most.
        knobs: Of the surface.
        knob_mm: How high they are: most where the liver is cirrhotic.
    """

    plain: Liver
    tail: Tube | None
    tips: tuple[Ellipsoid, ...]
    caudate: Ellipsoid
    fat: tuple[Ellipsoid, ...]
    resected: Ellipsoid | None
    ducts: tuple[Tube, ...]
    knobs: Field
    knob_mm: float

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """A box around all lobes and their knobs."""
        boxes = [self.plain.bounds, self.caudate.bounds, *(each.bounds for each in self.tips)]
        boxes += [self.tail.bounds] if self.tail else []
        low = np.min([box[0] for box in boxes], axis=0) - 3 * self.knob_mm
        high = np.max([box[1] for box in boxes], axis=0) + 3 * self.knob_mm
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def signed(self, points: Points, cavity: Floats) -> Floats:
        """Signed distance to all lobes within the cavity, knobs apart."""
        lobes = self.plain.signed(points, cavity)
        inside = np.maximum(self.caudate.signed(points), cavity)
        if self.tail:
            tail = np.maximum(self.tail.signed(points), cavity + np.float32(2))
            lobes = smooth_union(lobes, tail, 10.0)
        for each in self.tips:
            tip = np.maximum(each.signed(points), cavity + np.float32(2))
            lobes = smooth_union(lobes, tip, 12.0)
        lobes = smooth_union(lobes, inside, 4.0)
        for gap in (*self.fat, *([self.resected] if self.resected else [])):
            lobes = np.maximum(lobes, -gap.signed(points))
        return lobes


def draw_varied_liver(rng: np.random.Generator, lean: Trunk, hilum: Vector) -> VariedLiver:
    """A liver of half to twice the usual volume.

    Args:
        rng: The patient's own.
        lean: The trunk without its fat, which decides how much room there is.
        hilum: Where the portal vein enters.
    """
    plain = draw_liver(rng, lean, hilum)
    cirrhotic = rng.random() < 0.2
    size = rng.uniform(0.8, 1.0) if cirrhotic else rng.uniform(0.82, 1.22)
    left_size = rng.uniform(0.7, 1.35)
    a, b = rng.uniform((0.9, 0.85), (1.1, 1.3))
    right = _resize(plain.right, (size * a, size, size * b))
    a, b = rng.uniform((0.7, 0.8), (1.3, 1.4))
    left = _resize(plain.left, (left_size, a, b * left_size))
    x, y, z = left.centre
    left = Ellipsoid((x, y, z + rng.uniform(-14, 8)), left.radii, left.turn_degrees)
    slope_x, slope_y, height = plain.underside
    plain = Liver(
        right=right,
        left=left,
        fissure=_resize(plain.fissure, (rng.uniform(0.3, 2.2), 1, rng.uniform(0.7, 1.3))),
        underside=(slope_x + rng.uniform(-0.45, 0.2), slope_y, height + rng.uniform(-45, 12)),
        portal_veins=plain.portal_veins,
        hepatic_veins=plain.hepatic_veins,
        unevenness=draw_waves(rng, (12, 120)),
        unevenness_hu=rng.uniform(1, 9),
        fatty_patch=plain.fatty_patch,
        fatty_patch_hu=rng.uniform(-35, 25) if rng.random() < 0.35 else 0.0,
    )
    tail = None
    if rng.random() < 0.45:
        start = (x, y, z)
        end = (rng.uniform(40, 105), rng.uniform(-65, 20), rng.uniform(-10, 50))
        tail = Tube(start, end, rng.uniform(10, 24), rng.uniform(4, 14))
    return VariedLiver(
        plain=plain,
        tail=tail,
        tips=_draw_tips(rng, lean, right),
        caudate=Ellipsoid(
            (rng.uniform(-12, -2), lean.spine_y - rng.uniform(44, 58), rng.uniform(-5, 25)),
            (rng.uniform(12, 24), rng.uniform(10, 18), rng.uniform(18, 34)),
        ),
        fat=_draw_fat(rng, lean, hilum),
        resected=_draw_resection(rng, right, left) if rng.random() < 0.1 else None,
        ducts=_draw_ducts(rng, plain) if rng.random() < 0.12 else (),
        knobs=draw_waves(rng, (10, 35) if cirrhotic else (25, 80)),
        knob_mm=rng.uniform(1.0, 2.6) if cirrhotic else rng.uniform(0, 1.2),
    )


def _draw_tips(rng: np.random.Generator, lean: Trunk, right: Ellipsoid) -> tuple[Ellipsoid, ...]:
    """What reaches below the underside: at the right wall, and at the front one."""
    tips = []
    if rng.random() < 0.4:
        (x, y, _), (a, b, _) = right.centre, right.radii
        at = (x - rng.uniform(0, 0.5) * a, y + rng.uniform(-15, 20), rng.uniform(-60, -10))
        low, high = (0.25 * a, 0.4 * b, 40), (0.6 * a, 0.8 * b, 75)
        tips.append(_draw_ellipsoid(rng, at, (low, high)))
    for _ in range(rng.choice(3, p=(0.3, 0.4, 0.3))):
        front = -rng.uniform(52, 90) * lean.half_depth / 97
        at = (rng.uniform(-50, 60), front, rng.uniform(-50, 8))
        tips.append(_draw_ellipsoid(rng, at, ((16, 8, 20), (70, 36, 65))))
    return tuple(tips)


def _draw_ellipsoid(
    rng: np.random.Generator, at: Vector, radii_mm: tuple[Vector, Vector]
) -> Ellipsoid:
    """One with radii between the smallest and the largest along x, y, z."""
    a, b, c = rng.uniform(*radii_mm).tolist()
    return Ellipsoid(at, (a, b, c), rng.uniform(-20, 20))


def _draw_fat(rng: np.random.Generator, lean: Trunk, hilum: Vector) -> tuple[Ellipsoid, ...]:
    """Around the portal trunk, in the falciform ligament, before the caudate lobe, in pieces."""
    x, y, z = hilum
    return (
        Ellipsoid(
            (x + rng.uniform(-8, 14), y + rng.uniform(-6, 6), z - rng.uniform(-4, 14)),
            (rng.uniform(6, 30), rng.uniform(4, 14), rng.uniform(4, 16)),
            rng.uniform(0, 180),
        ),
        Ellipsoid(
            (rng.uniform(-10, 8), -70 * lean.half_depth / 97, rng.uniform(-30, 10)),
            (rng.uniform(1, 7), rng.uniform(12, 30), rng.uniform(15, 40)),
            rng.uniform(-20, 20),
        ),
        Ellipsoid(
            (rng.uniform(-16, 4), lean.spine_y - rng.uniform(54, 70), rng.uniform(0, 25)),
            (rng.uniform(8, 24), rng.uniform(0.5, 3), rng.uniform(10, 26)),
            rng.uniform(-30, 30),
        ),
        *(
            _draw_ellipsoid(
                rng,
                (x + rng.uniform(-25, 25), y + rng.uniform(-25, 10), z + rng.uniform(-5, 30)),
                ((2, 1.5, 2), (9, 5, 9)),
            )
            for _ in range(rng.integers(4))
        ),
    )


def _draw_resection(rng: np.random.Generator, right: Ellipsoid, left: Ellipsoid) -> Ellipsoid:
    """A wedge from the edge of a lobe, or most of the lobe."""
    lobe = (right, left)[rng.integers(2)]
    outwards = rng.normal(size=3)
    outwards *= rng.uniform(0.6, 1.1) / np.linalg.norm(outwards)
    x, y, z = (np.array(lobe.centre) + outwards * lobe.radii).tolist()
    a, b, c = rng.uniform(22, 65, 3).tolist()
    return Ellipsoid((x, y, z), (a, b, c), rng.uniform(0, 180))


def _draw_ducts(rng: np.random.Generator, liver: Liver) -> tuple[Tube, ...]:
    """Beside the portal veins and up to as wide as they."""
    share, aside = rng.uniform(0.4, 1.1), rng.uniform(4, 7)

    def shift(at: Vector) -> Vector:
        return at[0], at[1] - aside, at[2] + 1

    return tuple(
        Tube(shift(vein.start), shift(vein.end), share * vein.start_radius, share * vein.end_radius)
        for vein in liver.portal_veins
        if share * vein.end_radius > 1
    )


def _resize(shape: Ellipsoid, factors: tuple[float, float, float]) -> Ellipsoid:
    a, b, c = (radius * factor for radius, factor in zip(shape.radii, factors, strict=True))
    return Ellipsoid(shape.centre, (a, b, c), shape.turn_degrees)
