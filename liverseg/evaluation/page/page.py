"""The page itself: everything of an evaluation in one file that asks for nothing else."""

import re
from pathlib import Path
from typing import Any

from liverseg.evaluation.comparison_text import describe_limits
from liverseg.evaluation.evaluate import Evaluation
from liverseg.evaluation.page.case_tables import build_case_table, build_lesion_table
from liverseg.evaluation.page.charts import Chart
from liverseg.evaluation.page.data_charts import draw_diameters, draw_spacings
from liverseg.evaluation.page.data_set import build_case_list, build_remarks, describe_roles
from liverseg.evaluation.page.gallery import build_examples
from liverseg.evaluation.page.glossary import GLOSSARY
from liverseg.evaluation.page.pixel_charts import (
    draw_calibration,
    draw_curves,
    draw_precision_recall,
)
from liverseg.evaluation.page.provenance import build_provenance_tables
from liverseg.evaluation.page.score_charts import (
    draw_cases,
    draw_estimates,
    draw_froc,
    draw_recall_by_size,
    draw_volumes,
)
from liverseg.evaluation.plots import build_tables
from liverseg.evaluation.selection_text import (
    build_selection_tables,
    describe_method,
    state_verdict,
)
from liverseg.pages.html_pages import PageKind, write_html
from liverseg.pages.markdown import TITLES, format_interval, render_markdown
from liverseg.params import EvaluateParams
from liverseg.slices.stacks import read_preprocessing
from liverseg.statistics.score_table import SCORES, TILES


def _write_slug(text: str) -> str:
    """A text as part of an element's id."""
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")


# plotly-basic.min.js is npm's plotly.js-basic-dist-min 4.1.1 as it was published: a quarter of the
# whole of Plotly, and without the WebGL code that would need eval.
PAGE = PageKind(
    "liverseg.evaluation.page",
    ("plotly-basic.min.js", "charts.js", "tables.js", "gallery.js", "page.js"),
    with_inline_styles=True,
    filters={"slug": _write_slug, "interval": format_interval},
)


def write_page(path: Path, evaluation: Evaluation, params: EvaluateParams) -> None:
    """Write the page as HTML; the same evaluation gives the same bytes.

    Its scripts, styles, plots and pictures lie in it: it works from a disk and asks no network. It
    says nothing of times, commits and places.

    Args:
        path: The file.
        evaluation: The outcome of a run.
        params: Of the intervals.

    Raises:
        DataError: Slices, predicted labels or the causes of a model cannot be read.
    """
    write_html(path, PAGE.render("page.html", **_build_content(evaluation, params)))


def _build_content(evaluation: Evaluation, params: EvaluateParams) -> dict[str, Any]:
    results, selection = evaluation.results, evaluation.selection
    headline = next(each for each in evaluation.figures if each.name == selection.final.model)
    return {
        "final": TITLES[selection.final.model],
        "models": [TITLES[each.description.model] for each in results.models],
        "verdict": render_markdown(state_verdict(selection)),
        "method": render_markdown(describe_method(selection, params)),
        "choice": build_selection_tables(selection),
        "tiles": [(SCORES[key], headline.test[key]) for key in TILES],
        "comparison": evaluation.comparison,
        "notes": render_markdown(describe_limits(evaluation.figures, params)),
        "charts": _draw_charts(evaluation),
        "cases": build_case_table(evaluation.case_rows),
        "lesions": build_lesion_table(results.models),
        "gallery": {
            TITLES[each.description.model]: build_examples(each, results.slices)
            for each in results.models
        },
        "window_hu": read_preprocessing(results.slices).windows_hu[0],
        "data_set": build_case_list(results),
        "remarks": build_remarks(results),
        "roles": describe_roles(results),
        "provenance": build_provenance_tables(results.models, params),
        "glossary": GLOSSARY,
    }


def _draw_charts(evaluation: Evaluation) -> dict[str, list[Chart]]:
    """The plots of each section."""
    results, rows = evaluation.results, evaluation.case_rows
    figures = {
        each.description.model: each for each in evaluation.figures if each.description is not None
    }
    tables = {
        result.description.model: build_tables(
            result, figures[result.description.model], rows[rows["role"] == "test"]
        )
        for result in results.models
    }
    of_plot = {
        plot: {model: of_model[plot] for model, of_model in tables.items()}
        for plot in ("curves", "cases", "precision_recall", "calibration", "calibrated", "froc")
    }
    return {
        "comparison": [draw_estimates(figures)],
        "curves": draw_curves(of_plot["curves"], figures),
        "cases": [draw_cases(of_plot["cases"]), draw_volumes(of_plot["cases"])],
        "lesions": [draw_recall_by_size(figures), draw_froc(of_plot["froc"])],
        "pixels": [
            draw_precision_recall(of_plot["precision_recall"]),
            draw_calibration(of_plot["calibration"], of_plot["calibrated"]),
        ],
        "data": [draw_diameters(results), draw_spacings(results)],
    }
