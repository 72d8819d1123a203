"""The comparison for people: short tables, a row a model, for Markdown and the page alike."""

from collections.abc import Callable, Sequence

from liverseg.evaluation.figures import Figures
from liverseg.networks.description import ModelDescription
from liverseg.pages.markdown import TITLES
from liverseg.pages.table import Cell, Column, Table, build_count, build_estimate
from liverseg.statistics.score_table import BY_SIZE, LESION_BY_LESION, SCORES, VOLUMES

Part = tuple[Column, Callable[[Figures], Cell]]
"""One column: its head, and the cell of a model."""


def build_comparison_tables(figures: Sequence[Figures]) -> tuple[Table, ...]:
    """Training log, scores over the test cases, cost.

    Args:
        figures: The models, then all background.
    """
    tables = {
        "Training log: lesion pixels, at the epoch whose weights were kept": TRAINING_LOG,
        "Test cases: whole volumes": [_show(key, is_alone=True) for key in VOLUMES],
        "Test cases: lesion by lesion, found where IoU > 0.5": list(map(_show, LESION_BY_LESION)),
        "Test cases: lesions by largest axial diameter, found where IoU > 0.5": list(
            map(_show, BY_SIZE)
        ),
        "Cost": COST,
    }
    return tuple(
        Table(
            f"comparison-{number}",
            caption,
            (Column("Model", is_number=False), *(column for column, _ in parts)),
            tuple(
                (Cell(TITLES[each.name]), *(build(each) for _, build in parts)) for each in figures
            ),
        )
        for number, (caption, parts) in enumerate(tables.items(), start=1)
    )


def _show(key: str, *, is_alone: bool = False) -> Part:
    score = SCORES[key]
    return (
        Column(score.title if is_alone else score.label, score.term),
        lambda figures: build_estimate(score, figures.test[key], figures.test.num_cases),
    )


def _log(title: str, name: str, spec: str = ".4f") -> Part:
    return (Column(title, "Training log"), lambda figures: Cell(figures.training.get(name), spec))


def _describe(column: Column, build: Callable[[ModelDescription], Cell]) -> Part:
    """What a model is; all background is none."""
    return (
        column,
        lambda figures: build(figures.description) if figures.description else Cell(None),
    )


def _build_kept_epoch(figures: Figures) -> Cell:
    if figures.description is None:
        return Cell(None)
    kept, total = (figures.training[name] for name in ("kept_epoch", "num_epochs"))
    return Cell(f"{kept:.0f} of {total:.0f}")


TRAINING_LOG = [
    _log("Accuracy", "lesion_accuracy"),
    _log("Precision", "lesion_precision"),
    _log("Val Loss", "val_lesion_bce"),
    _log("Val Accuracy", "val_lesion_accuracy"),
    _log("Val Precision", "val_lesion_precision"),
    _log("Learning Rate", "learning_rate", ".3g"),
    (Column("Kept epoch", "Kept epoch"), _build_kept_epoch),
]
COST = [
    _describe(
        Column("GMACs a slice", "GMACs"), lambda model: Cell(model.macs_per_slice / 1e9, ".3f")
    ),
    _describe(Column("Parameters"), lambda model: build_count(model.num_parameters)),
    _describe(
        Column("Initial weights", is_number=False), lambda model: Cell(model.initial_weights)
    ),
    _describe(Column("Trained in", is_number=False), lambda model: Cell(model.precision)),
]
