"""The comparison for people: short tables, and beneath them what they do and do not say."""

from collections.abc import Callable, Sequence

from liverseg.params import EvaluateParams
from liverseg.reporting.comparison_notes import describe_limits
from liverseg.reporting.figures import Figures
from liverseg.reporting.markdown import (
    DASH,
    TITLES,
    format_estimate,
    format_number,
    format_table,
)
from liverseg.scoring.bootstrap import Estimate
from liverseg.scoring.summary import Summary

Cell = Callable[[Figures], str]


def _log(name: str, decimals: int = 4) -> Cell:
    return lambda figures: format_number(figures.training.get(name), decimals)


def _score(select: Callable[[Summary], Estimate], decimals: int = 3) -> Cell:
    return lambda figures: format_estimate(select(figures.test), figures.test.num_cases, decimals)


def _write_learning_rate(figures: Figures) -> str:
    value = figures.training.get("learning_rate")
    return DASH if value is None else f"{value:.3g}"


def _write_kept_epoch(figures: Figures) -> str:
    if figures.description is None:
        return DASH
    return f"{figures.training['kept_epoch']:.0f} of {figures.training['num_epochs']:.0f}"


def _write_macs(figures: Figures) -> str:
    return (
        DASH if figures.description is None else f"{figures.description.macs_per_slice / 1e9:.3f}"
    )


def _write_parameters(figures: Figures) -> str:
    return DASH if figures.description is None else f"{figures.description.num_parameters:,}"


def _write_initial_weights(figures: Figures) -> str:
    return DASH if figures.description is None else figures.description.initial_weights


def _write_precision(figures: Figures) -> str:
    return DASH if figures.description is None else figures.description.precision


TABLES: dict[str, dict[str, Cell]] = {
    "Training log: lesion pixels, at the epoch whose weights were kept": {
        "Accuracy": _log("lesion_accuracy"),
        "Precision": _log("lesion_precision"),
        "Val Loss": _log("val_lesion_bce"),
        "Val Accuracy": _log("val_lesion_accuracy"),
        "Val Precision": _log("val_lesion_precision"),
        "Learning Rate": _write_learning_rate,
        "Kept epoch": _write_kept_epoch,
    },
    "Test cases: whole volumes": {
        "Lesion Dice, per case": _score(lambda test: test.lesion.dice_per_case),
        "Lesion Dice, cases with lesion": _score(lambda test: test.lesion.dice_positive),
        "Lesion Dice, global": _score(lambda test: test.lesion.dice_global),
        "Liver Dice, per case": _score(lambda test: test.liver.dice_per_case),
        "Lesion ASSD, mm": _score(lambda test: test.lesion.assd_mm, 2),
        "Burden RMSE": _score(lambda test: test.burden_rmse, 4),
    },
    "Test cases: lesion by lesion, found where IoU > 0.5": {
        "Recall": _score(lambda test: test.lesions.recall),
        "Precision": _score(lambda test: test.lesions.precision),
        "F1": _score(lambda test: test.lesions.f1),
        "False positives per case": _score(lambda test: test.lesions.false_positives_per_case, 2),
    },
    "Test cases: lesions by largest axial diameter, found where IoU > 0.5": {
        "Recall, < 10 mm": _score(lambda test: test.lesions.small.recall),
        "Recall, 10 to 20 mm": _score(lambda test: test.lesions.medium.recall),
        "Recall, > 20 mm": _score(lambda test: test.lesions.large.recall),
        "F1, < 10 mm": _score(lambda test: test.lesions.small.f1),
        "F1, 10 to 20 mm": _score(lambda test: test.lesions.medium.f1),
        "F1, > 20 mm": _score(lambda test: test.lesions.large.f1),
    },
    "Cost": {
        "GMACs a slice": _write_macs,
        "Parameters": _write_parameters,
        "Initial weights": _write_initial_weights,
        "Trained in": _write_precision,
    },
}


def describe_comparison(figures: Sequence[Figures], params: EvaluateParams) -> str:
    """The tables in Markdown, and the sentences beneath them.

    Args:
        figures: The models, then all background.
        params: Of the intervals.
    """
    tables = [
        f"**{title}**\n\n{_build_table(columns, figures)}" for title, columns in TABLES.items()
    ]
    return "\n\n".join([*tables, describe_limits(figures, params)]) + "\n"


def _build_table(columns: dict[str, Cell], figures: Sequence[Figures]) -> str:
    rows = [[TITLES[each.name], *(cell(each) for cell in columns.values())] for each in figures]
    return format_table(["Model", *columns], rows)
