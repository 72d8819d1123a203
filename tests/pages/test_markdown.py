import math

import pytest

from liverseg.pages.markdown import (
    format_count,
    format_number,
    format_table,
    render_markdown,
)


@pytest.mark.parametrize("undefined", [None, math.nan])
def test_what_is_undefined_is_a_dash(undefined):
    assert format_number(undefined) == "–"


def test_one_case_is_not_cases():
    assert format_count(1, "case") == "1 case"
    assert format_count(2000, "case") == "2,000 cases"


def test_html_in_markdown_comes_out_as_text():
    assert "&lt;script&gt;" in render_markdown("a <script> tag")


def test_a_table_is_aligned_in_plain_text():
    assert format_table(["Model", "F1"], [["U-Net", "0.5"], ["all", "–"]]) == (
        "| Model |  F1 |\n| ----- | --: |\n| U-Net | 0.5 |\n| all   |   – |"
    )
