"""The choice of the final model in words, as the methods section of a paper would put it."""

import math

from liverseg.evaluation.selection import Candidate, Selection
from liverseg.networks.description import ModelDescription
from liverseg.pages.markdown import TITLES, format_count
from liverseg.pages.table import Cell, Column, Table, build_count
from liverseg.params import EvaluateParams
from liverseg.statistics.bootstrap import MIN_PATIENTS
from liverseg.statistics.comparison import PairedComparison
from liverseg.statistics.score_table import SCORES


def describe_selection(selection: Selection, params: EvaluateParams) -> str:
    """The verdict, how it came about, and what it rests on, in Markdown.

    Args:
        selection: The choice.
        params: Of the bootstrap.
    """
    parts = [
        f"# Final model: {_name(selection.final)}",
        f"{state_verdict(selection)} {describe_method(selection, params)}",
    ]
    for table in build_selection_tables(selection):
        parts += [table.caption, table.markdown] if table.caption else [table.markdown]
    return "\n\n".join(parts) + "\n"


def build_selection_tables(selection: Selection) -> tuple[Table, ...]:
    """The candidates, and how far the others are from the final model; none without a choice."""
    if not selection.rivals:
        return ()
    return _build_candidate_table(selection), _build_rival_table(selection)


def state_verdict(selection: Selection) -> str:
    """The choice and its reason in one sentence."""
    final, best = _name(selection.final), selection.best
    if not selection.rivals:
        return (
            f"{final} is the final model because it is the only one of this run: `model` pins it."
        )
    value = f"lesion Dice per case on the validation cases ({_build_dice(best).markdown})"
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


def describe_method(selection: Selection, params: EvaluateParams) -> str:
    """How the choice was made, in words.

    Args:
        selection: The choice.
        params: Of the bootstrap.
    """
    data = (
        f"{format_count(selection.num_cases, 'validation case')} of "
        f"{format_count(selection.num_patients, 'patient')}"
    )
    if not selection.rivals:
        return f"Its lesion Dice per case on {data} is {_build_dice(selection.best).markdown}."
    text = f"The models were compared on {data}; the test cases had no part in the choice."
    if selection.num_patients < MIN_PATIENTS:
        return f"{text} The best value was taken, without interval or test."
    return (
        f"{text} The difference of each model to the best, case by case, was bootstrapped over "
        f"patients ({format_count(params.num_bootstraps, 'replicate')}, seed {params.seed}). "
        "Models whose 95 % interval holds 0 tie with the best; of those the cheapest is taken, by "
        "multiply-accumulates a slice, then by parameters."
    )


def _build_candidate_table(selection: Selection) -> Table:
    columns = (
        Column("Model", is_number=False),
        Column("Lesion Dice per case, validation", SCORES["lesion.dice_per_case"].term),
        *(Column("Minus the best"), Column("Ties", is_number=False)),
        *(Column("GMACs a slice", "GMACs"), Column("Parameters")),
    )
    rows = tuple(
        (
            Cell(_name(candidate.description)),
            _build_dice(candidate),
            Cell(None) if candidate is selection.best else _build_difference(candidate.to_best),
            Cell(_answer(candidate)),
            Cell(candidate.description.macs_per_slice / 1e9),
            build_count(candidate.description.num_parameters),
        )
        for candidate in selection.candidates
    )
    return Table("candidates", "", columns, rows)


def _build_rival_table(selection: Selection) -> Table:
    final = _name(selection.final)
    caption = (
        "For information, not used for the choice: how much higher the lesion Dice per case of "
        f"{final} is than that of each other model, and p of the two-sided Wilcoxon signed-rank "
        "test over patients, not corrected for the number of tests."
    )
    columns = (
        Column(f"{final} minus", is_number=False),
        *map(Column, ("Validation", "p", "Test", "p")),
    )
    rows = tuple(
        (
            Cell(_name(rival.description)),
            _build_difference(rival.validation),
            _build_p_value(rival.validation),
            _build_difference(rival.test),
            _build_p_value(rival.test),
        )
        for rival in selection.rivals
    )
    return Table("rivals", caption, columns, rows)


def _answer(candidate: Candidate) -> str | None:
    if math.isnan(candidate.to_best.low):
        return None
    return "yes" if candidate.is_tied else "no"


def _build_dice(candidate: Candidate) -> Cell:
    dice = candidate.dice
    return Cell(dice.value, ".3f", (dice.low, dice.high))


def _build_difference(comparison: PairedComparison) -> Cell:
    return Cell(comparison.mean_difference, "+.3f", (comparison.low, comparison.high))


def _build_p_value(comparison: PairedComparison) -> Cell:
    return Cell(comparison.p_value, least=0.001)


def _join(candidates: list[Candidate]) -> str:
    return " and ".join(_name(candidate.description) for candidate in candidates)


def _name(description: ModelDescription) -> str:
    return TITLES[description.model]
