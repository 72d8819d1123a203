"""The page in a browser, from the choice of a file to its deletion."""

from pathlib import Path

import nibabel as nib
import numpy as np
from selenium.webdriver.common.keys import Keys

from tests.browser import Browser
from tests.serving.conftest import BURDEN, LESION_ML, LIVER_ML, wait_until
from tests.viewing.opened import list_errors, wait_until_ready


def choose(browser: Browser, *paths: Path) -> None:
    browser.find("#files").send_keys("\n".join(map(str, paths)))


def wait_for_job(browser: Browser, state: str) -> None:
    wait_until(lambda: browser.run(f"return document.querySelector('.job[data-state={state}]')"))


def save_in(browser: Browser, folder: Path) -> None:
    where = {"behavior": "allow", "downloadPath": str(folder)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)


def test_a_scan_is_sent_seen_looked_at_saved_and_deleted(browser, client, scan, tmp_path):
    browser.open(client.address)
    save_in(browser, tmp_path)
    choose(browser, scan)
    wait_for_job(browser, "done")
    assert browser.find(".state").text.startswith("Done: 1 of 1 scan in")
    assert browser.list_texts(".volumes dd") == ["1", f"{LESION_ML} ml", f"{LIVER_ML} ml", BURDEN]
    assert browser.list_texts("tbody td")[:2] == ["1", "0.14"]  # 9 voxels of 16 mm3
    browser.wait_until("document.querySelector('.picture img').naturalWidth > 100")
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
