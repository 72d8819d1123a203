"""CHAOS: slices of a scan beside binary pictures of its liver, in the order of their names.

The k-th picture by name belongs to the k-th slice by name, whatever the positions of the slices
say, and shows the same pixels. Source: the challenge's own evaluation, CHAOSmetrics.py: "the
orientation of the slices is determined by order of image names NOT by position tags".
"""

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from liverseg.dicom.stack import Stack
from liverseg.dicom.structure import Structure
from liverseg.errors import DataError
from liverseg.regular_files import read_regular

SCAN, MASKS = "DICOM_anon", "Ground"
"""Folders of the slices of a patient, and of the pictures of the liver in them."""

NAME = "liver"
LARGEST_BYTES = 2**26
PNG_HEADER = struct.Struct(">8s4x4sII")
"""The magic, then of the first chunk its type, width and height (PNG specification, 5.2, 11.2)."""


def find_masks(file: Path) -> Path | None:
    """The folder of pictures of the patient whose slice a file is, where it lies as in this set."""
    masks = file.parent.parent / MASKS
    return masks if file.parent.name == SCAN and masks.is_dir() else None


def list_masks(masks: Path) -> Iterator[Structure]:
    """The liver, where there are pictures of it."""
    if _list_pictures(masks):
        yield Structure(NAME, None, partial(_draw_pictures, masks))


def _draw_pictures(masks: Path, mask: npt.NDArray[np.bool_], stack: Stack) -> None:
    """Set the voxels of ``mask`` (i, j, slice) that belong to the liver.

    Raises:
        DataError: A picture is damaged or of another size than its slice, there is not one for each
            slice, or they hold more than one value besides 0.
    """
    pictures = _list_pictures(masks)
    by_name = sorted(range(len(stack.slices)), key=lambda k: stack.slices[k].path.name)
    if len(pictures) != len(by_name):
        raise _build_error(masks, f"{len(by_name)} pictures, as slices", f"{len(pictures)}")
    values: set[int] = set()
    for picture, k in zip(pictures, by_name, strict=True):
        pixels = _read_picture(picture, stack.slices[k].shape)
        values |= set(np.unique(pixels).tolist())
        mask[:, :, k] |= (pixels != 0).T
    if len(values - {0}) > 1:
        listed = ", ".join(str(value) for value in sorted(values)[:5])
        raise _build_error(masks, "one value besides 0", listed)


def _read_picture(path: Path, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Pixels (row, column); sizes are compared before anything is unpacked."""
    try:
        content = read_regular(path, LARGEST_BYTES)
        magic, kind, columns, rows = PNG_HEADER.unpack_from(content)
    except OSError as error:
        raise _build_error(path, "a picture", str(error.strerror).lower()) from None
    except (ValueError, struct.error) as error:
        raise _build_error(path, "a picture in PNG", str(error)) from None
    if magic != b"\x89PNG\r\n\x1a\n" or kind != b"IHDR" or (rows, columns) != shape:
        raise _build_error(path, f"a PNG of {shape[1]} x {shape[0]} pixels", f"{columns} x {rows}")
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise _build_error(path, "an undamaged PNG", "one that cannot be unpacked")
    return np.asarray(pixels, np.uint8)


def _list_pictures(masks: Path) -> list[Path]:
    files = (file for file in masks.iterdir() if file.suffix.lower() == ".png")
    return sorted(file for file in files if not file.name.startswith("."))


def _build_error(subject: Path, expected: str, received: str) -> DataError:
    return DataError(
        str(subject), expected=expected, received=received, next_step="Fetch the set again."
    )
