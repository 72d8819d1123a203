"""Smooth random fields, defined in millimetres and so alike on every voxel grid."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.bodies.shapes import Floats

Axes = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class SmoothField:
    """A sum of products of three cosines, one along each axis; mean 0, variance 1.

    Attributes:
        frequencies: Radians per mm, (wave, axis).
        phases: Radians, (wave, axis).
    """

    frequencies: npt.NDArray[np.float64]
    phases: npt.NDArray[np.float64]

    def sample(self, axes: Axes) -> Floats:
        """Values on the grid of the three axes (mm), in the shape (x, y, z)."""
        total = np.zeros([len(axis) for axis in axes], np.float32)
        scale = np.sqrt(8 / len(self.frequencies))  # a product of three cosines has variance 1/8
        for frequency, phase in zip(self.frequencies, self.phases, strict=True):
            x, y, z = (np.cos(f * a + p) for f, a, p in zip(frequency, axes, phase, strict=True))
            plane = (scale * np.outer(x, y)).astype(np.float32)
            total += plane[:, :, None] * z.astype(np.float32)
        return total


def draw_field(
    rng: np.random.Generator, wavelengths_mm: tuple[float, float], num_waves: int = 5
) -> SmoothField:
    """A field whose waves are between the two lengths."""
    lengths = rng.uniform(*wavelengths_mm, (num_waves, 3))
    return SmoothField(2 * np.pi / lengths, rng.uniform(0, 2 * np.pi, (num_waves, 3)))
