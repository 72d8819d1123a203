"""Masks of any structures: whole numbers, whatever each of them stands for."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.volumes.itk import read_itk
from liverseg.volumes.itk_header import find_itk_stem
from liverseg.volumes.label_values import TOLERANCE
from liverseg.volumes.nifti import Volume
from liverseg.volumes.nifti_file import open_nifti, read_stored

LARGEST_VALUE = 2**16 - 1


def read_whole_values(path: Path) -> Volume:
    """A mask (i, j, k) as uint16: of NIfTI with its slope, of NRRD or MetaImage as it is.

    A value within ``TOLERANCE`` of a whole number is that number.

    Raises:
        DataError: The file cannot be read, or a voxel holds anything but 0 to ``LARGEST_VALUE``.
        LiversegError: It is NRRD or MetaImage, and SimpleITK is not installed.
    """
    slope, intercept = 1.0, 0.0
    if find_itk_stem(path.name) is not None:
        volume = read_itk(path)
    else:
        file = open_nifti(path)
        stored, notes = read_stored(file)
        volume, slope, intercept = Volume(stored, file.grid, notes), file.slope, file.intercept
    values = np.empty(volume.data.shape, np.uint16, order="F")
    for k in range(volume.grid.shape[2]):
        plane = volume.data[..., k].astype(np.float64) * slope + intercept
        whole = np.rint(plane)
        near = np.abs(plane - whole) <= TOLERANCE  # False where a voxel is no number
        if not (near & (whole >= 0) & (whole <= LARGEST_VALUE)).all():
            raise DataError(
                str(path),
                expected=f"a mask of whole values from 0 to {LARGEST_VALUE}",
                received=f"{plane.min():.6g} to {plane.max():.6g} in plane k={k}",
                next_step="Give its voxels such values; a scan is none.",
            )
        values[..., k] = whole
    return Volume(values, volume.grid, volume.notes)


def list_values(values: npt.NDArray[Any]) -> list[int]:
    """The values above 0 of a mask (i, j, k), in order."""
    found = np.zeros(LARGEST_VALUE + 1, np.bool_)
    for k in range(values.shape[2]):
        found[values[..., k]] = True
    return [int(value) for value in np.flatnonzero(found) if value]
