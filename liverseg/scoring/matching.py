"""Lesions told apart, matched and measured.

With an IoU above 0.5, strictly, more than half of each lesion lies in the other. So no lesion can
match twice, and nothing need be merged or assigned (Kirillov et al., Panoptic Segmentation, CVPR
2019, theorem 1).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import label_components, measure_components
from liverseg.grids.cropping import find_box, join_boxes
from liverseg.scoring.diameters import measure_axial_diameters
from liverseg.scoring.lesions import LesionScores, MatchedLesion, PredictedLesion, ReferenceLesion
from liverseg.scoring.overlap import Overlap
from liverseg.scoring.surface import measure_surface_distances

Mask = npt.NDArray[np.bool_]
Spacing = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class _Components:
    """The lesions of one mask.

    Attributes:
        numbers: (num_slices, num_rows, num_columns); lesions count from 1, 0 is no lesion.
        sizes: Voxels of each lesion, in order of the numbers.
        volumes_ml: Volume of each, likewise.
        diameters_mm: Largest axial diameter of each, likewise.
    """

    numbers: npt.NDArray[np.uint32]
    sizes: list[int]
    volumes_ml: list[float]
    diameters_mm: list[float]


@dataclass(frozen=True)
class _Pair:
    """A reference and a predicted lesion that share voxels; places among their like, from 0."""

    reference_index: int
    predicted_index: int
    overlap: Overlap

    @property
    def is_match(self) -> bool:
        """IoU above 0.5, decided in whole numbers."""
        return 2 * self.overlap.num_shared > self.overlap.num_union


def score_lesions(
    reference: Mask, predicted: Mask, spacing_mm: Spacing, connectivity: int
) -> LesionScores:
    """All lesions of two masks of one shape; empty tuples where there are none.

    Args:
        reference: (num_slices, num_rows, num_columns).
        predicted: Likewise, on the same grid.
        spacing_mm: Distance between neighbouring centres along these axes.
        connectivity: 6, 18 or 26 neighbours make one lesion.
    """
    box = find_box(reference | predicted)
    references = _find_components(reference[box], spacing_mm, connectivity)
    predictions = _find_components(predicted[box], spacing_mm, connectivity)
    pairs = _pair_components(references, predictions)
    matches = [pair for pair in pairs if pair.is_match]

    matched = {pair.reference_index for pair in matches}
    touched = {pair.reference_index for pair in pairs}
    measures = zip(references.volumes_ml, references.diameters_mm, strict=True)
    reference_lesions = [
        ReferenceLesion(volume_ml, diameter_mm, index in matched, index in touched)
        for index, (volume_ml, diameter_mm) in enumerate(measures)
    ]
    matched = {pair.predicted_index for pair in matches}
    touching = {pair.predicted_index for pair in pairs}
    measures = zip(predictions.volumes_ml, predictions.diameters_mm, strict=True)
    predicted_lesions = [
        PredictedLesion(volume_ml, diameter_mm, index in matched, index in touching)
        for index, (volume_ml, diameter_mm) in enumerate(measures)
    ]
    return LesionScores(
        reference=tuple(reference_lesions),
        predicted=tuple(predicted_lesions),
        matched=tuple(_score_matches(matches, references, predictions, spacing_mm)),
    )


def _find_components(mask: Mask, spacing_mm: Spacing, connectivity: int) -> _Components:
    numbers, _ = label_components(mask, connectivity)
    sizes = measure_components(numbers)[1:]
    voxel_ml = math.prod(spacing_mm) / 1000
    return _Components(
        numbers=numbers,
        sizes=sizes.tolist(),
        volumes_ml=(sizes * voxel_ml).tolist(),
        diameters_mm=measure_axial_diameters(numbers, spacing_mm).tolist(),
    )


def _pair_components(references: _Components, predictions: _Components) -> list[_Pair]:
    is_shared = (references.numbers > 0) & (predictions.numbers > 0)
    numbers = references.numbers[is_shared].astype(np.int64)
    codes = numbers * (len(predictions.sizes) + 1) + predictions.numbers[is_shared]
    pairs = []
    for code, num_shared in zip(*np.unique(codes, return_counts=True), strict=True):
        i, j = (int(number) - 1 for number in divmod(code, len(predictions.sizes) + 1))
        overlap = Overlap(references.sizes[i], predictions.sizes[j], int(num_shared))
        pairs.append(_Pair(i, j, overlap))
    return pairs


def _score_matches(
    matches: list[_Pair], references: _Components, predictions: _Components, spacing_mm: Spacing
) -> Iterator[MatchedLesion]:
    if not matches:
        return
    from scipy import ndimage  # slow to load, and few who import this module match lesions

    reference_boxes = ndimage.find_objects(references.numbers)
    predicted_boxes = ndimage.find_objects(predictions.numbers)
    for match in matches:
        i, j = match.reference_index, match.predicted_index
        box = join_boxes(reference_boxes[i], predicted_boxes[j])
        distances = measure_surface_distances(
            references.numbers[box] == i + 1, predictions.numbers[box] == j + 1, spacing_mm
        )
        yield MatchedLesion(
            reference_index=i,
            predicted_index=j,
            iou=match.overlap.iou,
            dice=match.overlap.dice,
            voe=match.overlap.voe,
            rvd=match.overlap.rvd,
            assd_mm=distances.assd_mm,
            msd_mm=distances.msd_mm,
        )
