"""Lesions over cases, pooled: how many are found, how many found are none, how well they fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.scoring.bootstrap import Estimate, Numbers, PatientBootstrap, Ratio
from liverseg.scoring.diameters import LESION_SIZES, LesionSize
from liverseg.scoring.lesions import LesionScores, MatchedLesion


@dataclass(frozen=True)
class SizeSummary:
    """Lesions of one size class, by their own largest axial diameter.

    Attributes:
        num_reference: Lesions of the reference.
        num_matched: Those of them that are matched.
        num_false_positives: Predicted lesions of this size that match none.
        recall: Matched among the lesions of the reference.
        f1: Twice the matched, over twice the matched, the missed and the false positives.
    """

    num_reference: int
    num_matched: int
    num_false_positives: int
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True)
class LesionSummary:
    """Lesions of all cases pooled; a case without lesions counts with what is predicted in it.

    An estimate covers the cases that have a part in it: for a recall those with a reference lesion,
    for a precision those with a predicted one. NaN where there is no such case.

    Attributes:
        num_reference: Lesions of the reference.
        num_predicted: Lesions of the prediction.
        num_matched: Pairs of them with an IoU above 0.5.
        precision: Matched among the predicted.
        recall: Matched among those of the reference.
        f1: Harmonic mean of the two.
        precision_any_overlap: Share of the predicted that touch a lesion of the reference.
        recall_any_overlap: Share of those of the reference that a prediction touches.
        false_positives_per_case: Predicted lesions that match none, a case.
        small: Below 10 mm.
        medium: From 10 to 20 mm.
        large: Above 20 mm.
        matched_dice: Mean over the matched lesions, like those that follow; see ``RegionScore``.
    """

    num_reference: int
    num_predicted: int
    num_matched: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    precision_any_overlap: Estimate
    recall_any_overlap: Estimate
    false_positives_per_case: Estimate
    small: SizeSummary
    medium: SizeSummary
    large: SizeSummary
    matched_dice: Estimate
    matched_voe: Estimate
    matched_rvd: Estimate
    matched_assd_mm: Estimate
    matched_msd_mm: Estimate


def summarize_lesions(scores: Sequence[LesionScores], bootstrap: PatientBootstrap) -> LesionSummary:
    """Lesions of all cases pooled.

    Args:
        scores: One a case.
        bootstrap: Of these cases, in this order.
    """
    reference = _count(scores, lambda case: case.num_reference)
    predicted = _count(scores, lambda case: case.num_predicted)
    matched = _count(scores, lambda case: case.num_matched)
    touched = _count(scores, lambda case: case.num_touched)
    touching = _count(scores, lambda case: case.num_touching)

    def divide(numerators: Numbers, denominators: Numbers) -> Estimate:
        return bootstrap.estimate(Ratio(numerators, denominators))

    def average_matched(value: Callable[[MatchedLesion], float]) -> Estimate:
        return divide(_count(scores, lambda case: sum(map(value, case.matched))), matched)

    small, medium, large = (_summarize_size(scores, size, bootstrap) for size in LESION_SIZES)
    return LesionSummary(
        num_reference=int(reference.sum()),
        num_predicted=int(predicted.sum()),
        num_matched=int(matched.sum()),
        precision=divide(matched, predicted),
        recall=divide(matched, reference),
        f1=divide(2 * matched, reference + predicted),
        precision_any_overlap=divide(touching, predicted),
        recall_any_overlap=divide(touched, reference),
        false_positives_per_case=divide(predicted - matched, np.ones(len(scores))),
        small=small,
        medium=medium,
        large=large,
        matched_dice=average_matched(lambda lesion: lesion.dice),
        matched_voe=average_matched(lambda lesion: lesion.voe),
        matched_rvd=average_matched(lambda lesion: lesion.rvd),
        matched_assd_mm=average_matched(lambda lesion: lesion.assd_mm),
        matched_msd_mm=average_matched(lambda lesion: lesion.msd_mm),
    )


def _summarize_size(
    scores: Sequence[LesionScores], size: LesionSize, bootstrap: PatientBootstrap
) -> SizeSummary:
    reference = _count(scores, lambda case: sum(one.size == size for one in case.reference))
    matched = _count(
        scores, lambda case: sum(one.size == size and one.is_matched for one in case.reference)
    )
    false_positives = _count(
        scores, lambda case: sum(one.size == size and not one.is_matched for one in case.predicted)
    )
    return SizeSummary(
        num_reference=int(reference.sum()),
        num_matched=int(matched.sum()),
        num_false_positives=int(false_positives.sum()),
        recall=bootstrap.estimate(Ratio(matched, reference)),
        f1=bootstrap.estimate(Ratio(2 * matched, matched + reference + false_positives)),
    )


def _count(scores: Sequence[LesionScores], count: Callable[[LesionScores], float]) -> Numbers:
    """One number a case."""
    return np.array([count(case) for case in scores], np.float64)
