"""Figures as people read them: rounded, with their interval, a dash where undefined."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from liverseg.model_table import MODELS

ALL_BACKGROUND = "all_background"

DASH = "–"

TITLES = {name: row.title for name, row in MODELS.items()} | {ALL_BACKGROUND: "all background"}


def format_number(value: float | None, decimals: int = 3) -> str:
    """A number with a fixed number of decimals; a dash for None or NaN."""
    if value is None or math.isnan(value):
        return DASH
    return f"{value:.{decimals}f}"


def format_interval(low: float, high: float, decimals: int = 3) -> str:
    """``low to high``; empty without an interval."""
    if math.isnan(low):
        return ""
    return f"{format_number(low, decimals)} to {format_number(high, decimals)}"


def format_count(number: int, noun: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is aligned in plain text too; the first column to the left."""
    lines = [columns, *rows]
    widths = [max(3, *map(len, cells)) for cells in zip(*lines, strict=True)]
    ruler = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [[line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])] for line in lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [padded[0], ruler, *padded[1:]])


def render_markdown(text: str) -> Markup:
    """Markdown as HTML; HTML in it comes out as text."""
    from markdown_it import MarkdownIt  # only pages need it

    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))
