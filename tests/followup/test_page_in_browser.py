"""The page of a comparison as a browser shows it."""

import pytest

from liverseg.followup.comparison import compare_studies
from liverseg.followup.page import render_comparison
from liverseg.followup.study import build_study
from liverseg.pages.html_pages import write_html
from tests.made.followup import build_labels

NAME = "<script>alert(1)</script> & 'may'"
BEFORE = [(0, 0, 0, 14), (75, 0, 0, 3)]
AFTER = [(0, 0, 0, 9), (-60, 20, 15, 8)]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "compare.html"
    studies = [
        build_study(name, build_labels(balls, (3.0, 3.0, 5.0)), 6)
        for name, balls in ((NAME, BEFORE), ("june", AFTER))
    ]
    write_html(path, render_comparison(compare_studies(*studies)))
    return path


def test_the_page_asks_for_nothing_and_complains_of_nothing(browser, page):
    browser.open(page)
    assert browser.list_requests() == [page.as_uri()]
    assert browser.list_errors() == []
    assert browser.list_texts("h1") == [f"{NAME}, then june"]


def test_each_pair_is_shown_twice_with_its_outlines(browser, page):
    browser.open(page)
    captions = browser.list_texts("figcaption")
    assert captions == [
        "Pair 1: shrunk, target; lesions 1 → 1",
        "Pair 2: vanished; lesions 2 → –",
        "Pair 3: new; lesions – → 2",
    ]
    outlined = browser.run(
        "return [...document.querySelectorAll('.pair svg')]"
        ".map(svg => svg.querySelectorAll('path.lesion').length)"
    )
    assert outlined == [1, 1, 1, 0, 0, 1]


@pytest.mark.parametrize("width", [1280, 375])
def test_both_pictures_of_a_pair_stand_side_by_side_on_any_screen(browser, page, width):
    browser.open(page)
    browser.resize(width, 800)
    boxes = browser.run(
        "return [...document.querySelectorAll('.pair svg')].slice(0, 2)"
        ".map(svg => svg.getBoundingClientRect().toJSON())"
    )
    assert boxes[0]["top"] == boxes[1]["top"]
    assert boxes[0]["right"] < boxes[1]["left"]
    assert boxes[0]["width"] == pytest.approx(boxes[0]["height"], abs=1)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_the_outline_of_a_lesion_lies_in_the_middle_of_its_picture(browser, page):
    browser.open(page)
    path, svg = browser.run(
        "const svg = document.querySelector('.pair svg');"
        "return [svg.querySelector('path.lesion'), svg]"
        ".map(each => each.getBoundingClientRect().toJSON())"
    )
    middles = [
        [box["left"] + box["width"] / 2, box["top"] + box["height"] / 2] for box in (path, svg)
    ]
    assert middles[0] == pytest.approx(middles[1], abs=svg["width"] * 3 / 120)  # a voxel
    # the ball of 28 mm in the square of 120 mm
    assert path["width"] == pytest.approx(svg["width"] * 28 / 120, abs=svg["width"] * 4 / 120)
