"""What a scan is like where a network looks at it, in a few figures that people can read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.labels import BACKGROUND, LIVER
from liverseg.slices.stacks import Slices
from liverseg.slices.windowing import estimate_hu

FLESH_HU = (-30, 200)
"""Between fat and bone."""

FEWEST_PIXELS = 500
"""Of a median or quartile that means something; a single slice through a liver shows more."""

LAPLACIAN_OF_NOISE = 0.6745 * 20**0.5
"""Median of the absolute Laplacian of white noise of unit standard deviation: four neighbours less
four times the pixel have the variance 4 + 16, and 0.6745 is the upper quartile of a normal one."""

Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class InputFigures:
    """Figures of the slices of one scan; None where there are too few pixels to tell.

    Attributes:
        slice_mm: Distance of neighbouring slices.
        body_percent: Share of the pixels that are above the lowest end of all windows.
        liver_hu: Median of the liver, lesions left out.
        liver_spread_hu: Upper less lower quartile of the liver.
        liver_noise_hu: Standard deviation of the white noise that has the Laplacian of the liver.
        flesh_hu: Median of all that is not liver, between fat and bone.
        liver_above_flesh_hu: Median of the liver less that of the flesh.
    """

    slice_mm: float
    body_percent: float
    liver_hu: float | None
    liver_spread_hu: float | None
    liver_noise_hu: float | None
    flesh_hu: float | None
    liver_above_flesh_hu: float | None


def measure_input(
    images: Slices, labels: Slices, slice_mm: float, windows_hu: Sequence[tuple[float, float]]
) -> InputFigures:
    """The figures of a scan, slice by slice: what is kept of one are its liver and its flesh.

    Args:
        images: Grey values (num_slices, num_windows, rows, columns).
        labels: (num_slices, rows, columns), those of the reference or predicted ones.
        slice_mm: Distance of neighbouring slices.
        windows_hu: Low and high end of the window of each channel.
    """
    num_body, liver, flesh, laplacian = 0, [], [], []
    for index in range(len(images)):
        image, plane = images[index], labels[index]
        hu = estimate_hu(image, windows_hu)
        body = image.any(axis=0)
        num_body += int(np.count_nonzero(body))
        liver.append(hu[plane == LIVER])
        is_flesh = body & (plane == BACKGROUND) & (hu > FLESH_HU[0]) & (hu < FLESH_HU[1])
        flesh.append(hu[is_flesh])
        laplacian.append(_compute_laplacian(hu, plane == LIVER))
    lower, liver_hu, upper = _compute_quartiles(liver)
    _, flesh_hu, _ = _compute_quartiles(flesh)
    _, noise, _ = _compute_quartiles([np.abs(part) for part in laplacian])
    return InputFigures(
        slice_mm=slice_mm,
        body_percent=100 * num_body / float(np.prod(labels.shape)),
        liver_hu=liver_hu,
        liver_spread_hu=_subtract(upper, lower),
        liver_noise_hu=None if noise is None else noise / LAPLACIAN_OF_NOISE,
        flesh_hu=flesh_hu,
        liver_above_flesh_hu=_subtract(liver_hu, flesh_hu),
    )


def _compute_laplacian(hu: Pixels, mask: npt.NDArray[np.bool_]) -> Pixels:
    """Four neighbours less four times the pixel, of pixels of a mask with all four in it too."""
    inner = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    around = hu[:-2, 1:-1] + hu[2:, 1:-1] + hu[1:-1, :-2] + hu[1:-1, 2:]
    laplacian: Pixels = (around - 4 * hu[1:-1, 1:-1])[inner]
    return laplacian


def _compute_quartiles(parts: Sequence[Pixels]) -> tuple[float | None, float | None, float | None]:
    pixels = np.concatenate(parts)
    if len(pixels) < FEWEST_PIXELS:
        return None, None, None
    lower, median, upper = np.percentile(pixels, (25, 50, 75)).tolist()
    return lower, median, upper


def _subtract(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other
