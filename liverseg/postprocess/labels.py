"""Labels on the grid of the scan, from the probabilities of both regions."""

from typing import Any

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import (
    keep_largest_component,
    label_components,
    measure_components,
)
from liverseg.grids.cropping import Box, find_box, shift_box
from liverseg.grids.grid import Grid
from liverseg.labels import LESION, LIVER
from liverseg.params import LabelRules
from liverseg.postprocess.way_back import restore_mask, restore_planes
from liverseg.slices.geometry import SliceGrid

LIVER_CONNECTIVITY = 26
"""Voxels that touch in any way are one liver: the default of nnU-Net and of MONAI's
``KeepLargestConnectedComponent``. What counts as one lesion is a param: scores depend on it."""

Mask = npt.NDArray[np.bool_]


def label_volume(
    liver: npt.NDArray[Any], lesion: npt.NDArray[Any], slice_grid: SliceGrid, rules: LabelRules
) -> npt.NDArray[np.uint8]:
    """Labels (i, j, k) of a case, from its probabilities on the slices.

    The probabilities are brought back first and thresholded there, slice by slice, one region after
    the other, both into the labels: a byte a voxel, and the liver's box.

    Args:
        liver: (num_slices, image_size, image_size); float32, or uint8 in 255ths.
        lesion: Likewise.
        slice_grid: Of the case.
        rules: Thresholds, and what ``build_labels`` needs.
    """
    labels = restore_mask(liver, rules.liver_threshold, slice_grid).view(np.uint8)
    _keep_liver(labels, rules)
    for plane, restored in restore_planes(lesion, slice_grid, labels):
        is_lesion = plane & (restored >= np.float32(rules.lesion_threshold))
        np.add(plane, is_lesion, out=plane)  # liver is 1, lesion 2
    _drop_small_lesions(labels, rules, slice_grid.grid)
    return labels


def build_labels(liver: Mask, lesion: Mask, rules: LabelRules, grid: Grid) -> npt.NDArray[np.uint8]:
    """Labels (i, j, k) from the masks of both regions; an empty liver leaves no lesion either.

    In this order: the largest component of the liver, where asked for; lesions inside it only; of
    these, components of at least ``min_lesion_ml``. Beside the labels, memory is needed for the box
    of the liver alone.

    Args:
        liver: (i, j, k), lesions included.
        lesion: (i, j, k).
        rules: Which components to keep.
        grid: Of the masks.
    """
    labels = liver.astype(np.uint8)
    _keep_liver(labels, rules)
    labels += labels & lesion  # liver is 1, lesion 2
    _drop_small_lesions(labels, rules, grid)
    return labels


def _keep_liver(labels: npt.NDArray[np.uint8], rules: LabelRules) -> None:
    """Leave of a liver, all ones, what ``select_liver`` does."""
    box = _find_even_box(labels)
    labels[box] = select_liver(labels[box].view(np.bool_), rules)


def _drop_small_lesions(labels: npt.NDArray[np.uint8], rules: LabelRules, grid: Grid) -> None:
    """Make liver of the lesions that are not large enough."""
    around_liver = find_box(labels)
    box = shift_box(find_box(labels[around_liver] == LESION), around_liver)
    within = labels[box]
    components, _ = label_components(within == LESION, rules.lesion_connectivity)
    drops = ~select_lesions(measure_components(components), rules.min_lesion_ml, grid)
    drops[0] = False  # what is no lesion
    within[drops[components]] = LIVER


def select_liver(liver: Mask, rules: LabelRules) -> Mask:
    """The part of a thresholded liver (i, j, k) that the rules keep; an empty one stays empty."""
    if not rules.largest_liver_component:
        return liver
    box = _find_even_box(liver)
    largest = np.zeros_like(liver)
    largest[box] = keep_largest_component(liver[box].T, LIVER_CONNECTIVITY).T  # memory order
    return largest


def select_lesions(
    num_voxels: npt.NDArray[np.int64], min_lesion_ml: float, grid: Grid
) -> npt.NDArray[np.bool_]:
    """Which components are large enough to be lesions; entry 0, the rest, never is.

    Args:
        num_voxels: Of each component, as ``measure_components`` counts them.
        min_lesion_ml: A component of exactly this volume stays.
        grid: Of the components.
    """
    keeps = num_voxels >= min_lesion_ml / grid.voxel_ml * (1 - 1e-9)
    keeps[0] = False
    return keeps


def _find_even_box(mask: npt.NDArray[Any]) -> Box:
    """The box of a mask, an axis longer by one where it is odd and the array goes on.

    Such a box need not be copied for ``label_components``, which takes even ones.
    """
    sides = []
    for side, length in zip(find_box(mask), mask.shape, strict=True):
        stop = min(side.stop + (side.stop - side.start) % 2, length)
        sides.append(slice(max(side.start - (stop - side.start) % 2, 0), stop))
    return tuple(sides)
