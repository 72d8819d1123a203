import math

import pytest

from liverseg.reporting.markdown import (
    format_count,
    format_estimate,
    format_number,
    format_p_value,
    format_table,
)
from liverseg.scoring.bootstrap import Estimate


@pytest.mark.parametrize("undefined", [None, math.nan])
def test_what_is_undefined_is_a_dash(undefined):
    assert format_number(undefined) == "–"


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
    assert format_estimate(estimate, num_cases=9) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "< 0.001"), (0.03125, "0.031"), (1, "1.000"), (math.nan, "–")]
)
def test_a_p_value_has_three_decimals(value, text):
    assert format_p_value(value) == text


def test_one_case_is_not_cases():
    assert format_count(1, "case") == "1 case"
    assert format_count(2000, "case") == "2,000 cases"


def test_a_table_is_aligned_in_plain_text():
    assert format_table(["Model", "F1"], [["U-Net", "0.5"], ["all", "–"]]) == (
        "| Model |  F1 |\n| ----- | --: |\n| U-Net | 0.5 |\n| all   |   – |"
    )
