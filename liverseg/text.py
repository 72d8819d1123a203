"""Rows of text as columns that stand below each other."""

from collections.abc import Sequence


def format_columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A line of titles and a line a row, every column as wide as its widest cell."""
    lines = [titles, *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
