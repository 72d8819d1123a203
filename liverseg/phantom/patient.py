"""One patient: the anatomy that all scans of the patient share."""

from dataclasses import dataclass

import numpy as np

from liverseg.bodies.fields import Field, draw_field
from liverseg.bodies.shapes import Floats, Points
from liverseg.phantom.lesions import Lesion, draw_lesions
from liverseg.phantom.liver import Liver, draw_liver
from liverseg.phantom.organs import Organs, draw_organs
from liverseg.phantom.trunk import Trunk, draw_trunk

Warp = tuple[Field, Field, Field]


@dataclass(frozen=True)
class Patient:
    """Anatomy in mm of the patient, and the warps that bend it: (amplitude in mm, x/y/z fields)."""

    trunk: Trunk
    liver: Liver
    organs: Organs
    lesions: tuple[Lesion, ...]
    warps: tuple[tuple[float, Warp], ...]


def draw_patient(rng: np.random.Generator, *, has_lesions: bool) -> Patient:
    """A patient with one to eight lesions, or with none."""
    trunk = draw_trunk(rng)
    hilum = (rng.uniform(-34, -24), rng.uniform(-14, -4), rng.uniform(-14, -4))
    organs = draw_organs(rng, trunk, hilum)
    liver = draw_liver(rng, trunk, hilum)

    def measure_depth(points: Points) -> Floats:
        outside = liver.signed(points, trunk.measure(points).cavity)
        for shape in organs.over_liver:
            outside = np.maximum(outside, -shape.signed(points))
        return -outside

    return Patient(
        trunk=trunk,
        liver=liver,
        organs=organs,
        lesions=draw_lesions(rng, measure_depth, liver.bounds) if has_lesions else (),
        warps=((4.0, draw_warp(rng, (110, 240))), (1.3, draw_warp(rng, (35, 70)))),
    )


def draw_warp(rng: np.random.Generator, wavelengths_mm: tuple[float, float]) -> Warp:
    """A field for each axis."""
    return (
        draw_field(rng, wavelengths_mm),
        draw_field(rng, wavelengths_mm),
        draw_field(rng, wavelengths_mm),
    )
