"""The lesions of a labelled scan, one by one: how large, where, how dense, how sure."""

import math
from dataclasses import dataclass

import cc3d
import numpy as np
import numpy.typing as npt

from liverseg.grids.cropping import Box, find_box, shift_box
from liverseg.grids.grid import LARGEST_SHEAR, Grid
from liverseg.labels import LESION, select_region
from liverseg.params import ModelRules
from liverseg.scans.entropy import compute_entropy_steps
from liverseg.scans.lesion_shape import LesionShape, find_slice_axis, measure_shape
from liverseg.scans.numbering import number_lesions
from liverseg.scans.position import LiverExtent, Position, describe_position, measure_extent
from liverseg.scoring.confidence import measure_confidence
from liverseg.scoring.surface import find_surface, measure_distances
from liverseg.volumes.nifti import Volume

Mask = npt.NDArray[np.bool_]
Indices = tuple[int, int, int]

FIRST_MARGIN_MM = 16.0
"""Around a lesion, where the surface of the liver is looked for first."""


@dataclass(frozen=True)
class Lesion(LesionShape):
    """A connected component of label 2.

    Attributes:
        first_voxel: Smallest i, j and k of its voxels, from 0.
        last_voxel: Largest i, j and k.
        first_slice: The slice nearest to the feet that shows it; slices count from 0 at the feet.
        last_slice: That nearest to the head.
        mean_hu: Over its voxels.
        std_hu: Over its voxels, divided by their number; 0 for a single voxel.
        distance_to_liver_surface_mm: From its nearest voxel to the liver's nearest surface voxel,
            between centres; 0 where it reaches the surface. The surface is that of
            ``scoring.surface``. NaN on a sheared grid, where axes do not give distances.
        position: Where it lies in the liver, lesions included.
        confidence: How sure the model is of it, between 0 and 1, see ``scoring.confidence``.
        mean_entropy_bits: How undecided it is of its voxels, between 0 and 1, see ``entropy``.
        agreement: Mean over its voxels of the share of passes that see lesion there, between 0 and
            1, see ``agreement``; NaN of a single pass.
    """

    first_voxel: Indices
    last_voxel: Indices
    first_slice: int
    last_slice: int
    mean_hu: float
    std_hu: float
    distance_to_liver_surface_mm: float
    position: Position
    confidence: float
    mean_entropy_bits: float
    agreement: float


def measure_lesions(
    labels: npt.NDArray[np.uint8],
    scan: Volume,
    lesion_probability: npt.NDArray[np.uint8],
    rules: ModelRules,
    agreement: npt.NDArray[np.uint8] | None = None,
) -> tuple[Lesion, ...]:
    """All lesions in the order of ``number_lesions``, by decreasing volume.

    Everything is measured in boxes around the liver and around each lesion.

    Args:
        labels: (i, j, k), on the grid of the scan; empty of lesions gives no lesions.
        scan: In HU.
        lesion_probability: In the box of the labels (``find_box``), in 255ths.
        rules: Of the model: which neighbours make one lesion, and what probabilities mean.
        agreement: Likewise the share of passes that see lesion; None of a single pass.
    """
    around_liver = find_box(labels)
    cropped = np.ascontiguousarray(labels[around_liver])
    around_lesions = find_box(cropped == LESION)
    numbers, num_lesions = number_lesions(cropped[around_lesions], rules.lesion_connectivity)
    if not num_lesions:
        return ()
    liver = select_region(cropped, "liver")
    del cropped
    surface = find_surface(liver)
    first_i, first_j, first_k = (side.start for side in around_liver)
    extent = measure_extent(liver, surface, (first_i, first_j, first_k), scan.grid)
    del liver
    entropy_bits = compute_entropy_steps(rules.lesion_temperature)
    lesions = []
    boxes = cc3d.statistics(numbers)["bounding_boxes"][1:]
    for number, box in enumerate(boxes, start=1):
        mask = numbers[box] == number
        in_liver = shift_box(box, around_lesions)
        within = shift_box(in_liver, around_liver)
        hu = scan.data[within][mask].astype(np.float64)
        steps = lesion_probability[in_liver][mask]
        lesions.append(
            _describe_lesion(
                mask,
                within,
                scan.grid,
                extent,
                mean_hu=float(hu.mean()),
                std_hu=float(hu.std()),
                distance_to_liver_surface_mm=_measure_depth(mask, in_liver, surface, scan.grid),
                confidence=measure_confidence(steps, rules.lesion_temperature),
                mean_entropy_bits=float(entropy_bits[steps].mean()),
                agreement=(
                    math.nan if agreement is None else float(agreement[in_liver][mask].mean() / 255)
                ),
            )
        )
    return tuple(lesions)


def _describe_lesion(
    mask: Mask, box: Box, grid: Grid, extent: LiverExtent, **measured: float
) -> Lesion:
    """The lesion that fills ``mask`` in ``box``, with what was measured of its voxels."""
    shape = measure_shape(mask, box, grid)
    axis = find_slice_axis(grid)
    first_slice, last_slice = box[axis].start, box[axis].stop - 1
    if grid.axis_codes[axis] == "I":
        from_feet = grid.shape[axis] - 1
        first_slice, last_slice = from_feet - last_slice, from_feet - first_slice
    return Lesion(
        **vars(shape) | measured,
        first_voxel=(box[0].start, box[1].start, box[2].start),
        last_voxel=(box[0].stop - 1, box[1].stop - 1, box[2].stop - 1),
        first_slice=first_slice,
        last_slice=last_slice,
        position=describe_position(
            shape.centre_lps_mm, measured["distance_to_liver_surface_mm"], extent
        ),
    )


def _measure_depth(mask: Mask, box: Box, surface: Mask, grid: Grid) -> float:
    """Distance in mm from a lesion to the surface of the liver.

    Nearer than a margin, the surface lies within that margin around the lesion's box: the margin
    grows until it holds what is nearest.

    Args:
        mask: The lesion, as large as its box.
        box: Within the box of the liver.
        surface: Of the liver, in its box.
        grid: Of the scan.
    """
    if grid.shear > LARGEST_SHEAR:
        return math.nan
    margin_mm, depth_mm = FIRST_MARGIN_MM, math.inf
    while depth_mm > margin_mm:
        around = _widen_box(box, surface.shape, margin_mm, grid)
        lesion = np.zeros(surface[around].shape, np.bool_)
        lesion[shift_box(box, around, -1)] = mask
        depth_mm = float(measure_distances(lesion, surface[around], grid.spacing_mm).min())
        if lesion.shape == surface.shape:
            break
        margin_mm *= 2
    return depth_mm


def _widen_box(box: Box, shape: tuple[int, ...], margin_mm: float, grid: Grid) -> Box:
    """The box with a margin on all sides, as far as the array reaches."""
    steps = [math.ceil(margin_mm / mm) for mm in grid.spacing_mm]
    return tuple(
        slice(max(side.start - step, 0), min(side.stop + step, length))
        for side, step, length in zip(box, steps, shape, strict=True)
    )
