"""How sure a model is of each lesion that it predicts, so that false ones can be ranked."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import label_components
from liverseg.grids.cropping import find_box
from liverseg.grids.grid import Grid
from liverseg.labels import select_region
from liverseg.params import ModelRules
from liverseg.scoring.case_score import CaseScore, order_axes
from liverseg.scoring.temperature import calibrate_steps


def measure_confidence(lesion_probability: npt.NDArray[np.uint8], temperature: float) -> float:
    """The confidence of one lesion: its mean calibrated probability, between 0 and 1.

    The mean and not the maximum, which most large components bring close to 1, right or wrong.

    Args:
        lesion_probability: Of its voxels, at least one, in 255ths.
        temperature: Of lesion.
    """
    return float(calibrate_steps(temperature)[lesion_probability].mean())


def rank_lesions(
    score: CaseScore,
    labels: npt.NDArray[np.uint8],
    lesion_probability: npt.NDArray[np.uint8],
    grid: Grid,
    rules: ModelRules,
) -> CaseScore:
    """The score of a case with the confidence of each predicted lesion.

    Args:
        score: What ``score_case`` said of the labels.
        labels: The predicted ones, (i, j, k).
        lesion_probability: (i, j, k), in 255ths.
        grid: Of both.
        rules: That the labels were made with.
    """
    order = order_axes(grid)  # numbers the lesions as the score does
    box = find_box(labels.transpose(order))
    lesion = select_region(labels.transpose(order)[box], "lesion")
    numbers, _ = label_components(lesion, rules.lesion_connectivity)
    inside = numbers[lesion]
    by_number = np.argsort(inside, kind="stable")
    steps = lesion_probability.transpose(order)[box][lesion][by_number]
    starts = np.flatnonzero(np.diff(inside[by_number], prepend=0))
    of_lesions = np.split(steps, starts[1:]) if starts.size else []
    predicted = tuple(
        replace(each, confidence=measure_confidence(its, rules.lesion_temperature))
        for each, its in zip(score.lesions.predicted, of_lesions, strict=True)
    )
    return replace(score, lesions=replace(score.lesions, predicted=predicted))
