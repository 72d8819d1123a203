"""One interpolation of a slice for rotation, zoom, shift and elastic deformation together."""

import math

import cv2
import numpy as np
import numpy.typing as npt

Maps = tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]
"""Where each pixel of the result lies in the slice, to 1/32 of a pixel, in OpenCV's fixed point."""

Displacement = npt.NDArray[np.float32]
"""(rows, columns, 2): pixels along columns, then along rows."""

MOST_CHANNELS = 512  # of one array in OpenCV
FAST_CHANNELS = 3  # a pixel of more than 4 takes it three times as long as several of these


def build_affine(
    shape: tuple[int, int], rotation_degrees: float, scale: float, shift: tuple[float, float]
) -> npt.NDArray[np.float64]:
    """The matrix (2, 3) from a pixel (column, row, 1) of the result to its place in the slice.

    Args:
        shape: Rows and columns.
        rotation_degrees: Of the slice, about its middle.
        scale: Of the slice, from its middle: above 1 enlarges.
        shift: Of the slice, pixels along columns and along rows, after both.
    """
    middle = (np.array(shape[::-1]) - 1) / 2
    angle = math.radians(rotation_degrees)
    cosine, sine = math.cos(angle) / scale, math.sin(angle) / scale
    linear = np.array([[cosine, sine], [-sine, cosine]])
    return np.column_stack([linear, middle - linear @ (middle + shift)])


def draw_displacement(
    rng: np.random.Generator, shape: tuple[int, int], rms_px: float, sigma_px: float
) -> Displacement:
    """Smooth displacements with a root mean square of ``rms_px`` along either axis.

    Uniform noise under a Gaussian of ``sigma_px``, on a grid of which that is at least 2 steps,
    brought up by cubic interpolation: so wide a Gaussian leaves nothing that a finer grid would
    show. Uniform noise in [-1, 1] has an RMS of 1/√3; a Gaussian of σ steps leaves 1/(2√π σ) of it.
    """
    step = max(1, int(sigma_px / 2))
    sigma = sigma_px / step
    amplitude = rms_px * 2 * math.sqrt(3 * math.pi) * sigma
    rows, columns = (math.ceil(length / step) for length in shape)
    noise = rng.uniform(-amplitude, amplitude, (rows, columns, 2)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), sigma)
    fine = cv2.resize(smooth, (columns * step, rows * step), interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine[: shape[0], : shape[1]])


def build_maps(
    shape: tuple[int, int],
    affine: npt.NDArray[np.float64],
    displacement: Displacement | None = None,
) -> Maps:
    """The maps of a slice that is moved as a matrix says, and the result as the displacement says.

    Args:
        shape: Rows and columns.
        affine: See ``build_affine``.
        displacement: Of the pixels of the result; None is 0 everywhere.
    """
    rows, columns = (np.arange(length, dtype=np.float32) for length in shape)
    matrix = affine.astype(np.float32)
    places = []
    for along_columns, along_rows, offset in matrix:
        place = along_columns * columns + (along_rows * rows + offset)[:, None]
        if displacement is not None:
            place += along_columns * displacement[..., 0]
            place += along_rows * displacement[..., 1]
        places.append(place)
    near, fractions = cv2.convertMaps(places[0], places[1], cv2.CV_16SC2)
    return np.asarray(near, np.int16), np.asarray(fractions, np.uint16)


def warp_image(image: npt.NDArray[np.uint8], maps: Maps) -> npt.NDArray[np.uint8]:
    """An image (rows, columns, channels), interpolated linearly; outside of it all is 0."""
    return _remap(image, maps, cv2.INTER_LINEAR)


def warp_labels(labels: npt.NDArray[np.uint8], maps: Maps) -> npt.NDArray[np.uint8]:
    """Classes (rows, columns) or (rows, columns, slices), the nearest; outside all is 0."""
    planes = labels.reshape(*labels.shape[:2], -1)
    return _remap(planes, maps, cv2.INTER_NEAREST).reshape(labels.shape)


def _remap(planes: npt.NDArray[np.uint8], maps: Maps, interpolation: int) -> npt.NDArray[np.uint8]:
    num_channels = planes.shape[2]
    if num_channels <= FAST_CHANNELS:
        moved = cv2.remap(planes, *maps, interpolation)
        return np.asarray(moved, np.uint8).reshape(planes.shape)
    parts = _allocate(planes, FAST_CHANNELS)
    same = [number for channel in range(num_channels) for number in (channel, channel)]
    wholes = [planes[..., each] for each in _split(num_channels, MOST_CHANNELS)]
    cv2.mixChannels(wholes, parts, same)
    results = _allocate(planes, MOST_CHANNELS)
    cv2.mixChannels([cv2.remap(part, *maps, interpolation) for part in parts], results, same)
    return np.concatenate(results, axis=-1) if len(results) > 1 else results[0]


def _split(num_channels: int, most: int) -> list[slice]:
    return [slice(start, start + most) for start in range(0, num_channels, most)]


def _allocate(planes: npt.NDArray[np.uint8], most: int) -> list[npt.NDArray[np.uint8]]:
    return [np.empty_like(planes[..., each]) for each in _split(planes.shape[2], most)]
