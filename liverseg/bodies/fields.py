"""Smooth random fields, defined in millimetres and so alike on every voxel grid."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from liverseg.bodies.shapes import Floats

Axes = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


class Field(Protocol):
    """What has a value everywhere."""

    def sample(self, axes: Axes) -> Floats:
        """Values on the grid of the three axes (mm), in the shape (x, y, z)."""


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
        waves = (
            np.cos(f[:, None] * axis + p[:, None])
            for f, axis, p in zip(self.frequencies.T, axes, self.phases.T, strict=True)
        )
        for x, y, z in zip(*waves, strict=True):
            plane = (scale * np.outer(x, y)).astype(np.float32)
            total += plane[:, :, None] * z.astype(np.float32)
        return total


@dataclass(frozen=True, eq=False)
class PlaneWaves:
    """A sum of plane waves of every direction; mean 0, variance 1, no lattice along the axes.

    Attributes:
        vectors: Radians per mm, (wave, axis).
        phases: Radians, (wave,).
    """

    vectors: npt.NDArray[np.float64]
    phases: npt.NDArray[np.float64]

    def sample(self, axes: Axes) -> Floats:
        """Values on the grid of the three axes (mm), in the shape (x, y, z)."""
        x, y, z = (
            np.exp(1j * np.outer(along, axis)).astype(np.complex64)
            for along, axis in zip(self.vectors.T, axes, strict=True)
        )
        x *= np.exp(1j * self.phases)[:, None].astype(np.complex64)
        plane = np.einsum("wx,wy->wxy", x, y).reshape(len(x), -1)
        # The real part of plane * z, summed over the waves: one product of two matrices.
        parts = np.concatenate([plane.real, -plane.imag]).T
        total: Floats = parts @ np.concatenate([z.real, z.imag])
        total *= np.float32(np.sqrt(2 / len(x)))
        return total.reshape([len(axis) for axis in axes])


def draw_field(
    rng: np.random.Generator, wavelengths_mm: tuple[float, float], num_waves: int = 5
) -> SmoothField:
    """A field whose waves are between the two lengths."""
    lengths = rng.uniform(*wavelengths_mm, (num_waves, 3))
    return SmoothField(2 * np.pi / lengths, rng.uniform(0, 2 * np.pi, (num_waves, 3)))


def draw_waves(
    rng: np.random.Generator, wavelengths_mm: tuple[float, float], num_waves: int = 14
) -> PlaneWaves:
    """Waves between the two lengths, each running in a direction of its own."""
    directions = rng.normal(size=(num_waves, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    lengths = rng.uniform(*wavelengths_mm, (num_waves, 1))
    return PlaneWaves(2 * np.pi * directions / lengths, rng.uniform(0, 2 * np.pi, num_waves))
