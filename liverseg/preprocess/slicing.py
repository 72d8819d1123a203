"""From scans and masks to slice stacks: what the stage preprocess does, and inference repeats."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import label_components
from liverseg.labels import LESION, REGIONS, select_region
from liverseg.parallel import map_cases
from liverseg.slices.geometry import (
    SliceGrid,
    build_label_slices,
    pad_plane,
    resize_plane,
    view_slices,
)
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.slices.windowing import AIR_HU, LOWEST_HU, apply_windows
from liverseg.tables.case_table import Case
from liverseg.volumes.nifti import Volume
from liverseg.volumes.reading import read_case_labels, read_case_scan


def preprocess_cases(
    root: Path, cases: Sequence[Case], preprocessing: Preprocessing, folder: Path
) -> None:
    """Write the slices of all cases, their index and the preprocessing into an empty folder.

    Cases run in parallel; each worker holds one volume at a time, and only the index comes back.

    Args:
        root: What the files of the cases are relative to.
        cases: In the order of the index.
        preprocessing: How.
        folder: Must exist.

    Raises:
        DataError: A file cannot be read, or a mask does not lie on the grid of its scan.
    """
    write_case = partial(_write_case, root=root, preprocessing=preprocessing, folder=folder)
    by_case = map_cases(write_case, cases, description="preprocess")
    rows = [row for case_rows in by_case for row in case_rows]
    write_index(folder, rows)
    write_preprocessing(folder, preprocessing)


def build_images(
    scan: Volume, preprocessing: Preprocessing
) -> tuple[npt.NDArray[np.uint8], SliceGrid]:
    """Grey values (num_slices, num_windows, image_size, image_size), and how to go back.

    Padded with air, resized in HU, then windowed: so all windows see the same pixels.
    """
    size = preprocessing.image_size
    slice_grid = SliceGrid(scan.grid, size)
    images = np.empty((slice_grid.num_slices, len(preprocessing.windows_hu), size, size), np.uint8)
    for image, plane in zip(images, view_slices(scan.data, slice_grid), strict=True):
        no_padding = np.maximum(plane, LOWEST_HU)
        square = pad_plane(no_padding, slice_grid, AIR_HU).astype(np.float32, copy=False)
        image[...] = apply_windows(resize_plane(square, (size, size)), preprocessing.windows_hu)
    return images, slice_grid


def list_lesions(labels: npt.NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The numbers of the lesions that each slice (num_slices, rows, columns) shows, ascending.

    A lesion is a component over 26 neighbours: on coarse slices a thin one touches by corners only.
    """
    lesions, _ = label_components(labels == LESION, connectivity=26)
    return [tuple(np.unique(plane[plane > 0]).tolist()) for plane in lesions]


def _write_case(
    case: Case, *, root: Path, preprocessing: Preprocessing, folder: Path
) -> list[SliceRow]:
    images, slice_grid = build_images(read_case_scan(root, case), preprocessing)
    labels = build_label_slices(read_case_labels(root, case).data, slice_grid)
    stack = SliceStack(case.case_id, images, labels, slice_grid)
    write_stack(folder, stack, preprocessing.format)
    liver_pixels, lesion_pixels = (
        select_region(labels, region).sum(axis=(1, 2)).tolist() for region in REGIONS
    )
    by_slice = zip(liver_pixels, lesion_pixels, list_lesions(labels), strict=True)
    return [
        SliceRow(case.case_id, slice_index, *shown) for slice_index, shown in enumerate(by_slice)
    ]
