"""The map of uncertainty over the planes, in a browser, and what is no such map."""

import nibabel as nib
import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from liverseg.errors import DataError
from liverseg.viewing.scene import build_scene
from tests.commands import run_liverseg
from tests.viewing.conftest import AFFINE
from tests.viewing.opened import list_errors, wait_until_ready
from tests.viewing.test_page import count_pixels, read_canvas


@pytest.fixture(scope="module")
def map_file(labels, tmp_path_factory):
    """1 bit in lesions, 128 of 255ths around them in the liver, 0 elsewhere; saved as bytes."""
    path = tmp_path_factory.mktemp("map") / "uncertainty.nii.gz"
    image = nib.Nifti1Image(np.choose(labels, (0, 128, 255)).astype(np.uint8), AFFINE)
    image.header.set_slope_inter(1 / 255, 0)
    nib.save(image, path)
    return path


@pytest.fixture(scope="module")
def html_file(scene_files, map_file, tmp_path_factory):
    scan, mask = scene_files
    path = tmp_path_factory.mktemp("page") / "scan.html"
    done = run_liverseg("view", scan, mask, "--uncertainty", map_file, "--html", path)
    assert done.returncode == 0, done.stderr
    return path


def test_the_map_is_transparent_at_0_and_yellow_at_1_bit(browser, html_file, tmp_path):
    """Without the mask: a lesion of 1 bit is all yellow, a liver of 128 / 255 half over 100 HU."""
    browser.open(html_file)
    wait_until_ready(browser)
    mask, uncertainty = browser.driver.find_elements("css selector", "#layers input")
    mask.click()
    colours = read_canvas(browser, tmp_path / "map.png")
    num_yellow = count_pixels(colours, "#f0e442", 1, 0)
    assert count_pixels(colours, "#f0e442", 128 / 255, 255 * 110 / 200) > 10_000
    uncertainty.send_keys(Keys.SPACE)
    colours = read_canvas(browser, tmp_path / "scan.png")
    assert num_yellow - count_pixels(colours, "#f0e442", 1, 0) > 1000  # the crosshair is yellow too
    assert count_pixels(colours, "#f0e442", 128 / 255, 255 * 110 / 200) == 0
    assert count_pixels(colours, "#000000", 0, 255 * 110 / 200) > 10_000  # grey
    assert list_errors(browser) == []


def test_the_crosshair_tells_the_value_and_the_legend_its_unit(browser, html_file):
    browser.open(html_file)
    wait_until_ready(browser)
    assert browser.find("#place").text.endswith("mask.nii: lesion · uncertainty 1.00 bit")
    for _ in range(2):  # to the left in the patient, out of the lesion
        browser.press(Keys.ARROW_LEFT)
    assert browser.find("#place").text.endswith("mask.nii: liver · uncertainty 0.50 bit")
    legend = browser.driver.find_elements("css selector", "#layers li")[1]
    assert legend.text.split() == ["uncertainty:", "0", "1", "bit"]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_the_legend_is_in_sight_on_a_phone_and_a_laptop(browser, html_file, width, scheme):
    browser.open(html_file)
    browser.resize(width, 800)
    browser.prefer(scheme)
    wait_until_ready(browser)
    legend = browser.driver.find_elements("css selector", "#layers li")[1]
    left, right = legend.rect["x"], legend.rect["x"] + legend.rect["width"]
    assert 0 <= left < right <= width
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run("return document.getElementById('canvas').clientHeight") > 300


def test_a_scan_is_no_map_of_uncertainty(scene_files):
    scan, _ = scene_files
    with pytest.raises(DataError, match=r"a map of 0 to 1 bit.*-1000 to 1200.*--uncertainty"):
        build_scene(scan, [], scan)


def test_a_map_on_another_grid_is_an_error(scene_files, map_file, tmp_path):
    bits = nib.load(map_file).get_fdata()[:-1]
    nib.save(nib.Nifti1Image(bits, AFFINE), tmp_path / "cut.nii")
    with pytest.raises(DataError, match=r"cut\.nii: expected a map on the grid of"):
        build_scene(scene_files[0], [], tmp_path / "cut.nii")
