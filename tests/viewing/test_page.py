import base64
import gzip
import hashlib
import json
import re
import time
from importlib.resources import files

import nibabel as nib
import numpy as np
import pytest
from nibabel import orientations
from PIL import Image
from scipy import ndimage
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from liverseg.errors import DataError
from liverseg.viewing import page
from liverseg.viewing.page import write_page
from liverseg.viewing.scene import build_scene
from tests.viewing.opened import list_errors, wait_until_ready

NIIVUE_SHA256 = "47b896b77ec4a5be3ef1949c33ad393b6f45629921f326c279000bcf51bdb4af"


@pytest.fixture(scope="module")
def html_file(scene_files, tmp_path_factory):
    """The page with everything in it, of the scan and twice its mask."""
    scan, mask = scene_files
    path = tmp_path_factory.mktemp("page") / "scan.html"
    write_page(path, build_scene(scan, [mask, mask]))
    return path


def read_canvas(browser, path):
    """Colours (rows, columns, 3) of the planes, without the bars above and below."""
    browser.take_screenshot(path)
    box = browser.run(
        "const box = document.getElementById('canvas').getBoundingClientRect();"
        "return [box.left, box.top, box.right, box.bottom]"
    )
    return np.asarray(Image.open(path).convert("RGB").crop(box)).astype(int)


def find_pixels(colours, hex_colour, share, grey):
    """Where a colour is laid with some opacity over a grey value."""
    colour = np.array([int(hex_colour[start : start + 2], 16) for start in (1, 3, 5)])
    wanted = share * colour + (1 - share) * grey
    return np.abs(colours - wanted).max(axis=-1) <= 6


def count_pixels(colours, hex_colour, share, grey):
    return int(find_pixels(colours, hex_colour, share, grey).sum())


def test_the_bundled_niivue_is_that_of_the_stated_version():
    content = (files("liverseg.viewing") / "assets" / "niivue.umd.js").read_bytes()
    assert hashlib.sha256(content).hexdigest() == NIIVUE_SHA256
    assert page.NIIVUE_VERSION.encode() in content


def test_the_page_carries_the_files_unchanged_and_the_licences(scene_files, html_file):
    scan, mask = scene_files
    text = html_file.read_text(encoding="utf-8")
    embedded = re.findall(r'id="file-\d">([^<]*)<', text)
    contents = [gzip.decompress(base64.b64decode(each)) for each in embedded]
    assert contents == [gzip.decompress(scan.read_bytes()), *[mask.read_bytes()] * 2]
    assert "Copyright (c) 2021, Niivue" in text


def test_names_are_text_and_never_markup(html_file):
    text = html_file.read_text(encoding="utf-8")
    assert "<title>scan &lt;b&gt;&amp;.nii.gz</title>" in text
    scene = re.search(r'id="scene">(.*?)</script>', text)[1]
    assert "<" not in scene
    assert json.loads(scene)["scan"] == "scan <b>&.nii.gz"


def test_files_too_large_for_a_page_are_an_error_and_write_nothing(
    scene_files, tmp_path, monkeypatch
):
    monkeypatch.setattr(page, "LARGEST_EMBEDDED_BYTES", 100)
    with pytest.raises(DataError, match="leave out --html"):
        write_page(tmp_path / "scan.html", build_scene(scene_files[0], []))
    assert not list(tmp_path.iterdir())


def test_the_page_shows_the_scan_and_its_masks_offline(browser, html_file, tmp_path):
    """At the start a lesion of 30 HU: (30 + 10) / 200 of white in the window -10 to 190."""
    browser.open(html_file)
    wait_until_ready(browser)
    place = browser.find("#place").text
    assert place.startswith("x 38.0, y 26.0, z -46.0 mm (RAS) · 30 HU · mask.nii: lesion")
    assert browser.list_requests() == [html_file.as_uri()]
    browser.driver.find_elements("css selector", "#layers input")[1].click()  # one mask alone
    colours = read_canvas(browser, tmp_path / "masks.png")
    assert count_pixels(colours, "#e69f00", 0.4, 255 * 40 / 200) > 1000  # lesion
    assert count_pixels(colours, "#56b4e9", 0.4, 255 * 110 / 200) > 10_000  # liver
    browser.driver.find_elements("css selector", "#layers input")[0].click()
    colours = read_canvas(browser, tmp_path / "scan.png")
    assert count_pixels(colours, "#e69f00", 0.4, 255 * 40 / 200) == 0
    assert count_pixels(colours, "#000000", 0, 255 * 110 / 200) > 10_000  # grey
    assert list_errors(browser) == []


def test_the_buttons_change_the_window(browser, html_file, tmp_path):
    browser.open(html_file)
    wait_until_ready(browser)
    shown = {}
    for button in browser.driver.find_elements("css selector", "#presets button"):
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        mean = read_canvas(browser, tmp_path / "window.png").mean()
        shown[button.text] = browser.find("#window").text, mean
    *presets, (own, _) = shown.values()
    assert [window for window, _ in presets] == [
        "Window -10 to 190 HU",
        "Window -150 to 250 HU",
        "Window -1350 to 150 HU",
        "Window -500 to 1300 HU",
    ]
    low, high = (int(number) for number in re.findall(r"-?\d+", own))
    assert -1000 <= low < high <= 1200  # what is in the scan
    assert len({round(mean, 1) for _, mean in shown.values()}) == 5
    assert len(browser.driver.find_elements("css selector", "[aria-pressed=true]")) == 1
    assert list_errors(browser) == []


def test_the_crosshair_leaves_the_lesion_at_its_centre_free(browser, html_file, tmp_path):
    browser.open(html_file)
    wait_until_ready(browser)
    browser.driver.find_elements("css selector", "#layers input")[1].click()
    colours = read_canvas(browser, tmp_path / "lesion.png")
    is_lesion = find_pixels(colours, "#e69f00", 0.4, 255 * 40 / 200)
    pieces, num_pieces = ndimage.label(is_lesion)
    assert num_pieces == 3  # one a plane: it is a box in each
    assert all(is_lesion[box].mean() > 0.95 for box in ndimage.find_objects(pieces))


def test_arrows_and_page_keys_move_the_crosshair_by_a_voxel_as_seen_in_the_axial_plane(
    browser, html_file
):
    """From (38, 26, -46) mm in steps of 2, 2 and 3 mm; the patient's right, +x, is on the left."""
    browser.open(html_file)
    wait_until_ready(browser)
    for key, place in (
        (Keys.ARROW_LEFT, "x 40.0, y 26.0, z -46.0"),
        (Keys.ARROW_UP, "x 40.0, y 28.0, z -46.0"),
        (Keys.PAGE_UP, "x 40.0, y 28.0, z -43.0"),
        (Keys.ARROW_RIGHT, "x 38.0, y 28.0, z -43.0"),
        (Keys.ARROW_DOWN, "x 38.0, y 26.0, z -43.0"),
        (Keys.PAGE_DOWN, "x 38.0, y 26.0, z -46.0"),
    ):
        browser.press(key)
        assert browser.find("#place").text.startswith(f"{place} mm")
    browser.run("document.getElementById('opacity').focus()")
    browser.press(Keys.ARROW_LEFT)
    assert browser.run("return document.getElementById('opacity').value") == "0.35"
    assert browser.find("#place").text.startswith("x 38.0, y 26.0, z -46.0 mm")


def test_no_key_of_niivue_changes_what_is_shown(browser, html_file, tmp_path):
    browser.open(html_file)
    wait_until_ready(browser)
    canvas = browser.find("#canvas")
    ActionChains(browser.driver).move_to_element(canvas).perform()
    browser.run("document.getElementById('canvas').focus()")
    before = read_canvas(browser, tmp_path / "before.png")
    for key in "vcphjklmud?":
        browser.press(key)
        time.sleep(0.1)  # NiiVue ignores keys that follow fast on others
        np.testing.assert_array_equal(read_canvas(browser, tmp_path / "after.png"), before, key)


@pytest.mark.parametrize("axes", ["RAS", "PIL"])
def test_the_right_of_the_patient_is_on_the_left(browser, tmp_path, axes):
    """A body with a bright block in its right third, in the axial and the coronal plane."""
    hu = np.full((30, 24, 20), -1000, np.int16)
    hu[3:27, 3:21, 3:17] = 60
    hu[20:27, 3:21, 3:17] = 190
    scan = nib.Nifti1Image(hu, np.diag([2.0, 2.0, 2.0, 1.0]))
    to_axes = orientations.ornt_transform(
        orientations.axcodes2ornt("RAS"), orientations.axcodes2ornt(axes)
    )
    nib.save(scan.as_reoriented(to_axes), tmp_path / "scan.nii")
    write_page(tmp_path / "scan.html", build_scene(tmp_path / "scan.nii", []))
    browser.open(tmp_path / "scan.html")
    wait_until_ready(browser)
    colours = read_canvas(browser, tmp_path / "scan.png")
    is_bright = find_pixels(colours, "#000000", 0, 255)
    is_body = (np.ptp(colours, axis=-1) == 0) & (colours[..., 0] > 20)  # the crosshair is yellow
    pieces, _ = ndimage.label(ndimage.binary_closing(is_body, iterations=8))
    planes = [box for box in ndimage.find_objects(pieces) if is_body[box].sum() > 5000]
    assert len(planes) == 3
    with_block = [is_bright[box] for box in planes if is_bright[box].mean() > 0.1]
    assert len(with_block) == 2
    for plane in with_block:
        middle = plane.shape[1] // 2
        assert plane[:, :middle].mean() > 0.4
        assert plane[:, middle:].mean() < 0.01


def test_a_scan_without_masks_has_nothing_to_switch(browser, scene_files, tmp_path):
    write_page(tmp_path / "scan.html", build_scene(scene_files[0], []))
    browser.open(tmp_path / "scan.html")
    wait_until_ready(browser)
    assert not browser.find("#opacity").is_displayed()
    assert browser.find("#place").text.endswith("HU")
