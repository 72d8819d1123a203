"""Values of DICOM elements as plain Python, and errors in plain words where they are missing."""

import math
from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset

from liverseg.grids.grid import LARGEST_MM, LARGEST_SHEAR, SMALLEST_SPACING_MM

IMAGE_GROUPS = (0x0008, 0x0010, 0x0018, 0x0020, 0x0028)
"""Of the elements that describe an image."""

Vector = tuple[float, float, float]


def read_numbers(header: Any, keyword: str, count: int) -> tuple[float, ...]:
    """So many finite numbers of an element.

    Raises:
        ValueError: It is absent, empty, of another length, or holds anything else.
    """
    value = header.get(keyword)
    values = [value] if isinstance(value, (str, bytes, int, float)) else list(value or ())
    try:
        numbers = tuple(float(each) for each in values)
    except (TypeError, ValueError, OverflowError):
        numbers = ()
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        shown = "\\".join(str(each) for each in values[:10])[:80]
        received = f"is {shown!a}" if shown else "is empty" if keyword in header else "is missing"
        raise ValueError(f"{keyword} {received}; {count} finite number(s) are needed")
    return numbers


def read_optional(header: Any, keyword: str) -> float | None:
    """The number of an element; None where it is absent or empty.

    Raises:
        ValueError: It holds anything but one finite number.
    """
    if header.get(keyword) in (None, "", b""):
        return None
    return read_numbers(header, keyword, 1)[0]


def read_count(header: Any, *keywords: str) -> int | None:
    """The first of some elements that holds a whole number from 0; None where none does."""
    texts = (read_text(header, keyword) for keyword in keywords)
    return next((int(text) for text in texts if text.isdecimal() and len(text) <= 12), None)


def read_text(header: Any, keyword: str) -> str:
    """The text of an element; empty where it is absent."""
    value = header.get(keyword)
    return "" if value is None else str(value)


def read_plane(header: Any) -> tuple[Vector, Vector, Vector]:
    """Centre of the first pixel, step along a row and step along a column, in LPS and mm.

    Raises:
        ValueError: The header does not say it, or what it says is no plane in the patient.
    """
    between_rows, between_columns = read_numbers(header, "PixelSpacing", 2)
    xr, yr, zr, xc, yc, zc = read_numbers(header, "ImageOrientationPatient", 6)
    x, y, z = read_numbers(header, "ImagePositionPatient", 3)
    along_row = (xr * between_columns, yr * between_columns, zr * between_columns)
    along_column = (xc * between_rows, yc * between_rows, zc * between_rows)
    lengths = math.hypot(*along_row), math.hypot(*along_column)
    across = abs(sum(a * b for a, b in zip(along_row, along_column, strict=True)))
    if min(lengths) < SMALLEST_SPACING_MM or max(*lengths, *map(abs, (x, y, z))) > LARGEST_MM:
        raise ValueError(f"pixels of {lengths} mm at {(x, y, z)} mm, which no scanner has")
    if across > LARGEST_SHEAR * lengths[0] * lengths[1]:
        raise ValueError(f"rows and columns along {along_row} and {along_column} mm, not at 90°")
    return (x, y, z), along_row, along_column


def flatten_frames(header: Any) -> Iterator[Any]:
    """A header for each frame of a multi-frame object, as if it were an image of its own.

    The elements of its functional groups (PS3.3, C.7.6.16) stand beside those of the file: first
    what all frames share, over it what is the frame's alone.

    Raises:
        ValueError: Not every frame is described.
    """
    groups = header.PerFrameFunctionalGroupsSequence
    if len(groups) != int(header.get("NumberOfFrames") or 1):
        raise ValueError(f"{len(groups)} of {header.get('NumberOfFrames')} frames are described")
    common = Dataset()
    for group in IMAGE_GROUPS:
        common.update(header.group_dataset(group))
    for shared in header.get("SharedFunctionalGroupsSequence") or ():
        _add_groups(common, shared)
    for own in groups:
        frame = Dataset()
        frame.update(common)  # a Dataset made of another one shares its elements
        _add_groups(frame, own)
        yield frame


def _add_groups(frame: Any, groups: Any) -> None:
    for element in groups:
        for item in element.value[:1] if element.VR == "SQ" and element.value else ():
            frame.update(item)
