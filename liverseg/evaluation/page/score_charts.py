"""Plots of the scores: over cases, by lesion size, case by case."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from liverseg.evaluation.figures import Figures
from liverseg.evaluation.page.charts import (
    Axis,
    Chart,
    build_axis,
    build_diagonal,
    build_share_axis,
    build_trace,
    escape_text,
)
from liverseg.pages.markdown import format_count
from liverseg.params import ModelName
from liverseg.statistics.bootstrap import Estimate
from liverseg.statistics.score_table import DRAWN, SCORES, SIZES

GROUPED = {"scattermode": "group", "scattergap": 0.5}
"""Models side by side in each category."""


def draw_estimates(figures: Mapping[ModelName, Figures]) -> Chart:
    """The main scores of all models with their intervals."""
    traces = []
    for model, each in figures.items():
        estimates = {SCORES[key].title.replace(" ", "<br>", 1): each.test[key] for key in DRAWN}
        trace = build_trace(
            model,
            mode="markers",
            x=list(estimates),
            y=[estimate.value for estimate in estimates.values()],
            error_y=_build_intervals(list(estimates.values())),
        )
        traces.append(trace)
    return Chart(
        "chart-estimates",
        "Test cases: the main scores",
        "Points are the scores of the tables below, bars their 95 % intervals over patients.",
        traces,
        build_axis("", type="category"),
        build_share_axis("score"),
        GROUPED,
    )


def draw_recall_by_size(figures: Mapping[ModelName, Figures]) -> Chart:
    """The share of the reference lesions that are matched, by their diameter."""
    traces = []
    for model, each in figures.items():
        recalls = [each.test[f"lesions.{size}.recall"] for size in SIZES]
        matched, reference = (
            [int(each.test.get_value(f"lesions.{size}.{name}")) for size in SIZES]
            for name in ("num_matched", "num_reference")
        )
        trace = build_trace(
            model,
            mode="markers",
            x=[
                f"{escape_text(title)}<br>{format_count(number, 'lesion')}"
                for title, number in zip(SIZES.values(), reference, strict=True)
            ],
            y=[recall.value for recall in recalls],
            error_y=_build_intervals(recalls),
            customdata=[f"{some} of {all_}" for some, all_ in zip(matched, reference, strict=True)],
            hovertemplate="%{y:.3f}: %{customdata} matched<extra>%{fullData.name}</extra>",
        )
        traces.append(trace)
    return Chart(
        "chart-recall-by-size",
        "Lesion recall by size",
        "Test cases; the share of the reference lesions that are matched at IoU > 0.5, with 95 % "
        "intervals where there are patients enough. Small lesions are where every method fails.",
        traces,
        build_axis("largest axial diameter", type="category", range=[-0.5, 2.5]),
        build_share_axis("recall"),
        GROUPED,
    )


def draw_froc(tables: Mapping[ModelName, pd.DataFrame]) -> Chart:
    """Sensitivity against false lesions a scan as the least confidence falls, in steps."""
    traces = []
    for model, table in tables.items():
        trace = build_trace(
            model,
            mode="lines",
            x=table["false_per_scan"].tolist(),
            y=table["sensitivity"].tolist(),
            text=[
                "no lesion counts" if math.isnan(each) else f"confidence from {each:.2f} on"
                for each in table["least_confidence"]
            ],
            hovertemplate="%{text}: sensitivity %{y:.3f} at %{x:.2f} false "
            "lesions a scan<extra>%{fullData.name}</extra>",
        )
        trace["line"]["shape"] = "hv"
        end = trace | {
            "mode": "markers",
            "x": trace["x"][-1:],
            "y": trace["y"][-1:],
            "text": trace["text"][-1:],
            "showlegend": False,
        }
        traces += [trace, end]
    return Chart(
        "chart-froc",
        "FROC: lesions found against false ones",
        "Test cases; predicted lesions count from the surest down, found at IoU > 0.5. A curve "
        "ends, at its mark, where every predicted lesion counts.",
        traces,
        build_axis("false lesions a scan", rangemode="tozero"),
        build_share_axis("sensitivity"),
        {},
    )


def draw_cases(tables: Mapping[ModelName, pd.DataFrame]) -> Chart:
    """The lesion Dice of every test case, the models side by side."""
    every = pd.concat(tables.values())
    order = every.groupby("case_id")["lesion_dice"].mean().sort_values(kind="stable").index
    traces = [
        build_trace(
            model,
            mode="markers",
            x=[escape_text(case_id) for case_id in table["case_id"]],
            y=table["lesion_dice"].tolist(),
            hovertemplate="case %{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
        for model, table in tables.items()
    ]
    x = build_axis(
        "test case, the hardest first",
        type="category",
        categoryorder="array",
        categoryarray=[escape_text(case_id) for case_id in order],
    )
    return Chart(
        "chart-cases",
        "Lesion Dice by test case",
        "One column a case: what all models find hard stands on the left.",
        traces,
        x,
        build_share_axis("lesion Dice"),
        {},
    )


def draw_volumes(tables: Mapping[ModelName, pd.DataFrame]) -> Chart:
    """The lesion volume of every test case, predicted against reference."""
    traces = [
        build_trace(
            model,
            mode="markers",
            x=table["lesion_reference_ml"].tolist(),
            y=table["lesion_predicted_ml"].tolist(),
            text=[escape_text(case_id) for case_id in table["case_id"]],
            hovertemplate="case %{text}: reference %{x:.1f} ml, predicted %{y:.1f} ml"
            "<extra>%{fullData.name}</extra>",
        )
        for model, table in tables.items()
    ]
    every = pd.concat(tables.values())
    end = float(every[["lesion_reference_ml", "lesion_predicted_ml"]].to_numpy().max())
    return Chart(
        "chart-volumes",
        "Lesion volume by test case",
        "Below the diagonal the prediction is too small, above it too large.",
        [build_diagonal(end), *traces],
        build_axis("reference, ml", rangemode="tozero"),
        build_axis("predicted, ml", rangemode="tozero"),
        {},
    )


def _build_intervals(estimates: Sequence[Estimate]) -> Axis:
    """Error bars; none where an estimate has no interval."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [each.high - each.value for each in estimates],
        "arrayminus": [each.value - each.low for each in estimates],
        "thickness": 1.5,
        "width": 4,
    }
