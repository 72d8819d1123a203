"""From scans and masks to slice stacks: what the stage preprocess does, and inference repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.grids.components import label_components
from liverseg.labels import LESION, REGIONS, select_region
from liverseg.parallel import map_cases
from liverseg.slices.geometry import (
    SliceGrid,
    build_label_slices,
    cut_plane,
    find_overlap,
    resize_plane,
    view_slices,
)
from liverseg.slices.regions import (
    NEXT_STEP,
    REGIONS_FILE,
    CaseRegion,
    Region,
    write_regions,
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
    root: Path,
    cases: Sequence[Case],
    regions: Mapping[str, CaseRegion],
    preprocessing: Preprocessing,
    folder: Path,
) -> None:
    """Write the slices of all cases, their index, regions and preprocessing into an empty folder.

    Cases run in parallel; each worker holds one volume at a time, and only the index comes back.

    Args:
        root: What the files of the cases are relative to.
        cases: In the order of the index.
        regions: What slices show of each case.
        preprocessing: How.
        folder: Must exist.

    Raises:
        DataError: A file cannot be read, a mask does not lie on the grid of its scan, or a case has
            no region.
    """
    missing = [case.case_id for case in cases if case.case_id not in regions]
    if missing:
        raise DataError(
            missing[0], expected="a region", received="none in the table", next_step=NEXT_STEP
        )
    write_case = partial(_write_case, root=root, preprocessing=preprocessing, folder=folder)
    with_regions = [(case, regions[case.case_id].region) for case in cases]
    written = list(map_cases(write_case, with_regions, description="preprocess"))
    write_index(folder, [row for rows, _ in written for row in rows])
    write_regions(
        folder / REGIONS_FILE,
        [
            replace(regions[case.case_id], liver_share=share)
            for case, (_, share) in zip(cases, written, strict=True)
        ],
    )
    write_preprocessing(folder, preprocessing)


def build_images(
    scan: Volume, preprocessing: Preprocessing, region: Region | None = None
) -> tuple[npt.NDArray[np.uint8], SliceGrid]:
    """Grey values (num_slices, num_windows, image_size, image_size), and how to go back.

    Air beyond the scan, resized in HU, then windowed: so all windows see the same pixels.

    Args:
        scan: In HU.
        preprocessing: Windows and size.
        region: What to show of the scan; None for all of it, each slice padded to a square.
    """
    size = preprocessing.image_size
    slice_grid = SliceGrid(scan.grid, size, region)
    images = np.empty((slice_grid.num_slices, len(preprocessing.windows_hu), size, size), np.uint8)
    for image, plane in zip(images, view_slices(scan.data, slice_grid), strict=True):
        no_padding = np.maximum(plane, LOWEST_HU)
        square = cut_plane(no_padding, slice_grid, AIR_HU).astype(np.float32, copy=False)
        image[...] = apply_windows(resize_plane(square, (size, size)), preprocessing.windows_hu)
    return images, slice_grid


def list_lesions(labels: npt.NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The numbers of the lesions that each slice (num_slices, rows, columns) shows, ascending.

    A lesion is a component over 26 neighbours: on coarse slices a thin one touches by corners only.
    """
    lesions, _ = label_components(labels == LESION, connectivity=26)
    return [tuple(np.unique(plane[plane > 0]).tolist()) for plane in lesions]


def build_stack(
    case_id: str,
    scan: Volume,
    labels: npt.NDArray[np.uint8],
    preprocessing: Preprocessing,
    region: Region | None,
) -> SliceStack:
    """The slices of a case: images as ``build_images`` makes them, and its labels (i, j, k)."""
    images, slice_grid = build_images(scan, preprocessing, region)
    return SliceStack(case_id, images, build_label_slices(labels, slice_grid), slice_grid)


def describe_slices(stack: SliceStack) -> list[SliceRow]:
    """The rows of the index for a case."""
    labels = stack.labels[:]
    liver_pixels, lesion_pixels = (
        select_region(labels, region).sum(axis=(1, 2)).tolist() for region in REGIONS
    )
    by_slice = zip(liver_pixels, lesion_pixels, list_lesions(labels), strict=True)
    return [
        SliceRow(stack.case_id, slice_index, *shown) for slice_index, shown in enumerate(by_slice)
    ]


def measure_liver_share(labels: npt.NDArray[np.uint8], slice_grid: SliceGrid) -> float | None:
    """Share of the liver's voxels (i, j, k) that the slices show; None where there is no liver."""
    num_liver = np.count_nonzero(labels)
    if not num_liver:
        return None
    in_plane, _ = find_overlap(slice_grid)
    shown = view_slices(labels, slice_grid)[:, *in_plane]
    return np.count_nonzero(shown) / num_liver


def _write_case(
    case_and_region: tuple[Case, Region | None],
    *,
    root: Path,
    preprocessing: Preprocessing,
    folder: Path,
) -> tuple[list[SliceRow], float | None]:
    case, region = case_and_region
    scan, labels = read_case_scan(root, case), read_case_labels(root, case).data
    stack = build_stack(case.case_id, scan, labels, preprocessing, region)
    write_stack(folder, stack, preprocessing.format)
    return describe_slices(stack), measure_liver_share(labels, stack.slice_grid)
