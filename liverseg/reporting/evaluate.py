"""All results merged into one comparison, and the final model chosen: what the stage does."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from liverseg.outputs import whole_file
from liverseg.params import EvaluateParams
from liverseg.reporting.case_rows import build_case_rows
from liverseg.reporting.comparison import build_comparison
from liverseg.reporting.comparison_text import describe_comparison
from liverseg.reporting.figures import Figures, summarize_results
from liverseg.reporting.final_model import copy_final_model
from liverseg.reporting.headline import build_headline, write_headline
from liverseg.reporting.overlays import draw_overlays
from liverseg.reporting.plots import write_plots
from liverseg.reporting.results import Results
from liverseg.reporting.selection import Selection, select_model
from liverseg.reporting.selection_text import describe_selection
from liverseg.reporting.tables import write_table


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The outcome of a run.

    Attributes:
        results: What it is made of.
        figures: The models, then all background.
        selection: The choice of the final model.
        case_rows: A row a model and case.
        comparison_text: The comparison for people, Markdown.
        selection_text: The choice in words, Markdown.
    """

    results: Results
    figures: tuple[Figures, ...]
    selection: Selection
    case_rows: pd.DataFrame
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
    return Evaluation(
        results=results,
        figures=figures,
        selection=selection,
        case_rows=build_case_rows(results),
        comparison_text=describe_comparison(figures, params),
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


def write_final_model(folder: Path, evaluation: Evaluation) -> None:
    """Write the selected model, complete, into an existing folder."""
    selection = evaluation.selection
    result = next(each for each in evaluation.results.models if each.description == selection.final)
    copy_final_model(folder, result, selection)
