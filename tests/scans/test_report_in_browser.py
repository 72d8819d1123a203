"""The reports as a browser shows and prints them."""

import pytest
from pypdf import PdfReader

from liverseg.ready_model import TRAINED_ON
from liverseg.scans.report.writing import write_reports
from tests.made.predictions import write_prediction

A4_POINTS = pytest.approx((595, 842), abs=2)
MARKUP = "<script>document.title = 'run'</script>"
NAME = "<script>alert(1)<script> & 'quotes\" #1 100%"
WARNING = "Not for clinical use. Not a medical device."


@pytest.mark.parametrize(
    ("num_lesions", "has_liver"), [(0, False), (0, True), (1, True), (10, True), (12, True)]
)
def test_a_report_prints_on_one_sheet_of_a4(browser, tmp_path, num_lesions, has_liver):
    models = [{"folder": f"models/fold{n}", "model": "unet", "md5": 32 * "0"} for n in range(4)]
    models.append({"folder": "ready", "model": "unet", "md5": 32 * "0", "trained_on": TRAINED_ON})
    folder = write_prediction(
        tmp_path / "scan", num_lesions, has_liver=has_liver, provenance={"models": models}
    )
    browser.open(write_reports(folder, None, None).path)
    browser.print_pdf(tmp_path / "report.pdf")
    (page,) = PdfReader(tmp_path / "report.pdf").pages
    assert tuple(map(float, page.mediabox[2:])) == A4_POINTS
    text = page.extract_text()
    assert text.count(WARNING) == 2
    assert "Provenance" in text
    assert " ".join(text.split()).count(f"trained on {TRAINED_ON}") == 2


def test_a_page_asks_for_nothing_and_complains_of_nothing(browser, tmp_path):
    write_prediction(tmp_path / "out" / "scan")
    index = write_reports(tmp_path / "out", None, None).path
    for page in (index, tmp_path / "out" / "scan" / "report.html"):
        browser.open(page)
        assert browser.list_requests() == [page.as_uri()]
        assert browser.list_errors() == []


def test_names_are_text_and_never_markup(browser, tmp_path):
    model = {"folder": MARKUP, "model": "unet", "md5": "0"}
    write_prediction(tmp_path / "out" / NAME, provenance={"models": [model]})
    browser.open(write_reports(tmp_path / "out", None, None).path)
    browser.find("tbody a").click()
    assert browser.list_texts("h1") == [NAME]
    assert MARKUP in browser.find(".provenance").text
    assert browser.run("return document.scripts.length") == 0
    assert browser.run("return document.title") == f"{NAME}: liver lesions"


def test_the_warning_is_first_and_last_on_a_page(browser, tmp_path):
    folder = write_prediction(tmp_path / "scan")
    browser.open(write_reports(folder, None, None).path)
    lines = browser.find("body").text.splitlines()
    assert (lines[0], lines[-1]) == (WARNING, WARNING)
