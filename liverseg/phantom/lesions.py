"""Lesions: where they lie, how large they are, and how they differ from the liver."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import SmoothField, draw_field
from liverseg.bodies.lesions import AnyLesion, Outlined
from liverseg.bodies.shapes import Ellipsoid, Floats, Points, Vector, compute_coverage
from liverseg.phantom.enhancement import Enhancement

MAX_LESIONS = 8
SMALLEST_MM, LARGEST_MM = 4.0, 41.0
MEDIAN_MM, LOG_SPREAD = 20.0, 0.55
GAP_MM = 2.0
BULGE = 1.3  # how far an outline reaches at most, in radii
NUM_PLACES = 4000
LARGE_MM = 20.0  # from here on hypodense, some with necrosis; smaller ones can be of any kind


@dataclass(frozen=True)
class Lesion(Outlined):
    """One lesion in mm of the patient.

    Attributes:
        outline: Its shape without the bumps.
        bumps: What makes the outline irregular.
        contrast_hu: Its HU less the liver's, in the portal phase.
        blur_mm: Width of its border.
        core_hu: HU of its necrotic core; None where it has none.
    """

    bumps: SmoothField
    contrast_hu: float
    blur_mm: float
    core_hu: float | None


def draw_lesions(
    rng: np.random.Generator,
    measure_depth: Callable[[Points], Floats],
    bounds: tuple[Vector, Vector],
) -> tuple[Lesion, ...]:
    """One to eight lesions, the largest first, that one large, none touching another.

    Args:
        rng: The patient's own.
        measure_depth: Distance in mm to the liver's surface, positive inside.
        bounds: A box around the liver.
    """
    sizes = MEDIAN_MM * np.exp(LOG_SPREAD * rng.normal(size=rng.integers(1, MAX_LESIONS + 1)))
    diameters = np.sort(np.clip(sizes, SMALLEST_MM, LARGEST_MM))[::-1]
    diameters[0] = max(diameters[0], LARGE_MM)
    places = rng.uniform(*bounds, (NUM_PLACES, 3))
    depths = measure_depth(Points(*places.T.astype(np.float32)))
    clearance = np.full(NUM_PLACES, np.inf)  # from each place to the nearest lesion
    usual_contrast_hu = -rng.uniform(24, 48)
    lesions = []
    for radius in diameters / 2:
        free = np.flatnonzero((depths > 0.6 * radius) & (clearance > BULGE * radius + GAP_MM))
        if free.size:
            centre = places[free[0]]
            lesions.append(_draw_lesion(rng, centre, radius, usual_contrast_hu))
            distances = np.linalg.norm(places - centre, axis=1)
            clearance = np.minimum(clearance, distances - BULGE * radius)
    return tuple(lesions)


def follow_up(rng: np.random.Generator, lesions: tuple[AnyLesion, ...]) -> tuple[AnyLesion, ...]:
    """The same lesions some weeks later: each grown or shrunk; of several, the smallest is gone."""
    remaining = lesions[:-1] or lesions
    return tuple(
        replace(lesion, outline=lesion.outline.scaled(rng.uniform(0.85, 1.15)))
        for lesion in remaining
    )


def paint_lesions(tissue: Canvas, lesions: tuple[Lesion, ...], enhancement: Enhancement) -> Floats:
    """Paint lesions into a box full of liver; returns their coverage (x, y, z)."""
    total = np.zeros_like(tissue.hu)
    for lesion in lesions:
        box = tissue.find_box(lesion.outline.scaled(BULGE).bounds)
        part = tissue.crop(box)
        radius = np.float32(min(lesion.outline.radii))
        signed = lesion.outline.signed(part.points)
        signed += lesion.bumps.sample(part.axes) * np.float32(0.08) * radius
        contrast_hu = lesion.contrast_hu * enhancement.lesion_contrast
        part.fill(compute_coverage(signed, lesion.blur_mm), enhancement.liver + contrast_hu)
        if lesion.core_hu is not None:
            part.fill(compute_coverage(signed + 0.45 * radius, lesion.blur_mm), lesion.core_hu)
        total[box] = np.maximum(total[box], compute_coverage(signed))
    return total


def _draw_lesion(
    rng: np.random.Generator,
    centre: npt.NDArray[np.float64],
    radius: float,
    usual_contrast_hu: float,
) -> Lesion:
    odds = [1.0, 0.0, 0.0] if 2 * radius >= LARGE_MM else [0.68, 0.16, 0.16]
    kind = rng.choice(["usual", "faint", "hyperdense"], p=odds)
    contrast_hu = {
        "usual": min(usual_contrast_hu + rng.normal(0, 4), -15.0),
        "faint": -rng.uniform(7, 12),
        "hyperdense": rng.uniform(20, 45),
    }[kind]
    necrotic = 2 * radius >= LARGE_MM and rng.random() < 0.35
    x, y, z = centre.tolist()
    shape = rng.uniform(0.85, 1.15, 3)
    a, b, c = (radius * shape / np.cbrt(shape.prod())).tolist()
    return Lesion(
        outline=Ellipsoid((x, y, z), (a, b, c), rng.uniform(0, 180)),
        bumps=draw_field(rng, (2 * radius, 5 * radius), num_waves=4),
        contrast_hu=contrast_hu,
        blur_mm=rng.uniform(0, 3),
        core_hu=rng.uniform(12, 32) if necrotic else None,
    )
