"""The scores of one region of one case."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.grids.cropping import find_box
from liverseg.scoring.overlap import Overlap, count_overlap
from liverseg.scoring.surface import measure_surface_distances

SURFACE_TOLERANCE_MM = 2.0


@dataclass(frozen=True)
class RegionScore:
    """Scores of a predicted region against the reference; NaN where undefined.

    Attributes:
        dice: 1 where both are empty, as in the LiTS challenge.
        precision: Over voxels; undefined where the prediction is empty.
        recall: Over voxels; undefined where the reference is empty.
        voe: Volumetric overlap error; 0 where both are empty.
        rvd: Relative volume difference, signed; undefined where the reference is empty.
        assd_mm: Average symmetric surface distance; like the next two undefined where either is
            empty.
        msd_mm: Maximum symmetric surface distance (Hausdorff).
        hd95_mm: 95th percentile of the distances of both surfaces pooled.
        surface_dice_2mm: Share of both surfaces within 2 mm of the other; 1 where both are empty.
        hd95_mm_with_penalty: ``hd95_mm``, but the diagonal of the scan where one mask is empty, and
            0 where both are: a distance that a missed region makes worse, where the others leave
            the case out. The worst value that the scan allows for a missing one: Maier-Hein et al.,
            Metrics Reloaded, Nature Methods 21, 2024, on missing values; BraTS does the same.
    """

    dice: float
    precision: float
    recall: float
    voe: float
    rvd: float
    assd_mm: float
    msd_mm: float
    hd95_mm: float
    surface_dice_2mm: float
    hd95_mm_with_penalty: float


def score_region(
    reference: npt.NDArray[np.bool_],
    predicted: npt.NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
    diagonal_mm: float,
) -> tuple[RegionScore, Overlap]:
    """Scores of two 3-D masks of one shape, and the counts of voxels behind them.

    Args:
        reference: The mask that is true.
        predicted: The mask that is scored.
        spacing_mm: Along the axes of the masks.
        diagonal_mm: Of the scan that they are cut from.
    """
    box = find_box(reference | predicted)
    reference, predicted = reference[box], predicted[box]
    overlap = count_overlap(reference, predicted)
    distances = measure_surface_distances(reference, predicted, spacing_mm)
    score = RegionScore(
        dice=overlap.dice,
        precision=overlap.precision,
        recall=overlap.recall,
        voe=overlap.voe,
        rvd=overlap.rvd,
        assd_mm=distances.assd_mm,
        msd_mm=distances.msd_mm,
        hd95_mm=distances.hd95_mm,
        surface_dice_2mm=distances.compute_surface_dice(SURFACE_TOLERANCE_MM),
        hd95_mm_with_penalty=_penalize(distances.hd95_mm, overlap, diagonal_mm),
    )
    return score, overlap


def _penalize(distance_mm: float, overlap: Overlap, diagonal_mm: float) -> float:
    """A distance, or what stands for it where a mask is empty."""
    if overlap.num_reference and overlap.num_predicted:
        return distance_mm
    return diagonal_mm if overlap.num_union else 0.0
