"""HU of every tissue in one scan, by contrast phase and then some."""

from dataclasses import dataclass, replace

import numpy as np

PHASES = ("portal", "late", "arterial", "none")
SHARES = (0.55, 0.15, 0.15, 0.15)
SOFT = ("muscle", "liver", "cava", "heart", "myocardium", "spleen", "pancreas", "kidney", "wall")


@dataclass(frozen=True)
class Tissues:
    """HU of one scan.

    Attributes:
        wall: Of stomach and bowel.
        lesion_contrast: Factor on how far solid lesions lie from the liver.
    """

    fat: float
    muscle: float
    marrow: float
    cortex: float
    cartilage: float
    lung: float
    liver: float
    portal_vein: float
    hepatic_vein: float
    aorta: float
    cava: float
    heart: float
    myocardium: float
    spleen: float
    pancreas: float
    kidney: float
    medulla: float
    wall: float
    bile: float
    lesion_contrast: float


def draw_tissues(rng: np.random.Generator) -> Tissues:
    """A scan in one of four phases; livers from very fatty to very bright."""
    phase = rng.choice(PHASES, p=SHARES)
    contrast = {"portal": 1.0, "late": 0.75, "arterial": 0.35, "none": 0.0}[phase]
    gain = rng.uniform(0.6, 1.4) * contrast
    plain_liver = rng.uniform(45, 70)
    if rng.random() < 0.2:
        plain_liver = rng.uniform(5, 45)  # fat
    liver = plain_liver + gain * rng.uniform(45, 75)
    blood = rng.uniform(32, 50)
    vein = blood + gain * rng.uniform(95, 150)
    artery = blood + {"portal": 110, "late": 80, "arterial": 240, "none": 0}[phase] * rng.uniform(
        0.7, 1.5
    )
    early = phase == "arterial"
    kidney = 32 + gain * 140 + (rng.uniform(40, 120) if early else 0) + rng.uniform(-12, 12)
    drawn = Tissues(
        fat=rng.uniform(-118, -88),
        muscle=rng.uniform(42, 68) + 8 * gain,
        marrow=rng.uniform(110, 260),
        cortex=rng.uniform(300, 650),
        cartilage=rng.uniform(60, 170),
        lung=rng.uniform(-900, -700),
        liver=liver,
        portal_vein=vein + (rng.uniform(-30, 30) if early else rng.uniform(-8, 25)),
        hepatic_vein=vein - (rng.uniform(10, 60) if early else rng.uniform(-8, 20)),
        aorta=artery,
        cava=vein - rng.uniform(-5, 35),
        heart=0.5 * (artery + vein) + rng.uniform(-15, 15),
        myocardium=50 + gain * rng.uniform(25, 60) + rng.uniform(-8, 8),
        spleen=48 + gain * rng.uniform(50, 85) + (rng.uniform(10, 50) if early else 0),
        pancreas=rng.uniform(20, 50) + gain * rng.uniform(35, 70) + (30 if early else 0),
        kidney=kidney,
        medulla=kidney - (rng.uniform(30, 90) if early else rng.uniform(-30, 25)),
        wall=rng.uniform(25, 50) + gain * rng.uniform(15, 60),
        bile=rng.uniform(-5, 25) if rng.random() < 0.9 else rng.uniform(30, 120),
        lesion_contrast=0.45 + 0.55 * min(gain, 1.0),
    )
    return _loosen(rng, drawn) if rng.random() < 0.4 else drawn


def _loosen(rng: np.random.Generator, tissues: Tissues) -> Tissues:
    """Every soft tissue a little off, so that none tells another's HU."""
    spread_hu = rng.uniform(4, 22)
    moved = {name: getattr(tissues, name) + spread_hu * rng.normal() for name in SOFT}
    return replace(tissues, **moved)
