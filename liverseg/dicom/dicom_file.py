"""DICOM files as they are stored, or a ``DataError`` that names the file. The home of pydicom."""

import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from liverseg.dicom.magic import is_dicom
from liverseg.errors import DataError, build_missing_extra

try:
    import pydicom
    from pydicom.errors import BytesLengthException, InvalidDicomError
    from pydicom.filereader import read_dataset, read_preamble
    from pydicom.pixels.utils import iter_pixels
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
except ModuleNotFoundError as error:
    raise build_missing_extra("DICOM", "dicom", error.name) from None

logging.getLogger("pydicom").setLevel(logging.ERROR)  # it logs what it warns of, too

DEFLATED = "1.2.840.10008.1.2.1.99"
LARGEST_FRAME = 4096 * 4096
"""Pixels; scanners make 512 x 512 to 2048 x 2048."""

SIGNS_OF_DAMAGE = (
    *(OSError, InvalidDicomError, BytesLengthException, struct.error, zlib.error),
    *(EOFError, MemoryError, RecursionError, OverflowError),  # lengths and depths that lie
    *(AttributeError, LookupError, TypeError, ValueError),  # elements of another kind than defined
    *(NotImplementedError, RuntimeError),  # of the decoders
)


def read_header(path: Path) -> Any:
    """The pydicom data set of a file, up to its pixels; it may lack the preamble.

    Raises:
        DataError: The file is no DICOM, is damaged, or its data set is deflated.
    """
    with report_damage(path):
        if not is_dicom(path):
            raise InvalidDicomError("no magic of DICOM, and no elements in its place")
        if _read_transfer_syntax(path) == DEFLATED:
            raise DataError(
                str(path),
                expected="a data set that is not deflated: it is unpacked before its size is known",
                received="the transfer syntax Deflated Explicit VR Little Endian",
                next_step="Convert it, e.g. with dcmconv of DCMTK.",
            )
        return pydicom.dcmread(path, stop_before_pixels=True, force=True)


def read_frames(path: Path, indices: Sequence[int] | None = None) -> Iterator[npt.NDArray[Any]]:
    """Frames (row, column) of a file one after the other, as integers before any rescaling.

    Args:
        path: The file.
        indices: Of the frames that are wanted, in the order in which they come; None for all.

    Raises:
        DataError: The file is damaged, holds fewer pixels than it promises, is larger than memory,
            in colours, or compressed in a way that cannot be read.
    """
    header = read_header(path)
    with report_damage(path):
        num_pixels = int(header.Rows) * int(header.Columns)
        if not 0 < num_pixels <= LARGEST_FRAME or int(header.get("SamplesPerPixel", 1)) != 1:
            raise ValueError(
                f"{header.Rows} x {header.Columns} pixels of {header.get('SamplesPerPixel')} "
                f"samples; at most {LARGEST_FRAME} pixels of one sample are read"
            )
        size, available = path.stat().st_size, psutil.virtual_memory().available
        if size > available:
            raise MemoryError(f"a file of {size} bytes, {available} bytes of memory are free")
        dataset = pydicom.dcmread(path, force=True)
        if "TransferSyntaxUID" not in dataset.file_meta:
            dataset.file_meta.TransferSyntaxUID = _guess_transfer_syntax(dataset)
        bits = dataset.BitsAllocated == 1 and not dataset.file_meta.TransferSyntaxUID.is_compressed
        if bits:
            yield from _iterate_bits(dataset, indices)
        else:
            yield from iter_pixels(dataset, raw=True, indices=indices)


def _read_transfer_syntax(path: Path) -> str:
    """The UID in the meta information; empty without one."""
    with path.open("rb") as file:
        read_preamble(file, force=True)
        meta = read_dataset(file, False, True, stop_when=lambda tag, *_: tag.group != 2)
    return str(meta.get("TransferSyntaxUID", ""))


def _guess_transfer_syntax(dataset: Any) -> pydicom.uid.UID:
    """That of a data set without meta information, from how its elements were found to be coded."""
    implicit_vr, little_endian = dataset.original_encoding
    if implicit_vr:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little_endian else ExplicitVRBigEndian


def _iterate_bits(dataset: Any, indices: Sequence[int] | None) -> Iterator[npt.NDArray[np.uint8]]:
    """Frames of one bit a pixel, of which one may end within a byte (PS3.5, 8.1.1).

    pydicom 3.0 reads such a file as a whole, which takes eight times its size, but not by frames.
    """
    shape, num_frames = (dataset.Rows, dataset.Columns), int(dataset.get("NumberOfFrames") or 1)
    num_pixels = dataset.Rows * dataset.Columns
    stored = np.frombuffer(dataset.PixelData, np.uint8)
    if 8 * stored.size < num_frames * num_pixels:
        raise ValueError(f"{stored.size} bytes for {num_frames} frames of {num_pixels} bits")
    for index in range(num_frames) if indices is None else indices:
        start = index * num_pixels
        in_bytes = stored[start // 8 : -(-(start + num_pixels) // 8)]
        bits = np.unpackbits(in_bytes, bitorder="little")[start % 8 :][:num_pixels]
        yield bits.reshape(shape)


class _Silence:
    """No warnings for as long as any thread asks for that: filters are those of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._num_users = 0
        self._silenced = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if not self._num_users:
                self._silenced.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
            self._num_users += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._num_users -= 1
            if not self._num_users:
                self._silenced.close()


_SILENCE = _Silence()


@contextmanager
def report_damage(path: Path) -> Iterator[None]:
    """Turn what pydicom raises on a file that breaks the standard into a ``DataError``."""
    try:
        with _SILENCE:  # of values that break the standard but can be read
            yield
    except SIGNS_OF_DAMAGE as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            str(path),
            expected="an undamaged DICOM file, its header complete, in a known transfer syntax",
            received=text if text.isprintable() else ascii(text),
            next_step="Fetch it again, or convert it to Explicit VR Little Endian, e.g. with "
            "gdcmconv --raw.",
        ) from None
