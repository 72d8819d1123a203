"""Tables of the page: cells as people read them, with the values that they are sorted by."""

import math
from dataclasses import dataclass

from liverseg.reporting.markdown import format_number


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
        text: What is read.
        note: Beneath it and smaller, such as an interval.
        value: What it is sorted by; None for its text, and where undefined.
    """

    text: str
    note: str = ""
    value: float | None = None


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


def build_number(value: float, decimals: int = 3, note: str = "") -> Cell:
    """A number with fixed decimals; a dash for NaN, which sorts last."""
    return Cell(format_number(value, decimals), note, None if math.isnan(value) else value)


def build_count(value: int) -> Cell:
    """A whole number, with a comma between thousands."""
    return Cell(f"{value:,}", value=value)
