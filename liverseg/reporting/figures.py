"""The figures behind every table: one row a model, and the floor as the last one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from liverseg.models.description import ModelDescription
from liverseg.params import EvaluateParams
from liverseg.reporting.results import ModelResult, Results
from liverseg.scoring.summary import Summary, summarize

ALL_BACKGROUND = "all_background"


@dataclass(frozen=True, eq=False)
class Figures:
    """What the tables say of one model, or of a prediction of background alone.

    Attributes:
        name: The model, or ``all_background``.
        description: What the model is; None for all background.
        training: Metrics of the kept epoch; None, or no such key, where undefined.
        test: Scores over the test cases.
        validation: Scores over the validation cases.
        liver_ece: Expected calibration error of the liver on the test cases; NaN where undefined.
        lesion_ece: Likewise of the lesions.
    """

    name: str
    description: ModelDescription | None
    training: Mapping[str, float | None]
    test: Summary
    validation: Summary
    liver_ece: float
    lesion_ece: float


def summarize_results(results: Results, params: EvaluateParams) -> tuple[Figures, ...]:
    """The figures of each model in the order of the run, then those of all background.

    Raises:
        DataError: There are no test or no validation cases.
    """
    return (
        *(_summarize_model(result, params) for result in results.models),
        _summarize_floor(results, params),
    )


def _summarize_model(result: ModelResult, params: EvaluateParams) -> Figures:
    chance = params.model_dump()
    return Figures(
        name=result.description.model,
        description=result.description,
        training=result.training,
        test=summarize(result.test, **chance),
        validation=summarize(result.validation, **chance),
        liver_ece=result.liver_ece,
        lesion_ece=result.lesion_ece,
    )


def _summarize_floor(results: Results, params: EvaluateParams) -> Figures:
    floor = results.floor
    accuracies = {"lesion_accuracy": floor.accuracy, "val_lesion_accuracy": floor.val_accuracy}
    return Figures(
        name=ALL_BACKGROUND,
        description=None,
        training=accuracies,
        test=summarize(floor.test, **params.model_dump()),
        validation=summarize(floor.validation, **params.model_dump()),
        liver_ece=math.nan,
        lesion_ece=math.nan,
    )
