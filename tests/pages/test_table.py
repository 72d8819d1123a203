import math

import pytest

from liverseg.pages.table import Cell, Column, Table, build_count, build_estimate, build_number
from liverseg.statistics.bootstrap import Estimate
from liverseg.statistics.score_table import SCORES

DICE = SCORES["lesion.dice_per_case"]


@pytest.mark.parametrize("undefined", [None, math.nan])
def test_what_is_undefined_is_a_dash_that_is_sorted_by_no_value(undefined):
    cell = Cell(undefined)
    assert (cell.text, cell.value) == ("–", None)


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(0.5, 0.25, 0.75, 9), "0.500 [0.250 to 0.750]"),
        (Estimate(0.5, 0.25, 0.75, 7), "0.500 [0.250 to 0.750] (n = 7)"),
        (Estimate(0.5, math.nan, math.nan, 9), "0.500"),
        (Estimate(math.nan, math.nan, math.nan, 0), "– (n = 0)"),
    ],
)
def test_an_estimate_shows_its_interval_and_the_cases_that_it_covers(estimate, text):
    assert build_estimate(DICE, estimate, num_cases=9).markdown == text


def test_a_cell_is_sorted_by_its_whole_value_and_shows_a_rounded_one():
    cell = build_number(0.12345, 2)
    assert (cell.text, cell.value) == ("0.12", 0.12345)
    assert (build_count(12345).text, build_count(12345).value) == ("12,345", 12345)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "< 0.001"), (0.03125, "0.031"), (1, "1.000"), (math.nan, "–")]
)
def test_a_value_below_the_least_is_only_said_to_be_below_it(value, text):
    assert Cell(value, least=0.001).text == text


def test_the_ends_of_an_interval_have_no_plus_sign():
    assert Cell(0.5, "+.1f", (0.25, 0.75)).markdown == "+0.5 [0.2 to 0.8]"


def test_a_table_in_markdown_holds_what_its_cells_show():
    rows = ((Cell("U-Net"), Cell(0.5, ".1f", num_cases=3)), (Cell("all"), Cell(None)))
    table = Table("scores", "Scores.", (Column("Model"), Column("F1")), rows)
    assert table.markdown.splitlines() == [
        "| Model |          F1 |",
        "| ----- | ----------: |",
        "| U-Net | 0.5 (n = 3) |",
        "| all   |           – |",
    ]
    assert table.list_choices(0) == ["U-Net", "all"]
