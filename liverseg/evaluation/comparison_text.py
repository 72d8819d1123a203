"""The comparison in Markdown: its tables, and beneath them what they do and do not say."""

import math
from collections.abc import Sequence

from liverseg.evaluation.figures import Figures
from liverseg.pages.markdown import DASH, format_count, format_number
from liverseg.pages.score_tables import SURFACE_NOTE
from liverseg.pages.table import Table
from liverseg.params import EvaluateParams
from liverseg.statistics.bootstrap import MIN_PATIENTS

LOG_NOTE = (
    "Accuracy and Precision are those of the training slices as the epoch drew and augmented them; "
    "Val Loss is the mean binary cross-entropy, whatever loss was trained on."
)
DICE_NOTE = (
    "Dice per case counts 1 where neither reference nor prediction has a lesion, as in the LiTS "
    "challenge. Burden is the volume of the lesions over that of the liver."
)

MISS_NOTE = (
    "A case with lesions of which none is predicted, or the reverse, drops out of the ASSD, which "
    "gets better by it; the HD95 with penalty counts it with the diagonal of its scan, and with 0 "
    "where neither mask has a lesion."
)


def describe_comparison(
    tables: Sequence[Table], figures: Sequence[Figures], params: EvaluateParams
) -> str:
    """The tables in Markdown, and the sentences beneath them.

    Args:
        tables: Of these figures, see ``build_comparison_tables``.
        figures: The models, then all background.
        params: Of the intervals.
    """
    parts = [f"**{table.caption}**\n\n{table.markdown}" for table in tables]
    return "\n\n".join([*parts, describe_limits(figures, params)]) + "\n"


def describe_limits(figures: Sequence[Figures], params: EvaluateParams) -> str:
    """The notes as a Markdown list.

    Args:
        figures: The models, then all background.
        params: Of the intervals.
    """
    floor = figures[-1]
    notes = (
        _describe_accuracy(floor),
        LOG_NOTE,
        _describe_cases(floor, params),
        DICE_NOTE,
        SURFACE_NOTE,
        MISS_NOTE,
    )
    return "\n".join(f"- {note}" for note in notes)


def _describe_accuracy(floor: Figures) -> str:
    accuracy = floor.training["val_lesion_accuracy"]
    share = DASH if accuracy is None or math.isnan(accuracy) else f"{100 * (1 - accuracy):.2g} %"
    return (
        f"Accuracy says little: lesion covers {share} of the validation pixels, so that a "
        f"prediction of background alone is right in {format_number(accuracy, 4)} of them."
    )


def _describe_cases(floor: Figures, params: EvaluateParams) -> str:
    num_cases, num_patients = floor.test.num_cases, floor.test.num_patients
    data = f"{format_count(num_cases, 'test case')} of {format_count(num_patients, 'patient')}"
    partial = "n is the number of cases behind a figure that does not cover all of them"
    if num_patients < MIN_PATIENTS:
        return f"{data}: too few patients (fewer than {MIN_PATIENTS}) for intervals; {partial}."
    replicates = format_count(params.num_bootstraps, "replicate")
    return (
        f"{data}; in brackets the 95 % interval over patients (percentile bootstrap, "
        f"{replicates}), where a figure covers at least {MIN_PATIENTS} of them; {partial}."
    )
