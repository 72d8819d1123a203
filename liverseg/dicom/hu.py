"""The voxels of ordered slices in HU."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.dicom.dicom_file import read_frames
from liverseg.dicom.even import even_out
from liverseg.dicom.headers import Values
from liverseg.dicom.stack import Stack
from liverseg.errors import DataError
from liverseg.volumes.nifti import Volume
from liverseg.volumes.sizes import check_memory

AIR_HU = -1024
HIGHEST_HU = 3071
"""Of the 12 bits in which CT is reconstructed: beyond both, padding is no tissue."""


def read_stack(stack: Stack) -> Volume:
    """The scan in HU on the even grid of its stack, each slice with its own slope and intercept.

    As int16 where that is exact for every slice, else as float32. Padding, which stands outside the
    scanner's field of view, is air; where its value is also that of a tissue it is left as it is,
    since headers name such values by mistake.

    Raises:
        DataError: A file cannot be read, its values are too large, or the scan does not fit in
            memory.
    """
    i, j, k = stack.grid.shape
    check_memory(stack.slices[0].path, (i, j, max(k, len(stack.slices))), voxel_bytes=2)
    hu = np.empty(stack.shape, np.float32, order="F")  # holds every int16 exactly
    for k, stored in _read_planes(stack):
        slice_ = stack.slices[k]
        if stored.shape != slice_.shape:
            raise _build_error(slice_.path, f"a frame of {stored.shape} pixels")
        with np.errstate(over="ignore"):  # what overflows is not finite: found below
            hu[:, :, k] = _rescale(stored, slice_.values).T
        if not np.isfinite(hu[:, :, k]).all():
            values = slice_.values
            raise _build_error(
                slice_.path, f"slope {values.slope} and intercept {values.intercept}"
            )
    limits = np.iinfo(np.int16)
    fits = limits.min <= hu.min() and hu.max() <= limits.max
    exact = fits and all(_is_integral(slice_.values) for slice_ in stack.slices)
    return Volume(even_out(hu.astype(np.int16, order="F") if exact else hu, stack), stack.grid)


def _read_planes(stack: Stack) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Index and stored values (row, column) of each slice, file by file."""
    files: dict[Path, dict[int, int]] = defaultdict(dict)
    for k, slice_ in enumerate(stack.slices):
        files[slice_.path][slice_.frame] = k
    for path, by_frame in files.items():
        frames = sorted(by_frame)
        for frame, plane in zip(frames, read_frames(path, frames), strict=True):
            yield by_frame[frame], plane


def _rescale(stored: npt.NDArray[Any], values: Values) -> npt.NDArray[np.float64]:
    """The pixels of a slice after slope and intercept, its padding as air."""
    slope = 1.0 if values.slope is None else values.slope
    intercept = 0.0 if values.intercept is None else values.intercept
    plane: npt.NDArray[np.float64] = stored * slope + intercept
    if values.padding is not None:
        lowest, highest = values.padding
        padding = (lowest <= stored) & (stored <= highest)
        plane[padding & ((plane < AIR_HU) | (plane > HIGHEST_HU))] = AIR_HU
    return plane


def _is_integral(values: Values) -> bool:
    return all(value is None or value.is_integer() for value in (values.slope, values.intercept))


def _build_error(path: Path, received: str) -> DataError:
    return DataError(str(path), expected="HU", received=received, next_step="Fetch the file again.")
