"""``liverseg serve --uncertainty``: the map in the viewer and to save, in DICOM for a series."""

import nibabel as nib
import numpy as np
import pydicom
import pytest

import liverseg
from tests.scans.conftest import write_model_folder
from tests.scans.test_predict_dicom import write_dicom
from tests.serving.conftest import run_server, wait_until
from tests.serving.test_page import save_in


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Undecided about what is neither very dark nor very bright."""
    return write_model_folder(tmp_path_factory.mktemp("models") / "final", sharpness=8.0)


@pytest.fixture(scope="module")
def client(model, tmp_path_factory):
    options = ("--model", model, "--dicom", "--uncertainty")
    with run_server(tmp_path_factory.mktemp("serve"), *options) as client:
        yield client


@pytest.fixture(scope="module")
def job(client, scan, hu, tmp_path_factory):
    """A job of a NIfTI file and of a series, once it has ended."""
    series = write_dicom(tmp_path_factory.mktemp("sent") / "ct", hu)
    files = {f"ct/{path.name}": path.read_bytes() for path in series}
    return client.wait_for(client.send_job({"a.nii.gz": scan.read_bytes(), **files}), "done")


def test_the_map_is_that_of_the_command_line(client, job, model, scan, tmp_path):
    liverseg.predict(scan, tmp_path, model=model, uncertainty=True)
    path = f"jobs/{job['key']}/scans/a/uncertainty.nii.gz"
    status, content, headers = client.ask("GET", path)
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="a-uncertainty.nii.gz"'
    wanted = next(tmp_path.glob("*/uncertainty.nii.gz"))
    (tmp_path / "sent.nii.gz").write_bytes(content)
    maps = [np.asarray(nib.load(each).dataobj) for each in (wanted, tmp_path / "sent.nii.gz")]
    assert maps[0].max() > 0
    assert np.array_equal(*maps)


def test_the_viewer_gets_the_map(client, job):
    base = f"jobs/{job['key']}/scans/a/view/"
    _, page, _ = client.ask("GET", base)
    assert b'"uncertainty":"#' in page.replace(b" ", b"")
    _, shown, _ = client.ask("GET", f"{base}file-2")
    _, saved, _ = client.ask("GET", f"jobs/{job['key']}/scans/a/uncertainty.nii.gz")
    assert shown == saved


def test_the_page_offers_the_map_of_a_series_in_dicom_too(browser, client, job, tmp_path):
    browser.open(client.address)
    save_in(browser, tmp_path)
    browser.wait_until("document.querySelector('[href$=\"uncertainty.dcm\"]')")
    links = browser.list_texts("nav a[href*='uncertainty']")
    assert links == ["Uncertainty (NIfTI)", "Uncertainty (NIfTI)", "Uncertainty (DICOM)"]
    browser.find("[href$='uncertainty.dcm']").click()
    saved = tmp_path / "ct-uncertainty.dcm"
    wait_until(saved.exists)
    assert "Parametric Map" in pydicom.dcmread(saved).SOPClassUID.name
