"""Implicit shapes: negative inside, zero on the surface, positive outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Vector = tuple[float, float, float]


class Points(NamedTuple):
    """Coordinates in mm of many points; the three arrays share one shape."""

    x: Floats
    y: Floats
    z: Floats


class Shape(Protocol):
    """A closed surface."""

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """Lowest and highest corner in mm of a box that holds the shape."""

    def signed(self, points: Points) -> Floats:
        """About the distance in mm to the surface, negative inside, in the shape of the points."""


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid, turned about the z axis through its centre."""

    centre: Vector
    radii: Vector
    turn_degrees: float = 0.0

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """A box that holds the ellipsoid whichever way it is turned."""
        flat = max(self.radii[:2]) if self.turn_degrees else 0.0
        reach = (max(self.radii[0], flat), max(self.radii[1], flat), self.radii[2])
        return _shift(self.centre, reach, -1), _shift(self.centre, reach, 1)

    def signed(self, points: Points) -> Floats:
        """Distance along the shortest radius, about the distance in mm near the surface."""
        x, y, z = (p - np.float32(c) for p, c in zip(points, self.centre, strict=True))
        if self.turn_degrees:
            turn = np.deg2rad(self.turn_degrees)
            cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
            x, y = cosine * x + sine * y, cosine * y - sine * x
        total = np.zeros_like(x)
        for offset, radius in zip((x, y, z), self.radii, strict=True):
            np.divide(offset, np.float32(radius), out=offset)
            np.multiply(offset, offset, out=offset)
            total += offset
        np.sqrt(total, out=total)
        total -= 1
        total *= np.float32(min(self.radii))
        return total

    def scaled(self, factor: float) -> "Ellipsoid":
        """The ellipsoid grown or shrunk about its centre."""
        x, y, z = self.radii
        return Ellipsoid(self.centre, (factor * x, factor * y, factor * z), self.turn_degrees)


@dataclass(frozen=True)
class Tube:
    """A straight, tapering tube with round ends."""

    start: Vector
    end: Vector
    start_radius: float
    end_radius: float

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """A box around both ends."""
        radius = max(self.start_radius, self.end_radius)
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        reach = (radius, radius, radius)
        return _shift(low.tolist(), reach, -1), _shift(high.tolist(), reach, 1)

    def signed(self, points: Points) -> Floats:
        """Distance in mm to the axis, less the radius there."""
        axis = [np.float32(e - s) for s, e in zip(self.start, self.end, strict=True)]
        offset = [p - np.float32(s) for p, s in zip(points, self.start, strict=True)]
        dot = offset[0] * axis[0] + offset[1] * axis[1] + offset[2] * axis[2]
        share = np.clip(dot / (axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2), 0, 1)
        x, y, z = (o - share * a for o, a in zip(offset, axis, strict=True))
        taper = np.float32(self.end_radius - self.start_radius)
        radius: Floats = np.float32(self.start_radius) + share * taper
        distance: Floats = np.sqrt(x**2 + y**2 + z**2)
        return distance - radius


def smooth_union(first: Floats, second: Floats, blend_mm: float) -> Floats:
    """Signed distance to both shapes together, their seam rounded over ``blend_mm``.

    The polynomial smooth minimum of Inigo Quilez.
    """
    share: Floats = np.clip(0.5 + (second - first) / np.float32(2 * blend_mm), 0, 1)
    mixed: Floats = second + share * (first - second)
    return mixed - np.float32(blend_mm) * share * (1 - share)


def smooth_intersection(first: Floats, second: Floats, blend_mm: float) -> Floats:
    """Signed distance to what two shapes share, their edge rounded over ``blend_mm``."""
    return -smooth_union(-first, -second, blend_mm)


def compute_coverage(signed: Floats, blur_mm: float = 0.0) -> Floats:
    """Share of each voxel inside the surface, 0 to 1: the partial volume.

    Args:
        signed: Signed distance at the voxel centres (x, y, z), linear across a voxel; any scale.
        blur_mm: Width over which the tissue itself changes, 0 for a sharp border.
    """
    width = np.full_like(signed, max(blur_mm, 1e-6))  # change across a voxel, all axes together
    for axis, length in enumerate(signed.shape):
        if length > 1:
            # np.moveaxis takes longer than all the sums of a small body.
            before = (slice(None),) * axis
            later, earlier = (*before, slice(1, None)), (*before, slice(-1))
            first, last = (*before, slice(1)), (*before, slice(-1, None))
            half_steps = signed[later] - signed[earlier]
            np.abs(half_steps, out=half_steps)
            half_steps *= np.float32(0.5)
            width[later] += half_steps
            width[earlier] += half_steps
            width[first] += half_steps[first]
            width[last] += half_steps[last]
    np.divide(signed, width, out=width)
    return np.clip(np.float32(0.5) - width, 0, 1, out=width)


def _shift(point: Sequence[float], reach: Vector, sign: int) -> Vector:
    x, y, z = (p + sign * r for p, r in zip(point, reach, strict=True))
    return x, y, z
