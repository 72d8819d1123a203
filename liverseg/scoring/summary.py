"""Scores over cases, each with its interval and the number of cases that it covers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.errors import DataError
from liverseg.scoring.bootstrap import Estimate, PatientBootstrap, Ratio, build_mean
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.lesion_summary import LesionSummary, summarize_lesions
from liverseg.scoring.overlap import Overlap
from liverseg.scoring.region import RegionScore


@dataclass(frozen=True)
class RegionSummary:
    """One region over cases; means leave out the cases for which a score is undefined.

    Attributes:
        dice_per_case: Mean over all cases; two empty masks count 1, as in the LiTS challenge.
        dice_positive: Mean over the cases whose reference holds the region.
        dice_global: One Dice over the pooled voxels of all cases; 1 where all masks are empty.
        dice_global_positive: The same over the cases whose reference holds the region.
        precision: This and all that follow are means over cases, see ``RegionScore``.
    """

    dice_per_case: Estimate
    dice_positive: Estimate
    dice_global: Estimate
    dice_global_positive: Estimate
    precision: Estimate
    recall: Estimate
    voe: Estimate
    rvd: Estimate
    assd_mm: Estimate
    msd_mm: Estimate
    hd95_mm: Estimate
    surface_dice_2mm: Estimate


@dataclass(frozen=True)
class Summary:
    """All scores over cases.

    Attributes:
        num_cases: How many cases were scored.
        num_patients: How many patients they come from.
        liver: The liver, lesions included.
        lesion: All lesions of a case taken together.
        lesions: Lesion by lesion.
        burden_rmse: Root of the mean squared error of the tumour burden.
        burden_largest_error: Largest absolute error of the tumour burden; has no interval.
    """

    num_cases: int
    num_patients: int
    liver: RegionSummary
    lesion: RegionSummary
    lesions: LesionSummary
    burden_rmse: Estimate
    burden_largest_error: Estimate


def summarize(scores: Sequence[CaseScore], *, seed: int, num_bootstraps: int) -> Summary:
    """Scores over cases, in any order of the cases.

    Args:
        scores: At least one case.
        seed: Of the bootstrap.
        num_bootstraps: Number of replicates.

    Raises:
        DataError: There is no case.
    """
    if not scores:
        raise DataError(
            "summary of scores",
            expected="at least one scored case",
            received="none",
            next_step="Check which cases were selected.",
        )
    scores = sorted(scores, key=lambda score: score.case_id)  # sums round alike in any order
    patient_ids = [score.patient_id for score in scores]
    bootstrap = PatientBootstrap(patient_ids, seed=seed, num_bootstraps=num_bootstraps)
    errors = np.array([score.burden_error for score in scores])
    ones = np.ones(len(scores))
    return Summary(
        num_cases=len(scores),
        num_patients=bootstrap.num_patients,
        liver=_summarize_region(
            [score.liver for score in scores], [score.liver_voxels for score in scores], bootstrap
        ),
        lesion=_summarize_region(
            [score.lesion for score in scores], [score.lesion_voxels for score in scores], bootstrap
        ),
        lesions=summarize_lesions([score.lesions for score in scores], bootstrap),
        burden_rmse=bootstrap.estimate(Ratio(errors**2, ones, is_root=True)),
        burden_largest_error=Estimate(float(abs(errors).max()), math.nan, math.nan, len(scores)),
    )


def _summarize_region(
    scores: list[RegionScore], voxels: list[Overlap], bootstrap: PatientBootstrap
) -> RegionSummary:
    is_positive = np.array([counts.num_reference > 0 for counts in voxels])
    dice = np.array([score.dice for score in scores])
    shared = np.array([2.0 * counts.num_shared for counts in voxels])
    total = np.array([float(counts.num_reference + counts.num_predicted) for counts in voxels])

    def average(name: str) -> Estimate:
        return bootstrap.estimate(build_mean([getattr(score, name) for score in scores]))

    return RegionSummary(
        dice_per_case=bootstrap.estimate(build_mean(dice)),
        dice_positive=bootstrap.estimate(build_mean(np.where(is_positive, dice, math.nan))),
        dice_global=bootstrap.estimate(Ratio(shared, total, if_empty=1.0)),
        dice_global_positive=bootstrap.estimate(Ratio(shared * is_positive, total * is_positive)),
        precision=average("precision"),
        recall=average("recall"),
        voe=average("voe"),
        rvd=average("rvd"),
        assd_mm=average("assd_mm"),
        msd_mm=average("msd_mm"),
        hd95_mm=average("hd95_mm"),
        surface_dice_2mm=average("surface_dice_2mm"),
    )
