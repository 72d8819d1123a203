"""3D-IRCADb-1: slices of a scan beside masks, a folder of binary slices for each structure."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.dicom.dicom_file import read_frames
from liverseg.dicom.frames import FramePlace, draw_frame, find_slice
from liverseg.dicom.headers import describe_header
from liverseg.dicom.stack import Stack
from liverseg.dicom.structure import Structure
from liverseg.errors import DataError

SCAN, MASKS = "PATIENT_DICOM", "MASKS_DICOM"
"""Folders of the slices of a patient, and of those of a mask for each structure."""

OTHERS = {MASKS, "LABELLED_DICOM"}


def find_masks(file: Path) -> Path | None:
    """The folder of masks of the patient whose slice a file is, where it lies as in this set."""
    for folder in file.parents:
        if folder.name == SCAN and (folder.parent / MASKS).is_dir():
            return folder.parent / MASKS
    return None


def list_masks(masks: Path) -> Iterator[Structure]:
    """The structures below a folder of masks, at any depth, named like their folders."""
    for folder in sorted(folder for folder in masks.rglob("*") if folder.is_dir()):
        if _list_slices(folder):
            yield Structure(folder.name, None, partial(_draw_slices, folder))


def _draw_slices(folder: Path, mask: npt.NDArray[np.bool_], stack: Stack) -> None:
    """Set the voxels of ``mask`` (i, j, slice) that belong to a structure.

    Raises:
        DataError: A file is damaged or no slice, there is not one for each slice of the scan, they
            hold more than one value besides 0, or they do not lie on the slices.
    """
    files = _list_slices(folder)
    num = len(stack.slices)
    if len(files) != num:
        raise _build_error(folder, f"{num} slices, as in its scan", f"{len(files)}")
    values: set[int] = set()
    missing = set(range(num))
    for file in files:
        found = describe_header(file)
        if not isinstance(found, tuple) or len(found) != 1:
            raise _build_error(folder, "slices of a mask", f"{file.name} is no slice")
        (slice_,) = found
        (frame,) = read_frames(file)
        values |= set(np.unique(frame).tolist())
        place = FramePlace(slice_.position, slice_.along_row, slice_.along_column)
        draw_frame(mask, stack, frame != 0, place, str(file))
        missing.discard(find_slice(place, stack))
    if missing:
        listed = ", ".join(str(k) for k in sorted(missing)[:5])
        raise _build_error(folder, "one for each slice of its scan", f"none for k = {listed}")
    if len(values - {0}) > 1:
        listed = ", ".join(str(value) for value in sorted(values)[:5])
        raise _build_error(folder, "one value besides 0", listed)


def _list_slices(folder: Path) -> list[Path]:
    files = (file for file in folder.iterdir() if file.is_file())
    return sorted(file for file in files if not file.name.startswith("."))


def _build_error(folder: Path, expected: str, received: str) -> DataError:
    return DataError(
        str(folder),
        expected=expected,
        received=received,
        next_step="Fetch the masks again, or leave the structure out of --liver and --lesion.",
    )
