"""Plots as Plotly takes them, data and layout; the page adds its own colours to the layout."""

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liverseg.model_table import MODELS
from liverseg.pages.markdown import TITLES
from liverseg.params import ModelName

Trace = dict[str, Any]
Axis = dict[str, Any]


@dataclass(frozen=True)
class Style:
    """How a model is drawn in every plot."""

    colour: str
    symbol: str


STYLES = {name: Style(row.colour, row.symbol) for name, row in MODELS.items()}
NEUTRAL = "#888888"


@dataclass(frozen=True, eq=False)
class Chart:
    """One plot.

    Attributes:
        name: Its element's id.
        title: Above it.
        caption: Beneath it: how to read it.
        traces: What is drawn.
        x: Axis across.
        y: Axis upwards.
        layout: What else Plotly needs to know.
    """

    name: str
    title: str
    caption: str
    traces: list[Trace]
    x: Axis
    y: Axis
    layout: Mapping[str, Any]

    @property
    def content(self) -> dict[str, Any]:
        """Data and layout, None where a value is undefined."""
        layout = {"xaxis": self.x, "yaxis": self.y, **self.layout}
        content: dict[str, Any] = _nan_to_none({"data": self.traces, "layout": layout})
        return content


def build_trace(model: ModelName, **parts: Any) -> Trace:
    """Points of a model in its colour; its traces share an entry of the legend."""
    style = STYLES[model]
    return {
        "type": "scatter",
        "name": TITLES[model],
        "legendgroup": model,
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 8},
        "line": {"color": style.colour, "width": 2},
        **parts,
    }


def build_diagonal(end: float) -> Trace:
    """A grey line from (0, 0), on which both values agree."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [0, end],
        "y": [0, end],
        "line": {"color": NEUTRAL, "width": 1, "dash": "dash"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def build_axis(title: str, **parts: Any) -> Axis:
    """An axis with its title."""
    return {"title": {"text": title}, **parts}


def build_share_axis(title: str) -> Axis:
    """An axis from 0 to 1 with room for the points at its ends."""
    return build_axis(title, range=[-0.04, 1.04], dtick=0.2)


def escape_text(text: str) -> str:
    """A text from outside: Plotly takes ``<b>`` and the like in texts as markup."""
    return html.escape(text, quote=False)


def _nan_to_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _nan_to_none(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_nan_to_none(member) for member in value]
    return None if isinstance(value, float) and math.isnan(value) else value
