"""NRRD and MetaImage files in, through SimpleITK: scans in HU, and masks."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from liverseg.errors import DataError, build_missing_extra
from liverseg.grids.grid import Grid
from liverseg.names import escape_unprintable
from liverseg.volumes.hu import scale_to_hu
from liverseg.volumes.itk_header import is_nrrd, list_itk_files
from liverseg.volumes.nifti import Volume
from liverseg.volumes.sizes import GZIP_RATIO, check_memory

LONGEST_REASON = 200
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def load_simpleitk(subject: str, extra: str) -> Any:
    """The module SimpleITK.

    Raises:
        LiversegError: It is not installed.
    """
    try:
        import SimpleITK
    except ModuleNotFoundError as error:
        raise build_missing_extra(subject, extra, error.name) from None
    return SimpleITK


def read_itk_scan(path: Path) -> Volume:
    """A scan in HU, as ``read_scan`` gives that of a NIfTI file.

    Args:
        path: ``.nrrd``, ``.nhdr``, ``.mha`` or ``.mhd``, with its voxels inside or beside it.

    Raises:
        DataError: As for ``read_itk``, or a voxel is infinite, or NaN where the body lies.
        LiversegError: SimpleITK is not installed.
    """
    stored = read_itk(path)
    data, note = scale_to_hu(stored.data, 1, 0, path)
    return Volume(data, stored.grid, (note,) if note else ())


def read_itk(path: Path) -> Volume:
    """The voxels (i, j, k) of a file in the type that they are stored in.

    ITK places voxels in LPS; the grid is that place in RAS.

    Raises:
        DataError: The file is missing, damaged, cut off or too large for the memory, names voxels
            elsewhere (``list_itk_files``), is not three-dimensional, holds more than one number a
            voxel, or its axes lie in one plane.
        LiversegError: SimpleITK is not installed.
    """
    sitk = load_simpleitk(str(path), "itk")
    voxels_path = list_itk_files(path)[-1]
    reader = sitk.ImageFileReader()
    reader.SetImageIO("NrrdImageIO" if is_nrrd(path) else "MetaImageIO")  # whatever its content
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        _refuse_others(path, sitk, reader)
        _refuse_promises(path, sitk, reader, voxels_path)
        image = reader.Execute()
    except RuntimeError as error:
        raise _build_error(path, "an undamaged file", _shorten(error)) from None
    return Volume(sitk.GetArrayFromImage(image).transpose(2, 1, 0), _find_grid(path, image))


def _refuse_others(path: Path, sitk: Any, reader: Any) -> None:
    """Refuse what is no scalar volume, by its header."""
    shape, num_values = reader.GetSize(), reader.GetNumberOfComponents()
    type_name = sitk.GetPixelIDValueAsString(reader.GetPixelID())
    if len(shape) != 3:
        raise _build_error(path, "one three-dimensional volume", f"shape {tuple(shape)}")
    if num_values != 1 or "complex" in type_name:
        raise _build_error(path, "one number a voxel", f"{num_values} ({type_name})")


def _refuse_promises(path: Path, sitk: Any, reader: Any, voxels_path: Path) -> None:
    """Refuse a header that promises more than the file can hold, or the memory."""
    shape = reader.GetSize()
    itemsize = sitk.Image(1, 1, 1, reader.GetPixelID()).GetSizeOfPixelComponent()
    num_bytes, size = math.prod(shape) * itemsize, voxels_path.stat().st_size
    if num_bytes > size * GZIP_RATIO:
        raise _build_error(path, f"the {num_bytes} bytes that its header promises", f"{size} bytes")
    check_memory(path, shape, itemsize)


def _find_grid(path: Path, image: Any) -> Grid:
    lps = np.eye(4)
    lps[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    lps[:3, 3] = image.GetOrigin()
    grid = Grid(image.GetSize(), LPS_TO_RAS @ lps)
    if not grid.is_invertible:
        raise _build_error(path, "an invertible affine", str(grid.affine.tolist()))
    return grid


def _shorten(error: RuntimeError) -> str:
    """What ITK says, on one line, without where in its source: the reason comes last."""
    lines = [line.strip() for line in str(error).splitlines() if ".cxx:" not in line]
    reason = escape_unprintable(" ".join(filter(None, lines)))
    if len(reason) <= LONGEST_REASON:
        return reason
    return reason[-LONGEST_REASON:].partition(" ")[2]


def _build_error(path: Path, expected: str, received: str) -> DataError:
    return DataError(
        str(path), expected=expected, received=received, next_step="Fetch or save it again."
    )
