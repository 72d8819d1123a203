"""Figures as people read them: rounded, with their interval, a dash where undefined."""

import math
from collections.abc import Sequence

from liverseg.reporting.figures import ALL_BACKGROUND
from liverseg.scoring.bootstrap import Estimate

DASH = "–"

TITLES = {
    "simple_cnn": "Simple CNN",
    "unet": "U-Net",
    "resnet": "ResNet",
    ALL_BACKGROUND: "all background",
}


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


def format_estimate(estimate: Estimate, num_cases: int, decimals: int = 3) -> str:
    """A value, its interval where there is one, and ``n`` where it covers fewer cases than all."""
    interval = format_interval(estimate.low, estimate.high, decimals)
    parts = [format_number(estimate.value, decimals)]
    if interval:
        parts.append(f"[{interval}]")
    if estimate.num_cases != num_cases:
        parts.append(f"(n = {estimate.num_cases})")
    return " ".join(parts)


def format_p_value(value: float) -> str:
    """A p-value with three decimals; a dash where no test was made."""
    return "< 0.001" if value < 0.001 else format_number(value)


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
