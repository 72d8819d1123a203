"""One scalar volume of a NIfTI file as it is stored, or a ``DataError`` that names the file.

Nothing in a header is believed before it was held against the size of the file and the memory of
the machine. Extensions of the header are never read.
"""

import gzip
import logging
import math
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any, TypeVar, cast

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import array_from_file

from liverseg.errors import DataError
from liverseg.volumes.grid import Grid
from liverseg.volumes.sizes import check_memory, check_promise, is_gzip

AnyPath = TypeVar("AnyPath", bound=PurePath)

_NOTES = logging.getLogger(__name__)

NIFTI_SUFFIXES = (".nii.gz", ".nii", ".hdr.gz", ".hdr")
"""What stands for a volume in a folder: a single file, or the header of a pair."""

MAX_AXES = 7
"""Of a NIfTI header (nifti1.h, ``dim``)."""

TRAILING_BYTES = 2**20
"""What may follow the last voxel of a gzip file; it is decompressed to reach the checksum."""

SIGNS_OF_DAMAGE = (
    *(HeaderDataError, OSError, EOFError, zlib.error),
    *(ValueError, OverflowError, MemoryError),  # a header that asks for the impossible
)


@dataclass(frozen=True, eq=False)
class NiftiFile:
    """What the header of a file says.

    Attributes:
        voxels_path: Where the voxels are: the file itself, or the ``.img`` of a pair.
        header: nibabel's.
        grid: Shape and affine, by nibabel's rules: the sform where its code is not 0, else the
            qform where its code is not 0, else the spacings alone, axes ``LAS``, with the origin in
            the centre of the volume. A qform that says something else than the sform is ignored.
        offset: Bytes before the first voxel.
        dtype: Of the voxels, with their byte order.
        slope: Of the voxels; 1 where the header has none.
        intercept: Of the voxels; 0 where the header has none.
    """

    voxels_path: Path
    header: Any
    grid: Grid
    offset: int
    dtype: np.dtype[Any]
    slope: float
    intercept: float


def find_stem(name: str) -> str | None:
    """Name of a volume without its suffix, capital or not; None for a file that is no volume's."""
    lower = name.lower()
    suffix = next((suffix for suffix in NIFTI_SUFFIXES if lower.endswith(suffix)), None)
    return None if suffix is None else name[: -len(suffix)]


def find_pair(path: AnyPath) -> tuple[AnyPath, AnyPath]:
    """The files with the header and with the voxels: one and the same unless named as a pair."""
    match = re.fullmatch(r"(.+\.)(hdr|img)(\.gz)?", path.name, re.DOTALL | re.IGNORECASE)
    if match is None:
        return path, path
    start, named, end = match[1], match[2], match[3] or ""
    header, voxels = ("HDR", "IMG") if named.isupper() else ("hdr", "img")
    return path.with_name(f"{start}{header}{end}"), path.with_name(f"{start}{voxels}{end}")


def open_nifti(path: Path) -> NiftiFile:
    """The header of a file that holds one scalar volume; voxels are not read.

    Args:
        path: A NIfTI-1 or -2 file, or either file of a pair ``.hdr`` and ``.img``; compressed with
            gzip where it ends in ``.gz``.

    Raises:
        DataError: The file is missing, damaged, no NIfTI or too small for what its header promises,
            is not three-dimensional (further axes of length 1 are let pass), holds colours or
            complex numbers, or has no invertible affine.
    """
    header_path, voxels_path = find_pair(path)
    with _report_damage(header_path):
        header = _read_header(header_path, is_single=header_path == voxels_path)
        shape, dtype = header.get_data_shape(), header.get_data_dtype()
        slope, intercept = header.get_slope_inter()
        offset, affine = header.get_data_offset(), header.get_best_affine()
    expected, received = "", ""
    if len(shape) < 3 or math.prod(shape[3:]) != 1 or min(shape) < 1:
        expected, received = "one three-dimensional volume", f"shape {shape}"
    elif dtype.kind not in "iuf":
        expected, received = "one number a voxel", f"voxels of type {dtype}"
    else:
        i, j, k = (int(length) for length in shape[:3])
        grid = Grid((i, j, k), affine)
        if not grid.is_invertible:
            expected, received = "an invertible affine", str(affine.tolist())
    if expected:
        raise DataError(
            str(path),
            expected=expected,
            received=received,
            next_step="Convert it again.",
        )
    scaling = (1.0, 0.0) if slope is None else (slope, intercept)
    with _report_damage(voxels_path):
        check_promise(voxels_path, offset + math.prod(grid.shape) * dtype.itemsize)
    return NiftiFile(voxels_path, header, grid, offset, dtype, *scaling)


def read_stored(file: NiftiFile) -> npt.NDArray[Any]:
    """Voxels (i, j, k) in the type and byte order of the file, before slope and intercept.

    In Fortran order. An uncompressed file is memory-mapped, copy on write.

    Raises:
        DataError: There is not enough memory, the file ends too early or goes on for long after the
            last voxel, or its checksum does not fit.
    """
    path = file.voxels_path
    check_memory(path, file.grid.shape, file.dtype.itemsize)
    with _report_damage(path), _open(path) as opened:
        stored = array_from_file(file.grid.shape, file.dtype, opened, file.offset)
        is_longer = is_gzip(path) and len(opened.read(TRAILING_BYTES)) == TRAILING_BYTES
    if is_longer:
        raise DataError(
            str(path),
            expected=f"less than {TRAILING_BYTES} bytes after the last voxel",
            received="more",
            next_step="Convert it again.",
        )
    return np.asarray(stored)


def _read_header(path: Path, *, is_single: bool) -> Any:
    with _open(path) as file:
        block = file.read(nib.Nifti2Header.sizeof_hdr)
    kinds = (nib.Nifti1Image, nib.Nifti2Image) if is_single else (nib.Nifti1Pair, nib.Nifti2Pair)
    for kind in (each.header_class for each in kinds):
        if kind.may_contain_header(block):
            header = kind(block[: kind.sizeof_hdr], check=False)
            if not 1 <= header["dim"][0] <= MAX_AXES:
                raise ValueError(f"a number of axes that is not 1 to {MAX_AXES}")
            header.check_fix(_HeaderNotes(path))
            if bytes(header["magic"])[:2] != (b"n+" if is_single else b"ni"):
                raise ValueError(f"the header of a {'pair' if is_single else 'single file'}")
            if header.get_data_offset() < (kind.single_vox_offset if is_single else 0):
                raise ValueError(f"voxels from byte {header.get_data_offset()}, inside the header")
            return header
    if 348 in (int.from_bytes(block[:4], order) for order in ("little", "big")):
        raise ValueError("Analyze 7.5, which does not say which side is left")
    raise ValueError("no NIfTI header" if block else "an empty file")


class _HeaderNotes:
    """What nibabel mends in a header, with the name of the file; stands in for its logger."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def log(self, level: int, message: str) -> None:
        _NOTES.log(min(level, logging.INFO), "%s: %s", self._path, message)


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if is_gzip(path) else path.open("rb")


@contextmanager
def _report_damage(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a file into a ``DataError``; what is no file is never opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading from a pipe would wait for ever
            raise DataError(
                str(path),
                expected="a NIfTI file",
                received="a folder" if path.is_dir() else "no regular file",
                next_step="Remove or rename it.",
            )
        yield
    except FileNotFoundError:
        received = "a link to a file that is not there" if path.is_symlink() else "no such file"
        raise DataError(
            str(path),
            expected="a NIfTI file",
            received=received,
            next_step="Check its name, or bring it back.",
        ) from None
    except SIGNS_OF_DAMAGE as error:
        text = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(
            str(path),
            expected="an undamaged NIfTI file",
            received=" ".join(text.split()),
            next_step="Fetch or convert it again.",
        ) from None
