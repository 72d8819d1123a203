"""The choice of the final model in words, as the methods section of a paper would put it."""

import math

from liverseg.models.description import ModelDescription
from liverseg.params import EvaluateParams
from liverseg.reporting.markdown import (
    DASH,
    TITLES,
    format_count,
    format_interval,
    format_number,
    format_p_value,
    format_table,
)
from liverseg.reporting.selection import Candidate, Selection
from liverseg.scoring.bootstrap import MIN_PATIENTS
from liverseg.scoring.comparison import PairedComparison


def describe_selection(selection: Selection, params: EvaluateParams) -> str:
    """The verdict, how it came about, and what it rests on, in Markdown.

    Args:
        selection: The choice.
        params: Of the bootstrap.
    """
    parts = [
        f"# Final model: {_name(selection.final)}",
        f"{state_verdict(selection)} {_describe_method(selection, params)}",
    ]
    if selection.rivals:
        parts += [
            _build_candidate_table(selection),
            _introduce_rivals(selection),
            _build_rival_table(selection),
        ]
    return "\n\n".join(parts) + "\n"


def state_verdict(selection: Selection) -> str:
    """The choice and its reason in one sentence."""
    final, best = _name(selection.final), selection.best
    if not selection.rivals:
        return (
            f"{final} is the final model because it is the only one of this run: `model` pins it."
        )
    value = f"lesion Dice per case on the validation cases ({_format_dice(best)})"
    if selection.num_patients < MIN_PATIENTS:
        return (
            f"{final} is the final model: it has the highest {value}, and too few patients "
            f"(fewer than {MIN_PATIENTS}) stand behind that figure to say what chance does."
        )
    others = [candidate for candidate in selection.tied if candidate is not best]
    if not others:
        return f"{final} is the final model: it has the highest {value}, and no other ties with it."
    if selection.final == best.description:
        return (
            f"{final} is the final model: it has the highest {value}, and is the cheapest of "
            f"those that tie with it ({_join(others)})."
        )
    return (
        f"{final} is the final model: {_name(best.description)} has the highest {value}, "
        f"{_join(others)} cannot be told from it, and {final} is the cheapest of them."
    )


def _describe_method(selection: Selection, params: EvaluateParams) -> str:
    data = (
        f"{format_count(selection.num_cases, 'validation case')} of "
        f"{format_count(selection.num_patients, 'patient')}"
    )
    if not selection.rivals:
        return f"Its lesion Dice per case on {data} is {_format_dice(selection.best)}."
    text = f"The models were compared on {data}; the test cases had no part in the choice."
    if selection.num_patients < MIN_PATIENTS:
        return f"{text} The best value was taken, without interval or test."
    return (
        f"{text} The difference of each model to the best, case by case, was bootstrapped over "
        f"patients ({format_count(params.num_bootstraps, 'replicate')}, seed {params.seed}). "
        "Models whose 95 % interval holds 0 tie with the best; of those the cheapest is taken, by "
        "multiply-accumulates a slice, then by parameters."
    )


def _build_candidate_table(selection: Selection) -> str:
    columns = ["Model", "Lesion Dice per case, validation", "Minus the best", "Ties"]
    rows = [
        [
            _name(candidate.description),
            _format_dice(candidate),
            DASH if candidate is selection.best else _format_difference(candidate.to_best),
            _answer(candidate),
            f"{candidate.description.macs_per_slice / 1e9:.3f}",
            f"{candidate.description.num_parameters:,}",
        ]
        for candidate in selection.candidates
    ]
    return format_table([*columns, "GMACs a slice", "Parameters"], rows)


def _introduce_rivals(selection: Selection) -> str:
    return (
        "For information, not used for the choice: how much higher the lesion Dice per case of "
        f"{_name(selection.final)} is than that of each other model, and p of the two-sided "
        "Wilcoxon signed-rank test over patients, not corrected for the number of tests."
    )


def _build_rival_table(selection: Selection) -> str:
    columns = [f"{_name(selection.final)} minus", "Validation", "p", "Test", "p"]
    rows = [
        [
            _name(rival.description),
            _format_difference(rival.validation),
            format_p_value(rival.validation.p_value),
            _format_difference(rival.test),
            format_p_value(rival.test.p_value),
        ]
        for rival in selection.rivals
    ]
    return format_table(columns, rows)


def _answer(candidate: Candidate) -> str:
    if math.isnan(candidate.to_best.low):
        return DASH
    return "yes" if candidate.is_tied else "no"


def _format_dice(candidate: Candidate) -> str:
    dice = candidate.dice
    interval = format_interval(dice.low, dice.high)
    return f"{format_number(dice.value)} [{interval}]" if interval else format_number(dice.value)


def _format_difference(comparison: PairedComparison) -> str:
    interval = format_interval(comparison.low, comparison.high)
    value = f"{comparison.mean_difference:+.3f}"
    return f"{value} [{interval}]" if interval else value


def _join(candidates: list[Candidate]) -> str:
    return " and ".join(_name(candidate.description) for candidate in candidates)


def _name(description: ModelDescription) -> str:
    return TITLES[description.model]
