"""Lesions as bodies: an outline that grows and shrinks, and what fills it."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Field
from liverseg.bodies.shapes import Ellipsoid, Floats, compute_coverage

BULGE = 1.35
"""How far an outline reaches at most, in radii."""


@dataclass(frozen=True)
class Outlined:
    """What lesions of every anatomy have: a shape that grows and shrinks."""

    outline: Ellipsoid


AnyLesion = TypeVar("AnyLesion", bound=Outlined)


class Background(Protocol):
    """HU of what lesions lie in."""

    @property
    def liver(self) -> float:
        """Of the liver."""

    @property
    def lesion_contrast(self) -> float:
        """Factor on how far solid lesions lie from it."""


@dataclass(frozen=True)
class LesionBody(Outlined):
    """One lesion in mm of the patient.

    Attributes:
        contrast_hu: Of its substance less the liver's, at full contrast.
        own_hu: Of its substance where the liver does not matter, as in cysts; else None.
        rim_hu: Of its outer eighth less the substance's; 0 without a rim.
        core_hu: Of its middle; None where that is like the rest.
        core_share: How far the middle reaches, of the radius.
        texture_hu: Standard deviation within it.
        calcified: Share of bright specks, 0 for most.
    """

    bumps: Field
    bump_share: float
    contrast_hu: float
    own_hu: float | None
    rim_hu: float
    core_hu: float | None
    core_share: float
    blur_mm: float
    texture: Field
    texture_hu: float
    calcified: float


def paint_bodies(
    tissue: Canvas, lesions: tuple[LesionBody, ...], liver_hu: float, contrast: float = 1.0
) -> Floats:
    """Paint lesions into a box full of liver; returns their coverage (x, y, z).

    Args:
        tissue: Painted in place.
        lesions: In their order.
        liver_hu: What their contrast is measured from.
        contrast: Factor on it.
    """
    total = np.zeros_like(tissue.hu)
    for lesion in lesions:
        box = tissue.find_box(lesion.outline.scaled(BULGE).bounds)
        part = tissue.crop(box)
        if not part.hu.size:
            continue
        radius = np.float32(min(lesion.outline.radii))
        signed = lesion.outline.signed(part.points)
        signed += lesion.bumps.sample(part.axes) * np.float32(lesion.bump_share) * radius
        hu = lesion.own_hu
        if hu is None:
            hu = liver_hu + lesion.contrast_hu * contrast
        texture = lesion.texture.sample(part.axes)
        substance = np.float32(hu) + np.float32(lesion.texture_hu) * texture
        part.fill(compute_coverage(signed, lesion.blur_mm), substance + np.float32(lesion.rim_hu))
        if lesion.rim_hu:
            within = compute_coverage(signed + np.float32(0.25) * radius, lesion.blur_mm)
            part.fill(within, substance)
        if lesion.core_hu is not None:
            wall = np.float32(1 - lesion.core_share) * radius
            core = compute_coverage(signed + wall, lesion.blur_mm + 1)
            part.fill(core, np.float32(lesion.core_hu) + texture * np.float32(lesion.texture_hu))
        if lesion.calcified:
            specks = (texture > 1.2) * compute_coverage(signed) * np.float32(lesion.calcified)
            part.fill(specks, 350.0)
        total[box] = np.maximum(total[box], compute_coverage(signed))
    return total
