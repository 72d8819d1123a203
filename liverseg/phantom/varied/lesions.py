"""Lesions of all kinds and of 3 to 120 mm, most of them small."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from liverseg.bodies.fields import draw_waves
from liverseg.bodies.lesions import BULGE, LesionBody
from liverseg.bodies.shapes import Ellipsoid, Floats, Points, Vector

NUM_PLACES = 6000
NUMBERS, SHARES = ((1, 1), (2, 6), (7, 30)), (0.25, 0.45, 0.3)
KINDS = ("solid", "faint", "cyst", "hyperdense", "rim", "necrotic", "mixed")
ODDS = (0.3, 0.08, 0.12, 0.1, 0.13, 0.15, 0.12)
WALLED_MM = 20.0
"""Diameter from which the wall around a core can be as bright as the liver, or brighter."""
FAINT_MM = 12.0
"""Diameter from which a lesion can be faint: nobody sees a smaller one, and a network that is told
of it learns to doubt what it does see."""
BLUR_SHARE = 0.7
"""Widest border, in radii: a wider one leaves nothing of a small lesion."""
TEXTURES_HU = {"cyst": (0, 3), "mixed": (15, 50)}


def draw_varied_lesions(
    rng: np.random.Generator,
    measure_depth: Callable[[Points], Floats],
    bounds: tuple[Vector, Vector],
) -> tuple[LesionBody, ...]:
    """One, a few or very many lesions, the largest placed first, none touching another."""
    fewest, most = NUMBERS[rng.choice(len(NUMBERS), p=SHARES)]
    number = int(rng.integers(fewest, most + 1))
    largest = rng.choice([15.0, 45.0, 120.0], p=[0.3, 0.45, 0.25])
    shares = rng.beta(0.9, 1.2, number)
    shares[0] = rng.uniform(0.6, 1.0)
    diameters = np.sort(3.5 * (largest / 3.5) ** shares)[::-1]
    places = rng.uniform(*bounds, (NUM_PLACES, 3))
    depths = measure_depth(Points(*places.T.astype(np.float32)))
    clearance = np.full(NUM_PLACES, np.inf)
    habit = rng.choice(KINDS, p=ODDS)  # most lesions of a patient are of one kind
    usual_hu = -rng.uniform(18, 75)
    lesions = []
    for radius in diameters / 2:
        inside = rng.uniform(0.1, 1.0)  # how far from the edge of the liver its centre must lie
        free = np.flatnonzero((depths > inside * radius) & (clearance > BULGE * radius + 2))
        if free.size:
            centre = places[free[0]]
            kind = habit if rng.random() < 0.7 else rng.choice(KINDS, p=ODDS)
            if kind == "faint" and 2 * radius < FAINT_MM:
                kind = "solid"
            lesions.append(_draw_lesion(rng, centre, radius, str(kind), usual_hu))
            distances = np.linalg.norm(places - centre, axis=1)
            clearance = np.minimum(clearance, distances - BULGE * radius)
    return tuple(lesions)


def _draw_lesion(
    rng: np.random.Generator,
    centre: npt.NDArray[np.float64],
    radius: float,
    kind: str,
    usual_hu: float,
) -> LesionBody:
    least = 10 + 30 / radius  # HU: the smaller, the more contrast it takes to be seen in noise
    contrast = {
        "solid": min(usual_hu + rng.normal(0, 6), -least),
        "faint": rng.choice([-1, 1]) * rng.uniform(7, 14),
        "cyst": 0.0,
        "hyperdense": rng.uniform(least, 70),
        "rim": min(1.2 * usual_hu, -least),
        "necrotic": rng.uniform(-45, 12) if 2 * radius >= WALLED_MM else min(usual_hu, -least),
        "mixed": rng.uniform(-60, 0),
    }[kind]
    is_mixed = kind == "mixed"
    calcified = rng.random() < (0.5 if is_mixed else 0.06)
    x, y, z = centre.tolist()
    shape = rng.uniform(0.75, 1.3, 3)
    a, b, c = (radius * shape / np.cbrt(shape.prod())).tolist()
    return LesionBody(
        outline=Ellipsoid((x, y, z), (a, b, c), rng.uniform(0, 180)),
        bumps=draw_waves(rng, (1.2 * radius, 5 * radius), 8),
        bump_share=rng.uniform(0.02, 0.14),
        contrast_hu=contrast,
        own_hu=rng.uniform(-5, 25) if kind == "cyst" else None,
        rim_hu=-contrast * rng.uniform(0.3, 1.5) if kind == "rim" else 0.0,
        core_hu=rng.uniform(5, 40) if kind == "necrotic" and radius > 5 else None,
        core_share=rng.uniform(0.4, 0.85),
        blur_mm=rng.uniform(0, min(1 if kind == "cyst" else 5, BLUR_SHARE * radius)),
        texture=draw_waves(rng, (2 + 0.4 * radius, 5 + 1.5 * radius) if is_mixed else (3, 14)),
        texture_hu=rng.uniform(*TEXTURES_HU.get(kind, (0, 14))),
        calcified=rng.uniform(0.3, 1) if calcified else 0.0,
    )
