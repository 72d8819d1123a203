"""The figures behind every table: one row a model, and the floor as the last one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liverseg.evaluation.floor import Floor
from liverseg.evaluation.results import ModelResult, Results
from liverseg.networks.description import ModelDescription
from liverseg.pages.markdown import ALL_BACKGROUND
from liverseg.params import EvaluateParams
from liverseg.statistics.summary import Summary, summarize


@dataclass(frozen=True, eq=False)
class Figures:
    """What the tables say of one model, or of a prediction of background alone.

    Attributes:
        name: The model, or ``all_background``.
        training: Metrics of the kept epoch; None, or no such key, where undefined.
        test: Scores over the test cases.
        validation: Scores over the validation cases.
        description: What the model is; None for all background.
        liver_ece: Expected calibration error of the liver on the test cases; NaN where undefined.
        lesion_ece: Likewise of the lesions.
    """

    name: str
    training: Mapping[str, float | None]
    test: Summary
    validation: Summary
    description: ModelDescription | None = None
    liver_ece: float = math.nan
    lesion_ece: float = math.nan


def summarize_results(results: Results, params: EvaluateParams) -> tuple[Figures, ...]:
    """The figures of each model in the order of the run, then those of all background.

    Raises:
        DataError: There are no test or no validation cases.
    """
    floor = results.floor
    accuracies = {"lesion_accuracy": floor.accuracy, "val_lesion_accuracy": floor.val_accuracy}
    return (
        *(
            _summarize(
                result,
                params,
                name=result.description.model,
                description=result.description,
                training=result.training,
                liver_ece=result.liver_ece,
                lesion_ece=result.lesion_ece,
            )
            for result in results.models
        ),
        _summarize(floor, params, name=ALL_BACKGROUND, training=accuracies),
    )


def _summarize(scored: ModelResult | Floor, params: EvaluateParams, **others: Any) -> Figures:
    test, validation = (
        summarize(scores, **params.model_dump()) for scores in (scored.test, scored.validation)
    )
    return Figures(test=test, validation=validation, **others)
