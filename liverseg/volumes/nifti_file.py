"""One scalar volume of a NIfTI file as it is stored, or a ``DataError`` that names the file."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.filebasedimages import ImageFileError
from nibabel.openers import ImageOpener
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import array_from_file

from liverseg.errors import DataError

SIGNS_OF_DAMAGE = (
    *(ImageFileError, HeaderDataError, OSError, EOFError, zlib.error),
    *(ValueError, OverflowError, MemoryError),  # a header that asks for the impossible
)


def open_nifti(path: Path) -> Any:
    """The nibabel image of a file that holds one scalar volume; voxels are not read.

    Raises:
        DataError: The file is missing, damaged or no single-file NIfTI, is not three-dimensional
            (further axes of length 1 are let pass), holds colours or complex numbers, or has no
            invertible affine.
    """
    with _report_damage(path):
        image = nib.load(path)
    expected, received = "", ""
    if not isinstance(image, nib.Nifti1Image):  # the base class of Nifti2Image too
        expected, received = "a single-file NIfTI", type(image).__name__
    elif image.ndim < 3 or np.prod(image.shape[3:]) != 1 or min(image.shape) < 1:
        expected, received = "one three-dimensional volume", f"shape {image.shape}"
    elif image.get_data_dtype().kind not in "iuf":
        expected, received = "one number a voxel", f"voxels of type {image.get_data_dtype()}"
    elif not np.isfinite(image.affine).all() or np.linalg.det(image.affine[:3, :3]) == 0:
        expected, received = "an invertible affine", str(image.affine.tolist())
    if expected:
        raise DataError(
            str(path),
            expected=expected,
            received=received,
            next_step="Convert it again, or leave the case out (data.exclude).",
        )
    return image


def read_stored(image: Any, path: Path) -> npt.NDArray[Any]:
    """Voxels (i, j, k) in the type and byte order of the file, before slope and intercept.

    In Fortran order. An uncompressed file is memory-mapped, copy on write.

    Raises:
        DataError: The file ends too early, or its checksum does not fit.
    """
    with _report_damage(path), ImageOpener(path) as file:
        offset = image.dataobj.offset
        stored = array_from_file(image.shape, image.get_data_dtype(), file, offset)
        if path.suffix.lower() == ".gz":
            file.read()  # gzip looks at the checksum only when the end is reached
    return np.asarray(stored).reshape(image.shape[:3], order="F")


@contextmanager
def _report_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise DataError(
            str(path),
            expected="a NIfTI file",
            received="no such file",
            next_step="Check data.root, or run ingest again.",
        ) from None
    except SIGNS_OF_DAMAGE as error:
        raise DataError(
            str(path),
            expected="an undamaged NIfTI file",
            received=" ".join(str(error).split()) or type(error).__name__,
            next_step="Fetch or convert it again, or leave the case out (data.exclude).",
        ) from None
