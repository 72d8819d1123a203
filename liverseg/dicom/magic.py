"""Whether a file is DICOM, told by its first bytes; it takes no package to ask."""

import struct
from pathlib import Path

from liverseg.regular_files import open_regular

MAGIC_AT, MAGIC = 128, b"DICM"
FIRST_GROUPS = (0x0002, 0x0008)
"""Of a file without preamble: its meta information, or the identification of the object."""

LONG_VRS = {b"OB", b"OW", b"SQ", b"UN", b"UT"}
"""Their length stands in 4 bytes, after 2 that are reserved (PS3.5, 7.1.2)."""

NUM_BYTES = 1024


def is_dicom(path: Path) -> bool:
    """Whether the file has the magic of DICOM, or begins as a data set does.

    Files of before 1993, and of archives that keep data sets alone, have no preamble: they are
    known by two elements of the first groups, one after the other in the order of their tags.

    Raises:
        OSError: The file cannot be read, or is no regular file.
    """
    with open_regular(path) as file:
        start = file.read(NUM_BYTES)
    return start[MAGIC_AT:].startswith(MAGIC) or _begins_with_elements(start)


def _begins_with_elements(start: bytes) -> bool:
    try:
        first, second_at = _read_element(start, 0)
        second, _ = _read_element(start, second_at)
    except struct.error:  # the file, or what was read of it, ends before
        return False
    return first[0] in FIRST_GROUPS and second[0] in FIRST_GROUPS and first < second


def _read_element(start: bytes, at: int) -> tuple[tuple[int, int], int]:
    """The tag of an element in little endian, and where the next one begins."""
    group, element = struct.unpack_from("<HH", start, at)
    vr = start[at + 4 : at + 6]
    if vr in LONG_VRS:
        (length,) = struct.unpack_from("<I", start, at + 8)
        return (group, element), at + 12 + length
    if vr.isalpha() and vr.isupper():
        (length,) = struct.unpack_from("<H", start, at + 6)
    else:  # implicit VR
        (length,) = struct.unpack_from("<I", start, at + 4)
    return (group, element), at + 8 + length
