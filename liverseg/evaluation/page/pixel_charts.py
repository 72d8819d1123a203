"""Plots of trainings, and of what the probabilities of lesion pixels are worth."""

from collections.abc import Mapping

import pandas as pd

from liverseg.evaluation.figures import Figures
from liverseg.evaluation.page.charts import (
    Chart,
    Trace,
    build_axis,
    build_diagonal,
    build_share_axis,
    build_trace,
)
from liverseg.params import ModelName

CURVES = {
    "lesion_dice": "Lesion Dice on slices",
    "liver_dice": "Liver Dice on slices",
    "loss": "Loss",
}


def draw_curves(
    tables: Mapping[ModelName, pd.DataFrame], figures: Mapping[ModelName, Figures]
) -> list[Chart]:
    """A plot a metric over the epochs: training dotted, validation solid, the kept epoch ringed."""
    charts = [_draw_curve(name, title, tables, figures) for name, title in CURVES.items()]
    return [*charts, _draw_learning_rate(tables)]


def draw_precision_recall(tables: Mapping[ModelName, pd.DataFrame]) -> Chart:
    """Precision and recall of lesion pixels over the thresholds."""
    traces = [
        build_trace(
            model,
            mode="lines+markers",
            x=_to_numbers(table["recall"]),
            y=_to_numbers(table["precision"]),
            text=table["threshold"].tolist(),
            hovertemplate="threshold %{text}: recall %{x:.3f}, precision %{y:.3f}"
            "<extra>%{fullData.name}</extra>",
        )
        for model, table in tables.items()
    ]
    return Chart(
        "chart-precision-recall",
        "Precision and recall of lesion pixels",
        "Test slices; a point a threshold. The threshold in use was chosen on validation cases.",
        traces,
        build_share_axis("recall"),
        build_share_axis("precision"),
        {},
    )


def draw_calibration(
    before: Mapping[ModelName, pd.DataFrame], after: Mapping[ModelName, pd.DataFrame]
) -> Chart:
    """The observed share of lesion among pixels of like probability: raw dotted, in use solid."""
    traces: list[Trace] = []
    for model, table in before.items():
        raw = _build_bins(model, table, "before")
        raw["line"] = raw["line"] | {"dash": "dot"}
        calibrated = _build_bins(model, after[model], "calibrated")
        traces += [calibrated, raw | {"showlegend": False, "mode": "lines"}]
    return Chart(
        "chart-calibration",
        "Calibration of the lesion probability",
        "Solid: calibrated on validation cases. Dotted: as the network gave it. On the diagonal a "
        "probability is what it says; below it promises too much.",
        [build_diagonal(1), *traces],
        build_share_axis("mean probability"),
        build_share_axis("observed share of lesion"),
        {},
    )


def _build_bins(model: ModelName, table: pd.DataFrame, title: str) -> Trace:
    return build_trace(
        model,
        mode="lines+markers",
        x=_to_numbers(table["mean_probability"]),
        y=_to_numbers(table["observed_share"]),
        text=table["num_pixels"].tolist(),
        hovertemplate=f"{title}, probability %{{x:.3f}}: %{{y:.3f}} of %{{text}} pixels are lesion"
        "<extra>%{fullData.name}</extra>",
    )


def _draw_curve(
    name: str,
    title: str,
    tables: Mapping[ModelName, pd.DataFrame],
    figures: Mapping[ModelName, Figures],
) -> Chart:
    traces: list[Trace] = []
    for model, table in tables.items():
        validation = _build_curve(model, table, f"val_{name}", "validation")
        training = _build_curve(model, table, name, "training")
        training["line"] = training["line"] | {"dash": "dot"}
        kept = table["epoch"] == figures[model].training["kept_epoch"]
        ring = _build_curve(model, table[kept], f"val_{name}", "kept epoch")
        ring["marker"] = ring["marker"] | {"size": 14, "symbol": "circle-open"}
        traces += [
            validation,
            training | {"showlegend": False},
            ring | {"mode": "markers", "showlegend": False},
        ]
    y = build_share_axis("Dice") if "dice" in name else build_axis("loss", rangemode="tozero")
    return Chart(
        f"chart-{name.replace('_', '-')}",
        title,
        "Solid: validation slices. Dotted: training slices. Ring: the epoch that was kept.",
        traces,
        build_axis("epoch", tickformat="d"),
        y,
        {},
    )


def _draw_learning_rate(tables: Mapping[ModelName, pd.DataFrame]) -> Chart:
    traces = [
        _build_curve(model, table, "learning_rate", "learning rate")
        for model, table in tables.items()
    ]
    for trace in traces:
        trace["line"]["shape"] = "hv"
    return Chart(
        "chart-learning-rate",
        "Learning rate",
        "On a logarithmic scale.",
        traces,
        build_axis("epoch", tickformat="d"),
        build_axis("learning rate", type="log", exponentformat="power"),
        {},
    )


def _build_curve(model: ModelName, table: pd.DataFrame, name: str, title: str) -> Trace:
    return build_trace(
        model,
        mode="lines+markers",
        x=table["epoch"].tolist(),
        y=_to_numbers(table[name]),
        hovertemplate=f"epoch %{{x}}, {title}: %{{y:.4g}}<extra>%{{fullData.name}}</extra>",
    )


def _to_numbers(texts: "pd.Series[str]") -> list[float]:
    numbers: list[float] = texts.astype(float).tolist()
    return numbers
