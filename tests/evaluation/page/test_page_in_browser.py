"""The page as its readers use it, in a headless Chromium."""

import re

import pytest
from pypdf import PdfReader
from selenium.webdriver.common.keys import Keys

from tests.made.chain import HOSTILE_ID

SORTED = "return document.querySelector('#case-table th:nth-child({})').ariaSort"
SHOWN = "return getComputedStyle(document.querySelector('#example-unet-worst path.{}')).display"


@pytest.fixture
def opened(browser, page):
    browser.open(page)
    return browser


def focus(browser, selector):
    browser.run("document.querySelector(arguments[0]).focus()", selector)


def list_column(browser, table, column):
    return browser.list_texts(f"#{table} tbody tr:not([hidden]) > :nth-child({column})")


def test_nothing_is_wrong_and_nothing_is_asked_for_but_the_page_itself(opened, page):
    plots = opened.run("return document.querySelectorAll('.plot .main-svg').length")
    assert plots >= opened.run("return document.querySelectorAll('.plot').length") > 10
    opened.prefer("dark")
    opened.run("scrollTo(0, document.body.scrollHeight)")
    assert opened.list_errors() == []
    assert opened.list_requests() == [page.resolve().as_uri()]


def test_a_script_in_a_case_id_is_shown_and_not_run(opened):
    assert HOSTILE_ID in list_column(opened, "data-table", 1)
    ticks = opened.list_texts("#chart-cases .xtick")
    assert HOSTILE_ID in ticks


def test_a_head_sorts_its_table_by_value_up_and_down_and_says_so(opened):
    column = "#case-table th:nth-child(4) button"  # lesion Dice: 0.75 of the U-Net, 1 of the ResNet
    focus(opened, column)
    opened.press(Keys.ENTER)
    assert opened.run(SORTED.format(4)) == "ascending"
    assert list_column(opened, "case-table", 4) == ["0.750"] * 12 + ["1.000"] * 12
    opened.press(Keys.ENTER)
    assert opened.run(SORTED.format(4)) == "descending"
    assert list_column(opened, "case-table", 4) == ["1.000"] * 12 + ["0.750"] * 12

    opened.find("#data-table th:nth-child(1) button").click()
    assert list_column(opened, "data-table", 1)[1:4] == ["000", "001", "002"]  # "<" comes first


def test_choices_and_words_filter_rows_and_their_number_is_said(opened):
    focus(opened, "#lesion-table select[data-column='1']")
    opened.press("U")  # U-Net
    focus(opened, "#lesion-table input")
    opened.press(*"test 008")
    assert list_column(opened, "lesion-table", 1) == ["008"]
    assert opened.list_texts("#lesion-table output") == ["1 of 24 rows"]


def test_slices_are_counted_as_everywhere_else(opened):
    assert "count from 0 at the feet" in opened.find("#gallery > p").text


@pytest.mark.parametrize("table", ["case-table", "lesion-table"])
def test_a_case_is_the_head_of_its_rows(opened, table):
    assert {"007", "008"} <= set(opened.list_texts(f"#{table} th[scope=row]"))


def test_arrow_keys_move_through_the_slices(opened):
    # the lesion lies in the middle one of three slices, so that is shown first
    example = "#example-unet-worst"
    assert opened.list_texts(f"{example} output") == ["Slice 1: lesion in reference and prediction"]
    image = f"return document.querySelector('{example} image').getAttribute('href')"
    outline = f"return document.querySelector('{example} path.reference.lesion').getAttribute('d')"
    first = opened.run(image)
    assert opened.run(outline)
    focus(opened, f"{example} input")
    opened.press(Keys.ARROW_RIGHT)
    assert opened.list_texts(f"{example} output") == ["Slice 2: no lesion"]
    assert opened.run(image) != first
    assert opened.run(outline) == ""
    opened.press(Keys.ARROW_LEFT)
    assert opened.run(image) == first


@pytest.mark.parametrize(("whose", "key"), [("reference", "r"), ("predicted", "p")])
def test_outlines_are_switched_by_the_space_bar_and_by_a_letter(opened, whose, key):
    assert opened.run(SHOWN.format(whose)) == "inline"
    focus(opened, f"#show-{whose}")
    opened.press(Keys.SPACE)
    assert opened.run(SHOWN.format(whose)) == "none"
    opened.press(key)
    assert opened.run(SHOWN.format(whose)) == "inline"


@pytest.mark.parametrize(("whose", "key"), [("reference", "r"), ("predicted", "P")])
def test_a_letter_switches_outlines_as_soon_as_the_gallery_is_in_view(opened, whose, key):
    assert opened.run("return document.activeElement === document.body")
    opened.press(key)
    assert opened.run(SHOWN.format(whose)) == "inline"
    opened.run("document.getElementById('gallery').scrollIntoView()")
    opened.press(key)
    assert opened.run(SHOWN.format(whose)) == "none"


def test_a_letter_that_is_typed_or_chooses_switches_nothing(opened):
    opened.resize(1280, 4000)  # gallery and tables at once
    opened.run("document.getElementById('gallery').scrollIntoView()")
    for field in ("input", "select"):
        focus(opened, f"#case-table {field}")
        opened.press("r", "p")
        assert [opened.run(SHOWN.format(whose)) for whose in ("reference", "predicted")] == [
            "inline",
            "inline",
        ]


def test_a_definition_appears_beside_a_head_with_the_focus_and_goes_with_escape(opened):
    focus(opened, "#case-table th:nth-child(4) button")
    assert "Twice the overlap" in opened.find("#tooltip").text
    opened.press(Keys.ESCAPE)
    assert not opened.find("#tooltip").is_displayed()


def test_page_and_plots_follow_the_colour_scheme_but_paper_is_light(opened):
    background = "return getComputedStyle(document.body).backgroundColor"
    tick = "return getComputedStyle(document.querySelector('.xtick text')).fill"
    light = opened.run(background), opened.run(tick)
    opened.prefer("dark")
    dark = opened.run(background), opened.run(tick)
    assert light == ("rgb(255, 255, 255)", "rgb(26, 31, 38)")
    assert dark == ("rgb(16, 20, 26)", "rgb(231, 234, 238)")
    for event, colours in (("beforeprint", light), ("afterprint", dark)):
        opened.run("dispatchEvent(new Event(arguments[0]))", event)
        assert (opened.run(background), opened.run(tick)) == colours


def test_nothing_but_tables_is_wider_than_a_small_window(opened):
    opened.resize(400, 800)
    opened.wait_until("document.documentElement.scrollWidth <= 400")


def test_the_head_of_the_gallery_is_printed_on_the_sheet_of_its_first_pictures(opened, tmp_path):
    opened.run(
        "for (const each of document.querySelectorAll('section:not(#gallery)')) each.remove()"
    )
    for height in range(500, 1000, 100):  # px, of the 1009 of a sheet within its margins
        opened.run("document.querySelector('.lead').style.height = arguments[0]", f"{height}px")
        opened.print_pdf(tmp_path / "page.pdf")
        texts = [sheet.extract_text() for sheet in PdfReader(tmp_path / "page.pdf").pages]
        (sheet,) = [text for text in texts if "the median and the best test case" in text]
        assert re.search(r"^Gallery$", sheet, re.MULTILINE)
        assert "Worst: case" in sheet


def test_the_page_can_be_printed(opened, tmp_path):
    opened.print_pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert opened.list_errors() == []
