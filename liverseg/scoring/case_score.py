"""All scores of one case."""

import math
import operator
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.grids.cropping import find_box, join_boxes
from liverseg.grids.grid import LARGEST_SHEAR, Grid
from liverseg.labels import select_region
from liverseg.scoring.burden import compute_burden_error
from liverseg.scoring.lesions import LesionScores
from liverseg.scoring.matching import score_lesions
from liverseg.scoring.overlap import Overlap
from liverseg.scoring.region import RegionScore, score_region

Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class CaseScore:
    """Scores of the predicted labels of one case.

    Attributes:
        case_id: The case.
        patient_id: Whose scan it is; cases of one patient are resampled together.
        liver: Scores of the liver, lesions included.
        lesion: Scores of all lesions taken together.
        lesions: Scores lesion by lesion.
        burden_error: Tumour burden of the prediction minus that of the reference.
        liver_voxels: Counts behind ``liver``, for scores over the voxels of several cases.
        lesion_voxels: Counts behind ``lesion``.
    """

    case_id: str
    patient_id: str
    liver: RegionScore
    lesion: RegionScore
    lesions: LesionScores
    burden_error: float
    liver_voxels: Overlap
    lesion_voxels: Overlap


@dataclass(frozen=True, eq=False)
class LabelPair:
    """Labels of one case in the smallest box that holds both, slices first.

    Attributes:
        reference: (k, j, i), 0 background, 1 liver, 2 lesion; empty where both are.
        predicted: Likewise.
        spacing_mm: Along these axes.
        diagonal_mm: Of the whole scan.
    """

    reference: Labels
    predicted: Labels
    spacing_mm: tuple[float, float, float]
    diagonal_mm: float


def score_case(
    case_id: str,
    patient_id: str,
    reference: Labels,
    predicted: Labels,
    grid: Grid,
    lesion_connectivity: int,
) -> CaseScore:
    """Scores of predicted labels against reference labels on one grid.

    Distances are in mm along the axes of the grid, however it lies in the patient. The slice axis,
    for the diameters of lesions, is that which runs closest to the feet-head direction.

    Args:
        case_id: The case.
        patient_id: Whose scan it is.
        reference: (i, j, k), 0 background, 1 liver, 2 lesion.
        predicted: Likewise; all zeros score as a prediction of background alone.
        grid: Of both.
        lesion_connectivity: 6, 18 or 26 neighbours make one lesion.

    Raises:
        DataError: The shapes differ, or the axes of the grid are not at right angles.

    Examples:
        Ten voxels of liver, two of them lesion, of which one is found:

        >>> import numpy as np
        >>> grid = Grid((10, 1, 1), np.diag([1.0, 1.0, 2.0, 1.0]))
        >>> reference = np.array([1, 1, 1, 2, 2, 1, 1, 1, 1, 1], np.uint8).reshape(grid.shape)
        >>> predicted = np.array([1, 1, 1, 2, 1, 1, 1, 1, 1, 1], np.uint8).reshape(grid.shape)
        >>> score = score_case("7", "patient-3", reference, predicted, grid, lesion_connectivity=6)
        >>> round(score.lesion.dice, 3), score.lesions.num_reference, score.burden_error
        (0.667, 1, -0.1)
    """
    pair = crop_pair(case_id, reference, predicted, grid)
    return score_pair(case_id, patient_id, pair, lesion_connectivity)


def crop_pair(case_id: str, reference: Labels, predicted: Labels, grid: Grid) -> LabelPair:
    """What all scores of a case need, without the background around it.

    Args:
        case_id: The case, for the message.
        reference: As for ``score_case``; it can be let go of.
        predicted: Likewise.
        grid: Of both.

    Raises:
        DataError: As for ``score_case``.
    """
    _check(case_id, reference, predicted, grid)
    order = order_axes(grid)
    k_mm, j_mm, i_mm = (grid.spacing_mm[axis] for axis in order)
    reference, predicted = reference.transpose(order), predicted.transpose(order)
    boxes = [found for found in map(find_box, (reference, predicted)) if found[0].stop]
    box = reduce(join_boxes, boxes) if boxes else find_box(reference)
    return LabelPair(
        reference=reference[box].copy(),
        predicted=predicted[box].copy(),
        spacing_mm=(k_mm, j_mm, i_mm),
        # sorted: the same to the last bit whatever the order of the axes
        diagonal_mm=math.hypot(*sorted(map(operator.mul, grid.shape, grid.spacing_mm))),
    )


def score_pair(
    case_id: str, patient_id: str, pair: LabelPair, lesion_connectivity: int
) -> CaseScore:
    """``score_case`` of labels that are cropped already."""
    mm = pair.spacing_mm, pair.diagonal_mm
    both = pair.reference, pair.predicted
    reference, predicted = (select_region(labels, "liver") for labels in both)
    liver, liver_voxels = score_region(reference, predicted, *mm)
    reference, predicted = (select_region(labels, "lesion") for labels in both)
    lesion, lesion_voxels = score_region(reference, predicted, *mm)
    return CaseScore(
        case_id=case_id,
        patient_id=patient_id,
        liver=liver,
        lesion=lesion,
        lesions=score_lesions(reference, predicted, pair.spacing_mm, lesion_connectivity),
        burden_error=compute_burden_error(liver_voxels, lesion_voxels),
        liver_voxels=liver_voxels,
        lesion_voxels=lesion_voxels,
    )


def order_axes(grid: Grid) -> tuple[int, int, int]:
    """The axes of a grid as lesions are numbered along them: the slices first.

    NIfTI lies in memory with its last axis, mostly the slices, outermost: in this order the work
    runs through memory, several times as fast as across it.
    """
    slice_axis = next(axis for axis, code in enumerate(grid.axis_codes) if code in "SI")
    rows, columns = (axis for axis in (2, 1, 0) if axis != slice_axis)
    return slice_axis, rows, columns


def _check(case_id: str, reference: Labels, predicted: Labels, grid: Grid) -> None:
    if not reference.shape == predicted.shape == grid.shape:
        raise DataError(
            case_id,
            expected=f"labels of the grid's shape {grid.shape}",
            received=f"reference {reference.shape}, prediction {predicted.shape}",
            next_step="Bring both to the grid of the scan first.",
        )
    if grid.shear > LARGEST_SHEAR:
        raise DataError(
            case_id,
            expected="a grid with its axes at right angles",
            received=f"a sheared affine (cosine {grid.shear:.3g} between two axes), as a tilted "
            "gantry leaves it",
            next_step="Resample scan and masks to a rectangular grid first.",
        )
