"""CSV files as rows of text: every value stays as it was written ("007" is never 7).

A spreadsheet runs a field that begins like a formula, and names of files may be anybody's. Such a
text stands behind an apostrophe in the file, which spreadsheets show as text; reading takes it away
again. Numbers stay as they are, negative ones too.
"""

import csv
import io
import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from liverseg.errors import DataError
from liverseg.names import decode_name, encode_name
from liverseg.outputs import whole_file
from liverseg.regular_files import read_regular

FORMULA = re.compile(r"[=+\-@\t＝＋－＠]")
"""How a formula begins (OWASP, "CSV Injection"); the wide forms count in Japanese and Chinese. Line
breaks, which count too, are in no text: ``escape_unprintable`` comes before."""

QUOTED_FORMULA = re.compile(f"'+{FORMULA.pattern}")
LARGEST_BYTES = 2**28

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def write_rows(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, mode: int = 0o666
) -> None:
    """Write a header and rows; the file appears whole or not at all, its bytes fit its content.

    Floats are written with as many digits as bring them back exactly; what is undefined (NaN or
    None) is an empty field. A name whose bytes are no UTF-8 is written by ``encode_name``.

    Args:
        path: The file.
        columns: Of the header.
        rows: A value a column.
        mode: Who may read and write it, from its first byte, less what the umask forbids.
    """
    with (
        whole_file(path) as partial,
        os.fdopen(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode),
            mode="w",
            encoding="utf-8",
            newline="",
        ) as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_build_field(value) for value in row] for row in rows)


def read_rows(path: Path, columns: Sequence[str], *, next_step: str) -> list[dict[str, str]]:
    """Rows of a CSV file, each with at least the given columns; empty where there is only a header.

    Raises:
        DataError: The file cannot be read, lacks a column, or holds a row of another length.
    """

    def build_error(expected: str, received: str) -> DataError:
        return DataError(str(path), expected=expected, received=received, next_step=next_step)

    try:
        text = read_regular(path, LARGEST_BYTES).decode("utf-8-sig")
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), strict=True)) or [[]]
    except OSError as error:
        raise build_error("a CSV file", str(error.strerror).lower()) from None
    except (ValueError, csv.Error) as error:
        raise build_error("a CSV file in UTF-8", str(error)) from None
    missing = [column for column in columns if column not in header]
    if missing:
        received = f"{', '.join(header) or 'an empty file'} (without {', '.join(missing)})"
        raise build_error(f"the columns {', '.join(columns)}", received)
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise build_error(f"{len(header)} values in row {number}", f"{len(row)} values")
    return [dict(zip(header, map(_read_field, row), strict=True)) for row in rows]


def quote_formula(value: object) -> object:
    """The value of a field, behind an apostrophe where a spreadsheet would run it."""
    if not isinstance(value, str) or NUMBER.fullmatch(value):
        return value
    return f"'{value}" if FORMULA.match(value) or QUOTED_FORMULA.match(value) else value


def unquote_formula(text: str) -> str:
    """The text that ``quote_formula`` was given."""
    return text[1:] if QUOTED_FORMULA.match(text) else text


def _build_field(value: object) -> object:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return quote_formula(encode_name(value)) if isinstance(value, str) else value


def _read_field(text: str) -> str:
    return decode_name(unquote_formula(text))
