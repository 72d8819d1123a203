"""What is written comes back, and nothing that is written runs in a spreadsheet."""

import csv
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.evaluation.comparison import write_table
from liverseg.tables.csv_rows import quote_formula, read_rows, unquote_formula, write_rows

characters = st.characters(exclude_categories=["Cc", "Cs"])
texts = st.text(characters, max_size=8)
hostile = st.builds(
    "".join, st.tuples(st.sampled_from(["", "'", "''"]), st.sampled_from("=+-@\t＝＋－＠"), texts)
)


def read_fields(path: Path) -> list[list[str]]:
    """As a spreadsheet takes the file in."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@given(st.lists(texts | hostile, min_size=1, max_size=5))
def test_any_text_comes_back_and_none_is_a_formula(values):
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        write_rows(path, ("text",), [(value,) for value in values])
        written = [field for (field,) in read_fields(path)[1:]]
        assert [row["text"] for row in read_rows(path, ("text",), next_step="")] == values
    for field in written:
        assert field[:1] not in set("=@\t＝＋－＠")
        assert field[:1] not in ("+", "-") or float(field) is not None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ('=HYPERLINK("http://a","b")', '\'=HYPERLINK("http://a","b")'),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(1)", "'@SUM(1)"),
        ("'=1", "''=1"),
        ("'quoted'", "'quoted'"),
        ("a=b", "a=b"),
        ("", ""),
        ("-3.5", "-3.5"),
        ("+1e-4", "+1e-4"),
        ("-inf", "'-inf"),
        ("-1_000", "'-1_000"),
        (-3.5, -3.5),
        (None, None),
    ],
)
def test_only_a_text_that_would_run_stands_behind_an_apostrophe(value, field):
    assert quote_formula(value) == field
    if isinstance(value, str):
        assert unquote_formula(field) == value


def test_a_byte_that_is_no_utf_8_is_escaped(tmp_path):
    write_rows(tmp_path / "rows.csv", ("text",), [("caf\udce9",)])
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8") == "text\ncaf\\udce9\n"


def test_tables_of_the_report_hold_no_formula_and_their_numbers_stay(tmp_path):
    table = pd.DataFrame(
        {"case_id": ["=1+1", "007"], "burden_error": [-0.1, float("nan")], "num": [-1, 2]}
    )
    write_table(tmp_path / "cases.csv", table)
    text = (tmp_path / "cases.csv").read_text(encoding="utf-8")
    assert text == "case_id,burden_error,num\n'=1+1,-0.1,-1\n007,,2\n"


def test_the_mode_holds_from_the_first_byte_and_over_an_older_file(tmp_path):
    path = tmp_path / "key.csv"
    path.touch(0o644)
    path.chmod(0o644)
    seen = []

    def rows():
        partials = tmp_path.glob(".partial.????????.key.csv")
        seen.extend((each.stat().st_mode & 0o777, each.stat().st_size) for each in partials)
        yield ("a", "b")

    previous = os.umask(0o022)
    try:
        write_rows(path, ("x", "y"), rows(), mode=0o600)
        write_rows(tmp_path / "open.csv", ("x",), [("1",)])
    finally:
        os.umask(previous)
    assert seen == [(0o600, 0)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "open.csv").stat().st_mode & 0o777 == 0o644
