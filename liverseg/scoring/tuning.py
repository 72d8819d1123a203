"""The rules that turn probabilities into labels, chosen on the validation cases."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import label_components, measure_components
from liverseg.labels import select_region
from liverseg.params import LabelRules, ScoreParams
from liverseg.postprocess.labels import select_lesions, select_liver
from liverseg.postprocess.way_back import restore_probabilities
from liverseg.scoring.overlap import Overlap
from liverseg.slices.geometry import SliceGrid


@dataclass(frozen=True)
class RuleScore:
    """What rules make of one case.

    Attributes:
        dice: Of its lesion voxels, 1 where reference and prediction are empty.
        num_reference: Lesions of the reference.
        num_predicted: Lesions of the prediction.
        num_matched: Pairs of them with an IoU above 0.5.
    """

    dice: float
    num_reference: int
    num_predicted: int
    num_matched: int


@dataclass(frozen=True)
class Candidate:
    """Rules, and what they are worth on the validation cases.

    Attributes:
        rules: What was tried.
        lesion_dice_per_case: The mean over the cases.
        lesions_f1: Over the lesions of all cases; NaN where no mask holds any.
    """

    rules: LabelRules
    lesion_dice_per_case: float
    lesions_f1: float

    @property
    def worth(self) -> float:
        """The mean of both scores, or the Dice alone where no mask holds a lesion.

        Of few validation cases the Dice alone will not do: where one has no lesion, a single false
        one costs as much as all lesions of another case.
        """
        if math.isnan(self.lesions_f1):
            return self.lesion_dice_per_case
        return (self.lesion_dice_per_case + self.lesions_f1) / 2


def list_rules(params: ScoreParams) -> tuple[LabelRules, ...]:
    """Every combination of the candidates, in the order of the params."""
    candidates = params.candidates
    return tuple(
        params.rules.model_copy(
            update={
                "largest_liver_component": largest,
                "lesion_threshold": threshold,
                "min_lesion_ml": smallest,
            }
        )
        for largest, threshold, smallest in product(
            candidates.largest_liver_component,
            candidates.lesion_threshold,
            candidates.min_lesion_ml,
        )
    )


def judge_rules(
    params: ScoreParams, by_case: Sequence[Sequence[RuleScore]]
) -> tuple[Candidate, ...]:
    """Every combination of rules with its scores over all cases.

    Args:
        params: The candidates.
        by_case: What ``score_rules`` gives of each case; at least one.
    """
    return tuple(
        Candidate(rules, fmean(score.dice for score in scores), _compute_f1(scores))
        for rules, *scores in zip(list_rules(params), *by_case, strict=True)
    )


def choose_rules(candidates: Sequence[Candidate]) -> LabelRules:
    """The rules of the candidate of most worth.

    Of equal ones the one that shows least: the largest smallest lesion, the highest threshold, then
    the first.
    """

    def rank(candidate: Candidate) -> tuple[float, float, float]:
        rules = candidate.rules
        return candidate.worth, rules.min_lesion_ml, rules.lesion_threshold

    return max(candidates, key=rank).rules


def score_rules(
    values: npt.NDArray[np.uint8],
    slice_grid: SliceGrid,
    reference: npt.NDArray[np.uint8],
    params: ScoreParams,
) -> list[RuleScore]:
    """Scores of one case under every combination of rules, in the order of ``list_rules``.

    The same as labelling and scoring the case once for each; but probabilities are brought back
    once, and components found once for all sizes of the smallest lesion.

    Args:
        values: Probabilities (num_slices, image_size, image_size, 2) in 255ths.
        slice_grid: Of the case.
        reference: Labels (i, j, k) on the grid of the scan.
        params: The candidates, and the rules that are not tuned.
    """
    liver, lesion = (restore_probabilities(values[..., i], slice_grid) for i in range(2))
    reference_lesion = select_region(reference, "lesion")
    references, num_lesions = label_components(reference_lesion, params.rules.lesion_connectivity)
    reference_sizes = measure_components(references)
    num_reference = int(reference_sizes[1:].sum())
    scores = []
    for largest in params.candidates.largest_liver_component:
        rules = params.rules.model_copy(update={"largest_liver_component": largest})
        allowed = select_liver(liver >= np.float32(rules.liver_threshold), rules)
        for threshold in params.candidates.lesion_threshold:
            predicted = (lesion >= np.float32(threshold)) & allowed
            components, num = label_components(predicted, rules.lesion_connectivity)
            sizes = measure_components(components)
            both = np.stack([references[reference_lesion], components[reference_lesion]])
            (of_reference, of_predicted), shared = np.unique(both, axis=1, return_counts=True)
            unions = reference_sizes[of_reference] + sizes[of_predicted] - shared
            matches = np.zeros(num + 1, np.bool_)
            matches[of_predicted[2 * shared > unions]] = True
            for smallest in params.candidates.min_lesion_ml:
                keeps = select_lesions(sizes, smallest, slice_grid.grid)
                overlap = Overlap(
                    num_reference=num_reference,
                    num_predicted=int(sizes[keeps].sum()),
                    num_shared=int(shared[keeps[of_predicted]].sum()),
                )
                num_predicted = int(np.count_nonzero(keeps))
                num_matched = int(np.count_nonzero(matches & keeps))
                scores.append(RuleScore(overlap.dice, num_lesions, num_predicted, num_matched))
    return scores


def _compute_f1(scores: Sequence[RuleScore]) -> float:
    total = sum(score.num_reference + score.num_predicted for score in scores)
    return 2 * sum(score.num_matched for score in scores) / total if total else math.nan
