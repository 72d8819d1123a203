"""Two models on the same cases: how far apart they are, and whether that may be chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import wilcoxon

from liverseg.errors import DataError
from liverseg.scoring.case_score import CaseScore
from liverseg.statistics.bootstrap import MIN_PATIENTS, PatientBootstrap, build_mean


@dataclass(frozen=True)
class PairedComparison:
    """Lesion Dice per case of one model minus that of another, on the same cases.

    Attributes:
        mean_difference: Over cases.
        low: Lower end of its 95 % interval over patients; NaN with fewer than six patients.
        high: Upper end, likewise.
        p_value: Of the Wilcoxon signed-rank test, two-sided, on the mean difference of each
            patient; NaN with fewer than six patients, 1 where no patient differs.
        num_patients: How many patients stand behind it.
    """

    mean_difference: float
    low: float
    high: float
    p_value: float
    num_patients: int


def compare_paired(
    first: Sequence[CaseScore], second: Sequence[CaseScore], *, seed: int, num_bootstraps: int
) -> PairedComparison:
    """How much higher the lesion Dice per case of the first model is than that of the second.

    Args:
        first: Scores of one model, a case each, in any order.
        second: Scores of the other, of the same cases.
        seed: Of the bootstrap.
        num_bootstraps: Number of replicates.

    Raises:
        DataError: The two models were not scored on the same cases, or on none.

    Examples:
        Six patients with a lesion of four voxels, of which one model finds all and one half:

        >>> import numpy as np
        >>> from liverseg.grids.grid import Grid
        >>> from liverseg.scoring.case_score import score_case
        >>> grid = Grid((6, 1, 1), np.eye(4))
        >>> truth, half = (
        ...     np.array(labels, np.uint8).reshape(grid.shape)
        ...     for labels in ([1, 2, 2, 2, 2, 1], [1, 2, 2, 1, 1, 1])
        ... )
        >>> whole = [score_case(name, name, truth, truth, grid, 6) for name in "abcdef"]
        >>> halves = [score_case(name, name, truth, half, grid, 6) for name in "abcdef"]
        >>> difference = compare_paired(whole, halves, seed=1, num_bootstraps=100)
        >>> round(difference.mean_difference, 3), round(difference.low, 3), difference.p_value
        (0.333, 0.333, 0.03125)
    """
    dice_of_second = {score.case_id: score.lesion.dice for score in second}
    apart = {score.case_id for score in first} ^ dice_of_second.keys()
    if apart or not first:
        raise DataError(
            "comparison of two models",
            expected="scores of the same cases for both, and of at least one",
            received=f"{', '.join(sorted(apart)) or 'no case'} for one of them alone",
            next_step="Score both on the same cases.",
        )
    patient_ids = [score.patient_id for score in first]
    differences = np.array([score.lesion.dice - dice_of_second[score.case_id] for score in first])
    bootstrap = PatientBootstrap(patient_ids, seed=seed, num_bootstraps=num_bootstraps)
    estimate = bootstrap.estimate(build_mean(differences))
    return PairedComparison(
        mean_difference=estimate.value,
        low=estimate.low,
        high=estimate.high,
        p_value=_test_signed_ranks(bootstrap.average_by_patient(differences)),
        num_patients=bootstrap.num_patients,
    )


def _test_signed_ranks(differences: npt.NDArray[np.float64]) -> float:
    if len(differences) < MIN_PATIENTS:
        return math.nan
    if not differences.any():  # scipy divides by zero
        return 1.0
    return float(wilcoxon(differences).pvalue)
