"""What a scanner makes of a patient: field of view, kernel, thickness of slices, noise, padding."""

import numpy as np
from scipy import ndimage

from liverseg.bodies.fields import Axes
from liverseg.bodies.shapes import Floats, Vector

AIR_HU = -1024.0
REACH_MM = {  # ranges of what is scanned below and above the liver
    "liver": ((8.0, 30.0), (8.0, 30.0)),
    "abdomen": ((60.0, 160.0), (15.0, 60.0)),
    "trunk": ((150.0, 260.0), (40.0, 160.0)),
    "part": ((-90.0, 30.0), (-90.0, 20.0)),
}
SHARES = (0.25, 0.4, 0.22, 0.13)


def draw_axes(
    rng: np.random.Generator,
    liver_mm: tuple[float, float],
    width_mm: float,
    spacing_mm: tuple[float, float],
) -> Axes:
    """Voxel centres along x, y, z in mm: a square around the body or most of it.

    Args:
        rng: The scan's own.
        liver_mm: Where the liver begins and ends along z.
        width_mm: Of the body.
        spacing_mm: In plane, and from slice to slice.
    """
    in_plane, between = spacing_mm
    below, above = REACH_MM[str(rng.choice(list(REACH_MM), p=SHARES))]
    low, high = liver_mm[0] - rng.uniform(*below), liver_mm[1] + rng.uniform(*above)
    field = width_mm + rng.uniform(-15, 90)
    if rng.random() < 0.2:  # nobody narrowed the field
        field = max(field, 480.0)
    count = max(int(field / in_plane), 8)
    centred = in_plane * (np.arange(count, dtype=np.float64) - (count - 1) / 2)
    z = low + between * np.arange(max(int((high - low) / between), 3), dtype=np.float64)
    return centred + rng.uniform(-15, 15), centred + rng.uniform(-15, 15), z


def scale_axes(axes: Axes, scale: Vector) -> Axes:
    """The same places in mm of a body of standard size."""
    x, y, z = (axis / factor for axis, factor in zip(axes, scale, strict=True))
    return x, y, z


def acquire(rng: np.random.Generator, hu: Floats, in_plane_mm: float) -> Floats:
    """HU (x, y, z) blurred by kernel and slice, with noise of a fine or coarse grain, padded."""
    blur = rng.uniform(0.2, 1.3) / in_plane_mm
    hu = ndimage.gaussian_filter(hu, (blur, blur, rng.uniform(0, 0.6)))
    noise = rng.standard_normal(hu.shape, np.float32)
    grain = rng.uniform(0.3, 1.6) / in_plane_mm
    ndimage.gaussian_filter(noise, (grain, grain, rng.uniform(0, 0.7)), output=noise)
    if rng.random() < 0.3:  # a sharp kernel has little of the low frequencies
        noise -= ndimage.gaussian_filter(noise, (2 * grain, 2 * grain, 0))
    wanted_hu, spread = rng.gamma(3, 5), noise.std(dtype=np.float64)
    if spread:  # of a grain far below a pixel the sharp kernel leaves nothing
        hu += noise * np.float32(wanted_hu / spread)
    if rng.random() < 0.12:
        hu += _draw_streaks(rng, hu.shape, in_plane_mm)
    if rng.random() < 0.35:
        x, y = np.meshgrid(*(np.linspace(-1, 1, side) for side in hu.shape[:2]), indexing="ij")
        hu[x**2 + y**2 > rng.uniform(0.97, 1.05)] = AIR_HU
    return hu


def _draw_streaks(rng: np.random.Generator, shape: tuple[int, ...], in_plane_mm: float) -> Floats:
    """Streaks from side to side, as behind arms or much bone, in HU (x, y, z)."""
    streaks = rng.standard_normal(shape, np.float32)
    along, across = rng.uniform(15, 60) / in_plane_mm, rng.uniform(0.6, 3) / in_plane_mm
    ndimage.gaussian_filter(streaks, (along, across, 0.5), output=streaks, truncate=2)
    streaks *= np.float32(rng.uniform(4, 25) / streaks.std(dtype=np.float64))
    return streaks
