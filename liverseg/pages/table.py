"""Tables whose cells hold values, and the texts of these as Markdown and HTML show them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from liverseg.pages.markdown import DASH, format_table
from liverseg.statistics.bootstrap import Estimate
from liverseg.statistics.score import Score


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: Its head.
        term: Of the glossary, where the title needs one.
        is_number: Aligned to the right, and sorted by value.
        is_choice: Rows can be filtered by its texts.
    """

    title: str
    term: str = ""
    is_number: bool = True
    is_choice: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        content: A text or a number; None or NaN where undefined.
        spec: How a number is written, as ``format`` takes it.
        interval: Around the number; NaN without one.
        num_cases: That the number covers, where these are fewer than all.
        least: A smaller number is only said to be below it.
    """

    content: str | float | None
    spec: str = ".3f"
    interval: tuple[float, float] = (math.nan, math.nan)
    num_cases: int | None = None
    least: float = -math.inf

    @property
    def value(self) -> float | None:
        """What it is sorted by; None for a text, and where undefined."""
        if isinstance(self.content, str) or self.content is None or math.isnan(self.content):
            return None
        return self.content

    @property
    def text(self) -> str:
        """What is read; a dash where undefined."""
        if isinstance(self.content, str):
            return self.content
        if self.value is None:
            return DASH
        return f"< {self.least}" if self.value < self.least else format(self.value, self.spec)

    @property
    def note(self) -> str:
        """What stands beside it and smaller: ``[0.250 to 0.542] (n = 7)``."""
        low, high = (format(end, self.spec.lstrip("+")) for end in self.interval)
        parts = [] if math.isnan(self.interval[0]) else [f"[{low} to {high}]"]
        if self.num_cases is not None:
            parts.append(f"(n = {self.num_cases})")
        return " ".join(parts)

    @property
    def markdown(self) -> str:
        """Both in one line."""
        return f"{self.text} {self.note}".rstrip()


@dataclass(frozen=True)
class Table:
    """A table that can be sorted, and filtered where a column is a choice.

    Attributes:
        name: Its element's id.
        caption: What it shows.
        columns: From left to right.
        rows: As many cells as columns in each.
        is_searchable: Rows can be searched for a text.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_searchable: bool = False

    def list_choices(self, index: int) -> list[str]:
        """The different texts of a column, in the order of the rows."""
        return list(dict.fromkeys(row[index].text for row in self.rows))

    @property
    def markdown(self) -> str:
        """The table in Markdown, without its caption; it is aligned in plain text too."""
        rows = [[cell.markdown for cell in row] for row in self.rows]
        return format_table([column.title for column in self.columns], rows)


def build_number(value: float, decimals: int = 3) -> Cell:
    """A number with fixed decimals; a dash for NaN, which sorts last."""
    return Cell(value, f".{decimals}f")


def build_count(value: int) -> Cell:
    """A whole number, with a comma between thousands."""
    return Cell(value, ",")


def build_estimate(score: Score, estimate: Estimate, num_cases: int) -> Cell:
    """A score with its interval, and the cases that it covers where these are fewer than all."""
    covered = None if estimate.num_cases == num_cases else estimate.num_cases
    return Cell(estimate.value, score.spec, (estimate.low, estimate.high), covered)


def format_cells(titles: Iterable[str], rows: Iterable[tuple[Cell, ...]]) -> str:
    """A table without a name as Markdown."""
    return Table("", "", tuple(map(Column, titles)), tuple(rows)).markdown
