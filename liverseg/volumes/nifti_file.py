"""One scalar volume of a NIfTI file as it is stored, or a ``DataError`` that names the file.

Nothing in a header is believed before it was held against the size of the file and the memory of
the machine. Extensions of the header are never read.
"""

import errno
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import array_from_file

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.regular_files import open_regular
from liverseg.volumes.compression import (
    BLOCK_BYTES,
    TRAILING_BYTES,
    describe_name,
    is_gzip,
    open_content,
    read_end,
)
from liverseg.volumes.nifti_header import read_affine, read_header
from liverseg.volumes.sizes import check_memory, check_promise

AnyPath = TypeVar("AnyPath", bound=PurePath)

NIFTI_SUFFIXES = (".nii.gz", ".nii", ".hdr.gz", ".hdr")
"""What stands for a volume in a folder: a single file, or the header of a pair."""

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
        notes: What is wrong with the file and was read in spite of it, a sentence each.
    """

    voxels_path: Path
    header: Any
    grid: Grid
    offset: int
    dtype: np.dtype[Any]
    slope: float
    intercept: float
    notes: tuple[str, ...] = ()


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
            gzip or not, whatever its name says.

    Raises:
        DataError: The file is missing, damaged, no NIfTI or too small for what its header promises,
            is not three-dimensional (further axes of length 1 are let pass), holds colours or
            complex numbers, or has no invertible affine.
    """
    header_path, voxels_path = find_pair(path)
    with _report_damage(header_path):
        header = read_header(header_path, is_single=header_path == voxels_path)
        shape, dtype = header.get_data_shape(), header.get_data_dtype()
        slope, intercept = header.get_slope_inter()
        offset = header.get_data_offset()
        affine, notes = read_affine(header)
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
    if slope is None:
        slope, intercept = 1.0, 0.0
    with _report_damage(voxels_path):
        check_promise(voxels_path, offset + math.prod(grid.shape) * dtype.itemsize)
        notes += [note for note in map(describe_name, {header_path, voxels_path}) if note]
    return NiftiFile(voxels_path, header, grid, offset, dtype, slope, intercept, tuple(notes))


def read_stored(file: NiftiFile) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Voxels (i, j, k) in the type and byte order of the file, and all notes on it.

    Before slope and intercept, in Fortran order. An uncompressed file is memory-mapped, copy on
    write.

    Raises:
        DataError: There is not enough memory, the file ends too early or goes on for long after the
            last voxel, or its checksum does not fit.
    """
    path = file.voxels_path
    check_memory(path, file.grid.shape, file.dtype.itemsize)
    num_trailing, note = 0, ""
    with _report_damage(path), open_content(path) as opened:
        if is_gzip(path):
            stored = _read_unpacked(opened, file)
            num_trailing, note = read_end(opened)
        else:
            stored = array_from_file(file.grid.shape, file.dtype, opened, file.offset)
    if num_trailing >= TRAILING_BYTES:
        raise DataError(
            str(path),
            expected=f"less than {TRAILING_BYTES} bytes after the last voxel",
            received="more",
            next_step="Convert it again.",
        )
    return np.asarray(stored), (*file.notes, note) if note else file.notes


def _read_unpacked(opened: BinaryIO, file: NiftiFile) -> npt.NDArray[Any]:
    """The voxels of a stream that cannot be sought in."""
    skipped = 0
    while skipped < file.offset and (block := opened.read(min(BLOCK_BYTES, file.offset - skipped))):
        skipped += len(block)
    stored = np.empty(file.grid.shape, file.dtype, order="F")
    content: Any = memoryview(stored.ravel(order="F").view(np.uint8).data)
    num_bytes = opened.readinto(content)  # type: ignore[attr-defined]
    if num_bytes < stored.nbytes:
        raise EOFError(f"{num_bytes} bytes of voxels, not the {stored.nbytes} of its header")
    return stored


@contextmanager
def _report_damage(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a file into a ``DataError``; what is no file is never opened."""
    try:
        open_regular(path).close()  # a pipe or a device would be read for ever
        yield
    except SIGNS_OF_DAMAGE as error:
        raise _describe_damage(path, error) from None


def _describe_damage(path: Path, error: Exception) -> DataError:
    expected, next_step = "an undamaged NIfTI file", "Fetch or convert it again."
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, zlib.error):
        text = f"damaged compressed data, or a wrong checksum (CRC): {error}"
    elif isinstance(error, FileNotFoundError):
        text = "a link to a file that is not there" if path.is_symlink() else "no such file"
        expected, next_step = "a NIfTI file", "Check its name, or bring it back."
    elif getattr(error, "errno", None) in (errno.EISDIR, errno.ENOTSUP):
        text = "a folder" if path.is_dir() else text
        expected, next_step = "a NIfTI file", "Remove or rename it."
    return DataError(
        str(path), expected=expected, received=" ".join(text.split()), next_step=next_step
    )
