"""Masks as 3D-IRCADb-1 has them: a folder of binary slices for each structure."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.dicom.dicom_file import read_frames
from liverseg.dicom.frames import FramePlace, draw_frame, find_slice
from liverseg.dicom.headers import SliceHeader, describe_header
from liverseg.errors import DataError
from liverseg.volumes.grid import Grid


def list_structures(masks: Path) -> dict[str, list[Path]]:
    """Folders of each structure below a folder of masks, at any depth, by the name they share."""
    structures: dict[str, list[Path]] = defaultdict(list)
    for folder in sorted(folder for folder in masks.rglob("*") if folder.is_dir()):
        if _list_slices(folder):
            structures[folder.name].append(folder)
    return structures


def draw_structure(folder: Path, mask: npt.NDArray[np.bool_], grid: Grid) -> None:
    """Set the voxels of ``mask`` (i, j, k) that belong to a structure.

    Raises:
        DataError: A file is damaged or no slice, there is not one for each slice of the scan, they
            hold more than one value besides 0, or they do not lie on the grid.
    """
    files = _list_slices(folder)
    if len(files) != grid.shape[2]:
        raise _build_error(folder, f"{grid.shape[2]} slices, as in its scan", f"{len(files)}")
    values: set[int] = set()
    missing = set(range(grid.shape[2]))
    for file in files:
        header = describe_header(file)
        if not isinstance(header, SliceHeader):
            raise _build_error(folder, "slices of a mask", f"{file.name} is no slice")
        (frame,) = read_frames(file)
        values |= set(np.unique(frame).tolist())
        place = FramePlace(header.position, header.along_row, header.along_column)
        draw_frame(mask, grid, frame != 0, place, str(file))
        missing.discard(find_slice(place, grid))
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
