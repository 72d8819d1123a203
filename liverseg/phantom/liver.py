"""The liver: two lobes, its vessels, and parenchyma that is nowhere quite even."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Field, draw_field
from liverseg.bodies.shapes import (
    Ellipsoid,
    Floats,
    Points,
    Tube,
    Vector,
    smooth_intersection,
    smooth_union,
)
from liverseg.phantom.trunk import Trunk

LOBES_BLEND_MM = 14.0
EDGE_BLEND_MM = 10.0
SMALLEST_VESSEL_MM = 1.0


class LiverTissues(Protocol):
    """HU of what a liver is made of."""

    @property
    def liver(self) -> float:
        """Parenchyma."""

    @property
    def portal_vein(self) -> float:
        """Portal veins."""

    @property
    def hepatic_vein(self) -> float:
        """Hepatic veins."""


@dataclass(frozen=True)
class Liver:
    """Shape, vessels and unevenness of one liver.

    Attributes:
        underside: The plane that cuts the lobes from below: its slope along x and along y, and its
            height in mm on the z axis.
        fissure: A cleft between the lobes, filled with fat.
        unevenness_hu: Standard deviation of the HU of healthy tissue, noise apart.
        fatty_patch: Where the liver is darker by up to ``fatty_patch_hu``, most in its middle.
    """

    right: Ellipsoid
    left: Ellipsoid
    fissure: Ellipsoid
    underside: Vector
    portal_veins: tuple[Tube, ...]
    hepatic_veins: tuple[Tube, ...]
    unevenness: Field
    unevenness_hu: float
    fatty_patch: Ellipsoid
    fatty_patch_hu: float

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """A box around both lobes."""
        (right_low, right_high), (left_low, left_high) = self.right.bounds, self.left.bounds
        low, high = np.minimum(right_low, left_low), np.maximum(right_high, left_high)
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])

    def signed(self, points: Points, cavity: Floats) -> Floats:
        """Signed distance to both lobes, cut by the underside and the wall around the cavity."""
        lobes = smooth_union(self.right.signed(points), self.left.signed(points), LOBES_BLEND_MM)
        slope_x, slope_y, height = (np.float32(value) for value in self.underside)
        below = height + slope_x * points.x + slope_y * points.y - points.z
        cut = smooth_intersection(lobes, below, EDGE_BLEND_MM)
        inside = smooth_intersection(cut, cavity + np.float32(1.5), 4.0)
        return np.maximum(inside, -self.fissure.signed(points))


def draw_liver(rng: np.random.Generator, trunk: Trunk, hilum: Vector) -> Liver:
    """A liver in its usual place; its size, lobes and underside vary."""
    width, depth = trunk.half_width / 133, trunk.half_depth / 97
    confluence = (-16.0, 0.5 * trunk.spine_y, rng.uniform(30, 38))
    right = Ellipsoid(
        (-62 * width, rng.uniform(-8, 2), rng.uniform(-4, 0)),
        (66 * width, 78 * depth, rng.uniform(54, 64)),
    )
    left = Ellipsoid(
        (rng.uniform(-6, 16), -44 * depth, rng.uniform(14, 24)),
        (rng.uniform(52, 72), rng.uniform(28, 38), rng.uniform(24, 32)),
        rng.uniform(-5, 20),
    )
    return Liver(
        right=right,
        left=left,
        fissure=Ellipsoid((rng.uniform(-14, 2), -62, -6), (2.5, 28, 22), rng.uniform(-25, 5)),
        underside=(rng.uniform(0.4, 0.62), rng.uniform(-0.1, 0.1), rng.uniform(-6, 8)),
        portal_veins=(
            *_grow(rng, hilum, (-0.9, -0.05, 0.1), 34, 6.5),
            *_grow(rng, hilum, (0.5, -0.75, 0.5), 30, 5.5),
        ),
        hepatic_veins=tuple(
            tube
            for direction in ((-0.9, 0.05, -0.3), (-0.6, -0.7, -0.25), (0.35, -0.9, -0.1))
            for tube in _grow(rng, confluence, direction, 36, rng.uniform(4, 6))
        ),
        unevenness=draw_field(rng, (45, 120)),
        unevenness_hu=rng.uniform(2, 6),
        fatty_patch=Ellipsoid(
            (rng.uniform(-90, 20), rng.uniform(-60, 20), rng.uniform(-20, 30)),
            (rng.uniform(18, 40), rng.uniform(18, 40), rng.uniform(18, 40)),
        ),
        fatty_patch_hu=rng.uniform(-20, -8) if rng.random() < 0.4 else 0.0,
    )


def paint_parenchyma(tissue: Canvas, liver: Liver, enhancement: LiverTissues) -> None:
    """Paint a box full of liver: uneven, with a fatty patch in some, and with its vessels."""
    uneven = liver.unevenness.sample(tissue.axes) * np.float32(liver.unevenness_hu)
    tissue.hu[...] = np.float32(enhancement.liver) + uneven
    if liver.fatty_patch_hu:
        patch = liver.fatty_patch.signed(tissue.points) / np.float32(min(liver.fatty_patch.radii))
        tissue.hu[...] += np.clip(-patch, 0, 1) * np.float32(liver.fatty_patch_hu)
    for tube in liver.hepatic_veins:
        tissue.paint(tube, enhancement.hepatic_vein)
    for tube in liver.portal_veins:
        tissue.paint(tube, enhancement.portal_vein)


def _grow(
    rng: np.random.Generator, start: Vector, direction: Vector, length: float, radius: float
) -> list[Tube]:
    """A vessel and, at its end, its two branches, down to the smallest that CT shows."""
    heading = np.array(direction) / np.linalg.norm(direction)
    x, y, z = (np.array(start) + length * heading).tolist()
    end = (x, y, z)
    tubes = [Tube(start, end, radius, 0.8 * radius)]
    if 0.68 * radius < SMALLEST_VESSEL_MM:
        return tubes
    aside = rng.normal(size=3)
    aside -= aside @ heading * heading
    aside *= rng.uniform(0.45, 0.8) / np.linalg.norm(aside)
    for sign in (-1, 1):
        a, b, c = (heading + sign * aside).tolist()
        shorter = length * rng.uniform(0.6, 0.85)
        tubes += _grow(rng, end, (a, b, c), shorter, radius * rng.uniform(0.62, 0.75))
    return tubes
