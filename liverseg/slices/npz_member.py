"""One array of an uncompressed NPZ file, memory-mapped.

``numpy.load`` ignores ``mmap_mode`` for NPZ files and reads a member as a whole.
"""

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format

from liverseg.errors import DataError

LOCAL_HEADER = struct.Struct("<26x2H")
"""Of a zip member: 26 bytes of other fields, then the lengths of its name and of its extra field
(APPNOTE.TXT 6.3.10, section 4.3.7); the extra field may differ from the central directory's."""


def map_member(path: Path, name: str) -> "np.memmap[Any, Any]":
    """The array ``name`` of an NPZ file, read-only; only the parts that are looked at are read.

    Raises:
        DataError: The file is no whole NPZ file, or the array is missing or compressed.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            member = archive.getinfo(f"{name}.npy")
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{name} is compressed")
            file.seek(member.header_offset)
            name_length, extra_length = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
            file.seek(name_length + extra_length, 1)
            npy_format.read_magic(file)
            shape, fortran_order, dtype = npy_format.read_array_header_1_0(file)
            if dtype.hasobject:  # addresses of objects, which the file must not choose
                raise ValueError(f"{name} holds Python objects")
            offset = file.tell()
        return np.memmap(path, dtype, "r", offset, shape, "F" if fortran_order else "C")
    except (zipfile.BadZipFile, struct.error, OSError, KeyError, ValueError) as error:
        raise DataError(
            str(path),
            expected=f"an uncompressed NPZ file with an array {name!r}",
            received=" ".join(str(error).split()),
            next_step="Write it again: run `dvc repro --force preprocess`.",
        ) from None
