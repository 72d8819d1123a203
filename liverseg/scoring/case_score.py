"""All scores of one case."""

import math
import operator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.grids.cropping import find_box
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
    _check(case_id, reference, predicted, grid)
    order = order_axes(grid)
    k_mm, j_mm, i_mm = (grid.spacing_mm[axis] for axis in order)
    spacing_mm = (k_mm, j_mm, i_mm)
    reference, predicted = reference.transpose(order), predicted.transpose(order)
    box = find_box(reference | predicted)
    reference, predicted = (
        np.ascontiguousarray(reference[box]),
        np.ascontiguousarray(predicted[box]),
    )

    # sorted: the same to the last bit whatever the order of the axes
    diagonal_mm = math.hypot(*sorted(map(operator.mul, grid.shape, grid.spacing_mm)))
    masks = select_region(reference, "liver"), select_region(predicted, "liver")
    liver, liver_voxels = score_region(*masks, spacing_mm, diagonal_mm)
    masks = select_region(reference, "lesion"), select_region(predicted, "lesion")
    lesion, lesion_voxels = score_region(*masks, spacing_mm, diagonal_mm)
    return CaseScore(
        case_id=case_id,
        patient_id=patient_id,
        liver=liver,
        lesion=lesion,
        lesions=score_lesions(*masks, spacing_mm, lesion_connectivity),
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
