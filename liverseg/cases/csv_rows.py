"""CSV files as rows of text: every value stays as it was written ("007" is never 7).

A spreadsheet runs a field that begins like a formula, and names of files may be anybody's. Such a
text stands behind an apostrophe in the file, which spreadsheets show as text; reading takes it away
again. Numbers stay as they are, negative ones too.
"""

import csv
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from liverseg.errors import DataError
from liverseg.outputs import whole_file

FORMULA = re.compile(r"[=+\-@\t＝＋－＠]")
"""How a formula begins (OWASP, "CSV Injection"); the wide forms count in Japanese and Chinese. Line
breaks, which count too, are in no text: ``escape_unprintable`` comes before."""

QUOTED_FORMULA = re.compile(f"'+{FORMULA.pattern}")
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and rows; the file appears whole or not at all, its bytes fit its content.

    Floats are written with as many digits as bring them back exactly; what is undefined (NaN or
    None) is an empty field. A lone surrogate, a byte of a file name that is no UTF-8, is escaped.
    """
    with (
        whole_file(path) as partial,
        partial.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([quote_formula(_blank_undefined(value)) for value in row] for row in rows)


def read_rows(path: Path, columns: Sequence[str], *, next_step: str) -> list[dict[str, str]]:
    """Rows of a CSV file, each with at least the given columns; empty where there is only a header.

    Raises:
        DataError: The file cannot be read, lacks a column, or holds a row of another length.
    """

    def build_error(expected: str, received: str) -> DataError:
        return DataError(str(path), expected=expected, received=received, next_step=next_step)

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file, strict=True)) or [[]]
    except OSError as error:
        raise build_error("a CSV file", str(error.strerror).lower()) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise build_error("a CSV file in UTF-8", str(error)) from None
    missing = [column for column in columns if column not in header]
    if missing:
        received = f"{', '.join(header) or 'an empty file'} (without {', '.join(missing)})"
        raise build_error(f"the columns {', '.join(columns)}", received)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise build_error(f"{len(header)} values in row {number}", f"{len(row)} values")
    return [dict(zip(header, map(unquote_formula, row), strict=True)) for row in rows]


def quote_formula(value: object) -> object:
    """The value of a field, behind an apostrophe where a spreadsheet would run it."""
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    return f"'{value}" if FORMULA.match(value) or QUOTED_FORMULA.match(value) else value


def unquote_formula(text: str) -> str:
    """The text that ``quote_formula`` was given."""
    return text[1:] if QUOTED_FORMULA.match(text) else text


def _blank_undefined(value: object) -> object:
    return "" if isinstance(value, float) and math.isnan(value) else value
