"""The rules that turn probabilities into labels, chosen on the validation cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

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
class Candidate:
    """Rules, and what they are worth on the validation cases.

    Attributes:
        rules: What was tried.
        lesion_dice_per_case: The mean over the cases, 1 where reference and prediction are empty.
    """

    rules: LabelRules
    lesion_dice_per_case: float


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


def choose_rules(candidates: Sequence[Candidate]) -> LabelRules:
    """The rules of the best candidate; of equal ones the first."""
    return max(candidates, key=lambda candidate: candidate.lesion_dice_per_case).rules


def score_rules(
    values: npt.NDArray[np.uint8],
    slice_grid: SliceGrid,
    reference: npt.NDArray[np.uint8],
    params: ScoreParams,
) -> list[float]:
    """Lesion Dice of one case under every combination of rules, in the order of ``list_rules``.

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
    num_reference = int(np.count_nonzero(reference_lesion))
    dices = []
    for largest in params.candidates.largest_liver_component:
        rules = params.rules.model_copy(update={"largest_liver_component": largest})
        allowed = select_liver(liver >= np.float32(rules.liver_threshold), rules)
        for threshold in params.candidates.lesion_threshold:
            predicted = (lesion >= np.float32(threshold)) & allowed
            components, num = label_components(predicted, rules.lesion_connectivity)
            sizes = measure_components(components)
            shared = np.bincount(components[reference_lesion], minlength=num + 1)
            for smallest in params.candidates.min_lesion_ml:
                keeps = select_lesions(sizes, smallest, slice_grid.grid)
                overlap = Overlap(
                    num_reference=num_reference,
                    num_predicted=int(sizes[keeps].sum()),
                    num_shared=int(shared[keeps].sum()),
                )
                dices.append(overlap.dice)
    return dices
