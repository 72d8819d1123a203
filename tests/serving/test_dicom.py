"""``liverseg serve --dicom``: what is sent as a series is offered in DICOM, too."""

import json
import sys

import highdicom
import numpy as np
import pydicom
import pytest

from liverseg.serving.job_folder import JobFolder
from tests.commands import run
from tests.scans.test_predict_dicom import write_dicom
from tests.serving.conftest import run_server, wait_until
from tests.serving.test_page import save_in


@pytest.fixture(scope="module")
def series(hu, tmp_path_factory):
    """Its files in the order of the slices."""
    return write_dicom(tmp_path_factory.mktemp("sent") / "ct", hu)


@pytest.fixture(scope="module")
def client(model, tmp_path_factory):
    with run_server(tmp_path_factory.mktemp("serve"), "--model", model, "--dicom") as client:
        yield client


@pytest.fixture(scope="module")
def job(client, series, scan):
    """A job of the series and of a NIfTI file, once it has ended."""
    files = {f"ct/{path.name}": path.read_bytes() for path in series}
    return client.wait_for(client.send_job({"a.nii.gz": scan.read_bytes(), **files}), "done")


def test_the_masks_of_a_series_lie_on_its_images(client, job, series, hu, tmp_path):
    """The model sees every pixel as it is: liver is brighter than 25 HU, lesion than 150."""
    status, content, headers = client.ask("GET", f"jobs/{job['key']}/scans/ct/segmentation.dcm")
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="ct-segmentation.dcm"'
    (tmp_path / "segmentation.dcm").write_bytes(content)
    uids = [pydicom.dcmread(path).SOPInstanceUID for path in series]
    segments = highdicom.seg.segread(tmp_path / "segmentation.dcm").get_pixels_by_source_instance(
        uids, combine_segments=True, assert_missing_frames_are_empty=True
    )
    assert np.array_equal(segments, np.digitize(hu.T, [25, 150]))


def test_of_another_scan_in_the_same_job_nothing_is_made_in_dicom(client, job):
    offered = {
        scan["name"]: [name for name in scan["downloads"] if name.endswith(".dcm")]
        for scan in job["scans"]
    }
    in_dicom = ["segmentation.dcm", "measurements.dcm", "report.dcm"]
    assert offered == {"a": [], "ct": in_dicom}
    assert job["failures"] == []
    path = f"jobs/{job['key']}/scans/a/segmentation.dcm"
    assert client.ask("GET", path)[0] == 404


def test_a_series_that_dicom_cannot_refer_to_is_named_and_notes_come_once(hu, tmp_path):
    """Neither scan gets as far as the model, that of the package."""
    job = JobFolder(tmp_path / "job")
    write_dicom(job.uploaded / "ct", hu, FrameOfReferenceUID=None)
    (job.uploaded / "bad.nii").write_bytes(b"no NIfTI")
    options = ("--left-bytes", "1000", "--left-files", "10", "--dicom")
    command = [sys.executable, "-m", "liverseg.serving.work", str(job.path), *options]
    done = run(command, tmp_path, {"TQDM_DISABLE": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    bad, ct = [each["text"] for each in told if each["kind"] == "failed"]
    assert "bad.nii: expected" in bad
    assert "ct: expected images that results in DICOM can refer to" in ct
    (note,) = [each["text"] for each in told if each["kind"] == "note"]
    assert note.startswith("no models/final here: the model is ready")


def test_the_page_offers_the_objects_of_the_series_alone(browser, client, job, tmp_path):
    browser.open(client.address)
    save_in(browser, tmp_path)
    browser.wait_until("document.querySelector('[href$=\".dcm\"]')")
    links = browser.list_texts("nav a[href$='.dcm']")
    assert links == ["Labels (DICOM-SEG)", "Measurements (DICOM SR)", "Report (DICOM)"]
    browser.find("[href$='measurements.dcm']").click()
    saved = tmp_path / "ct-measurements.dcm"
    wait_until(saved.exists)
    assert pydicom.dcmread(saved).Modality == "SR"
