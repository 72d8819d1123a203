"""All results merged into one comparison, and the final model chosen: what the stage does."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from liverseg.evaluation.case_rows import build_case_rows
from liverseg.evaluation.comparison import (
    build_comparison,
    build_headline,
    write_headline,
    write_table,
)
from liverseg.evaluation.comparison_tables import build_comparison_tables
from liverseg.evaluation.comparison_text import describe_comparison
from liverseg.evaluation.figures import Figures, summarize_results
from liverseg.evaluation.overlays import draw_overlays
from liverseg.evaluation.plots import write_plots
from liverseg.evaluation.results import ModelResult, Results
from liverseg.evaluation.selection import Selection, select_model
from liverseg.evaluation.selection_text import describe_selection
from liverseg.json_files import write_json
from liverseg.outputs import whole_file
from liverseg.pages.table import Table
from liverseg.params import RULES_FILE, EvaluateParams


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The outcome of a run.

    Attributes:
        results: What it is made of.
        figures: The models, then all background.
        selection: The choice of the final model.
        case_rows: A row a model and case.
        comparison: The tables of the comparison for people.
        comparison_text: The same with its notes, Markdown.
        selection_text: The choice in words, Markdown.
    """

    results: Results
    figures: tuple[Figures, ...]
    selection: Selection
    case_rows: pd.DataFrame
    comparison: tuple[Table, ...]
    comparison_text: str
    selection_text: str


def evaluate_results(results: Results, params: EvaluateParams) -> Evaluation:
    """Compare the models of a run and choose one.

    Raises:
        DataError: There are no test or no validation cases, or the models were scored on different
            ones.
    """
    figures = summarize_results(results, params)
    selection = select_model(results.models, params)
    comparison = build_comparison_tables(figures)
    return Evaluation(
        results=results,
        figures=figures,
        selection=selection,
        case_rows=build_case_rows(results),
        comparison=comparison,
        comparison_text=describe_comparison(comparison, figures, params),
        selection_text=describe_selection(selection, params),
    )


def write_metrics(folder: Path, evaluation: Evaluation) -> None:
    """Write the small results that are kept in git, each file whole."""
    write_headline(
        folder / "evaluation.json",
        build_headline(evaluation.figures, evaluation.selection.final.model),
    )
    write_table(folder / "comparison.csv", build_comparison(evaluation.figures))
    write_table(folder / "cases.csv", evaluation.case_rows)
    for name, text in (
        ("comparison.md", f"# Comparison\n\n{evaluation.comparison_text}"),
        ("selection.md", evaluation.selection_text),
    ):
        with whole_file(folder / name) as partial:
            partial.write_text(text, encoding="utf-8")


def write_reports(folder: Path, evaluation: Evaluation) -> None:
    """Write the data of all plots and the overlays into an existing folder."""
    results = evaluation.results
    write_plots(folder, results.models, evaluation.figures, evaluation.case_rows)
    draw_overlays(folder / "overlays.png", results.models, results.slices)


def write_final_model(folder: Path, models: Iterable[ModelResult], selection: Selection) -> None:
    """Fill an existing folder with the selected model, its label rules, and how it was chosen.

    Args:
        folder: Gets every file of the model's folder, ``rules.json`` and ``selection.json``.
        models: The selected one is among them.
        selection: The choice.
    """
    result = next(each for each in models if each.description == selection.final)
    # Contents only: DVC may have made its files read-only.
    shutil.copytree(result.folder, folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
    shutil.copyfile(result.scores.rules, folder / RULES_FILE)
    choice = {
        "model": selection.final.model,
        "compared_with": [rival.description.model for rival in selection.rivals],
        "tied_with": [
            candidate.description.model
            for candidate in selection.tied
            if candidate.description != selection.final
        ],
    }
    write_json(folder / "selection.json", choice)
