"""The page in a browser, from the choice of a file to its deletion."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from liverseg.serving.answers import DOWNLOADS
from tests.browser import Browser
from tests.serving.conftest import BURDEN, LESION_ML, LIVER_ML, run_server, wait_until
from tests.viewing.opened import list_errors, wait_until_ready


def choose(browser: Browser, *paths: Path) -> None:
    browser.find("#files").send_keys("\n".join(map(str, paths)))


def wait_for_job(browser: Browser, state: str) -> None:
    wait_until(lambda: browser.run(f"return document.querySelector('.job[data-state={state}]')"))


def save_in(browser: Browser, folder: Path) -> None:
    where = {"behavior": "allow", "downloadPath": str(folder)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)


def test_the_page_has_words_for_every_file_to_save(browser, client):
    browser.open(client.address)
    assert browser.run("return Object.keys(DOWNLOADS)") == list(DOWNLOADS)


@pytest.mark.slow
def test_a_scan_is_sent_seen_looked_at_saved_and_deleted(browser, client, scan, tmp_path):
    browser.open(client.address)
    save_in(browser, tmp_path)
    choose(browser, scan)
    wait_for_job(browser, "done")
    assert browser.find(".state").text == "Done: 1 of 1 scan"
    assert browser.list_texts(".volumes dd") == ["1", f"{LESION_ML} ml", f"{LIVER_ML} ml", BURDEN]
    assert browser.list_texts("tbody td")[:2] == ["1", "0.14"]  # 9 voxels of 16 mm3
    assert browser.find(".models").text.startswith("model: ")
    browser.wait_until("document.querySelector('.picture img').naturalWidth > 100")
    browser.resize(390, 800)
    page = "document.documentElement"
    assert browser.run(f"return {page}.scrollWidth === {page}.clientWidth")
    browser.find("[href$='labels.nii.gz']").click()
    saved = tmp_path / "scan%201-labels.nii.gz"
    wait_until(saved.exists)
    assert np.unique(nib.load(saved).dataobj).tolist() == [0, 1, 2]
    assert all(url.startswith(client.address) for url in browser.list_requests())
    assert list_errors(browser) == []

    viewer = browser.find("nav a[href$='view/']").get_attribute("href")
    report = browser.find("nav a[href$='report.html']").get_attribute("href")
    browser.open(viewer)
    wait_until_ready(browser)
    assert browser.find("#place").text.endswith("200 HU · labels.nii.gz: lesion")
    assert list_errors(browser) == []
    browser.open(report)
    assert browser.list_texts("h1") == ["scan%201"]
    assert list_errors(browser) == []

    browser.open(client.address)
    wait_for_job(browser, "done")
    browser.find(".delete").send_keys(Keys.ENTER)
    browser.wait_until("!document.querySelector('.job')")
    assert browser.find("#none").is_displayed()
    assert browser.run("return document.activeElement.id") == "choose-files"
    assert client.list_left() == []
    browser.open(report)
    assert browser.find("body").text == "Not Found"


def drop(browser: Browser, *paths: Path) -> None:
    """Drop files and folders on the page, as from the desktop."""
    data = {"items": [], "files": list(map(str, paths)), "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.driver.execute_cdp_cmd(
            "Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 250, "data": data}
        )


def test_a_folder_that_is_dropped_is_sent_with_its_paths_and_a_bad_file_named(
    browser, client, tmp_path
):
    folder = tmp_path / "study <b>"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "broken.nii").write_bytes(b"no scan")
    (folder / ".DS_Store").write_bytes(b"hidden")
    browser.open(client.address)
    drop(browser, folder)
    wait_for_job(browser, "failed")
    assert browser.list_texts("h3") == ["study _b_"]
    (failure,) = browser.list_texts(".failures li")
    assert failure.startswith("study _b_/inner/broken.nii: expected")
    assert list_errors(browser) == []
    browser.find(".delete").click()
    browser.wait_until("!document.querySelector('.job')")


def test_too_much_is_refused_before_it_is_sent(browser, client, tmp_path):
    with (tmp_path / "large.nii").open("wb") as file:
        file.truncate(9 * 2**30)  # of zeros that take no space
    browser.open(client.address)
    choose(browser, tmp_path / "large.nii")
    message = browser.find("#message").text
    assert message.startswith("large.nii: expected at most 8.00 GiB at a time. Received: 9.00 GiB.")
    assert not any(url.endswith("force_input=false") for url in browser.list_requests())


def test_the_page_says_so_where_the_server_has_gone(browser, model, tmp_path):
    with run_server(tmp_path, "--model", model) as client:
        browser.open(client.address)
        browser.wait_until("document.getElementById('none')")
    wait_until(lambda: "`liverseg serve`" in browser.find("#message").text)
