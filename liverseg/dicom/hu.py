"""The voxels of ordered slices in HU."""

import numpy as np
import numpy.typing as npt

from liverseg.dicom.dicom_file import read_frames
from liverseg.dicom.headers import SliceHeader
from liverseg.dicom.stack import Stack
from liverseg.errors import DataError
from liverseg.volumes.nifti import Volume
from liverseg.volumes.sizes import check_memory


def read_stack(stack: Stack) -> Volume:
    """The scan in HU, each slice with its own slope and intercept.

    As int16 where that is exact for every slice, else as float32.

    Raises:
        DataError: A file cannot be read, its values are too large, or the scan does not fit in
            memory.
    """
    check_memory(stack.slices[0].path, stack.grid.shape, voxel_bytes=2)
    hu = np.empty(stack.grid.shape, np.float32, order="F")  # holds every int16 exactly
    for k, slice_ in enumerate(stack.slices):
        with np.errstate(over="ignore"):  # what overflows is not finite: found below
            hu[:, :, k] = _read_plane(slice_).T
        if not np.isfinite(hu[:, :, k]).all():
            raise DataError(
                str(slice_.path),
                expected="HU",
                received=f"slope {slice_.slope} and intercept {slice_.intercept}",
                next_step="Fetch the file again.",
            )
    limits = np.iinfo(np.int16)
    fits = limits.min <= hu.min() and hu.max() <= limits.max
    exact = fits and all(_is_integral(slice_) for slice_ in stack.slices)
    return Volume(hu.astype(np.int16, order="F") if exact else hu, stack.grid)


def _read_plane(slice_: SliceHeader) -> npt.NDArray[np.float64]:
    """The pixels (row, column) of a slice after slope and intercept."""
    (stored,) = read_frames(slice_.path)
    slope = 1.0 if slice_.slope is None else slice_.slope
    intercept = 0.0 if slice_.intercept is None else slice_.intercept
    plane: npt.NDArray[np.float64] = stored * slope + intercept
    return plane


def _is_integral(slice_: SliceHeader) -> bool:
    return all(value is None or value.is_integer() for value in (slice_.slope, slice_.intercept))
