"""How bright each tissue is in one scan: contrast medium by phase, and the fat in the liver."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Enhancement:
    """HU of one scan.

    Attributes:
        lesion_contrast: Factor on how far lesions lie from the liver; 1 in the portal phase.
    """

    liver: float
    portal_vein: float
    hepatic_vein: float
    aorta: float
    cava: float
    spleen: float
    kidney: float
    medulla: float
    lesion_contrast: float


def draw_enhancement(rng: np.random.Generator) -> Enhancement:
    """A scan in the portal phase (three in four), the arterial phase, or without contrast.

    The liver varies by more than its lesions differ from it, and outside the portal phase its
    vessels can be darker than the liver, as most lesions are.
    """
    phase = rng.choice(["portal", "arterial", "none"], p=[0.75, 0.15, 0.1])
    if phase == "portal":
        liver = rng.uniform(84, 130)
        vein = liver + rng.uniform(18, 50)
        return Enhancement(
            liver=liver,
            portal_vein=vein,
            hepatic_vein=vein + rng.uniform(-12, 4),
            aorta=rng.uniform(140, 180),
            cava=vein + rng.uniform(-15, 5),
            spleen=liver + rng.uniform(-8, 22),
            kidney=liver + rng.uniform(5, 45),
            medulla=liver + rng.uniform(-15, 25),
            lesion_contrast=1.0,
        )
    if phase == "arterial":
        liver = rng.uniform(70, 95)
        return Enhancement(
            liver=liver,
            portal_vein=liver + rng.uniform(-5, 18),
            hepatic_vein=liver - rng.uniform(6, 20),
            aorta=rng.uniform(240, 330),
            cava=liver + rng.uniform(-25, 5),
            spleen=liver + rng.uniform(5, 35),
            kidney=liver + rng.uniform(40, 80),
            medulla=liver + rng.uniform(-30, 0),
            lesion_contrast=0.85,
        )
    liver = rng.uniform(54, 68)
    blood = rng.uniform(36, 44)
    return Enhancement(
        liver=liver,
        portal_vein=blood,
        hepatic_vein=blood,
        aorta=blood,
        cava=blood,
        spleen=liver + rng.uniform(-12, 0),
        kidney=rng.uniform(28, 36),
        medulla=rng.uniform(28, 34),
        lesion_contrast=0.75,
    )
