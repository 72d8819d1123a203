"""The nine scores of one region of one case."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.scoring.overlap import Overlap, count_overlap
from liverseg.scoring.surface import measure_surface_distances
from liverseg.volumes.cropping import find_box

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


def score_region(
    reference: npt.NDArray[np.bool_],
    predicted: npt.NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
) -> tuple[RegionScore, Overlap]:
    """Scores of two 3-D masks of one shape, and the counts of voxels behind them.

    ``spacing_mm`` is that along the axes of the masks.
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
    )
    return score, overlap
