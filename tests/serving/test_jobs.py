"""Jobs from the files that are sent to the results, by the requests that the page makes."""

import csv
import io
import json
import os
import signal
import tempfile
import zipfile
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import liverseg
from liverseg.archives.private_folder import private_folder
from liverseg.serving.server import PREFIX
from tests.scans.test_predict_dicom import write_dicom
from tests.serving.conftest import BURDEN, LESION_ML, LIVER_ML, run_server

NAMES = ["DICOM%202", "a-ct", "b-ct", "other", "scan%201", "series%207"]
"""Of the scans of ``mixed``; those of an archive are told apart by their folders."""


def pack(top: Path) -> bytes:
    """A zip archive of a folder, or of a file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (top, *sorted(top.rglob("*"))):
            archive.write(path, path.relative_to(top.parent))
    return packed.getvalue()


def list_processes(client) -> list[int]:
    """Those that the server has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == client.process.pid:
            found.append(int(path.parent.name))
    return found


def test_scans_of_one_name_in_archives_and_folders_are_told_apart(client, scan, tmp_path):
    ct = tmp_path / "ct.nii.gz"
    ct.write_bytes(scan.read_bytes())
    loose = {f"x/{patient}/ct.nii.gz": scan.read_bytes() for patient in ("p1", "p3")}
    key = client.send_job({"p1.zip": pack(ct), "p2.zip": pack(ct)} | loose)
    job = client.wait_for(key, "done", "failed")
    names = ["p1-ct", "p2-ct", "x-p1-ct", "x-p3-ct"]
    assert [found["name"] for found in job["scans"]] == names
    assert job["failures"] == []


@pytest.fixture(scope="module")
def mixed(client, scan, hu, tmp_path_factory):
    """A job of files of all kinds, once it has ended: its key, and what the page is told."""
    folder = tmp_path_factory.mktemp("dicom")
    write_dicom(folder / "series 7", hu)
    loose = sorted(write_dicom(folder / "loose", hu, series_uid="1.2.3"))
    alike = folder / "named alike"
    for name in ("a", "b"):
        (alike / name).mkdir(parents=True)
        (alike / name / "ct.nii.gz").write_bytes(scan.read_bytes())
    files = {
        "scan 1.nii.gz": scan.read_bytes(),
        "study/broken.nii": b"no scan",
        "study/other.nii.gz": scan.read_bytes(),
        "study/other_mask.nii.gz": b"left out by its name",
        "packed.zip": pack(folder / "series 7"),
        "named alike.zip": pack(alike),
        "damaged.zip": b"no archive",
        "papers/letter.txt": b"a folder without a scan",
        "notes.txt": b"notes",
        "DICOM": loose[0].read_bytes(),
        **{path.name: path.read_bytes() for path in loose[1:]},
    }
    key = client.send_job(files)
    yield key, client.wait_for(key, "done", "failed")
    assert client.ask("DELETE", f"jobs/{key}")[0] == 204


def test_files_of_all_kinds_are_found_and_what_is_bad_is_named(client, mixed):
    _, job = mixed
    found = {scan["name"]: scan["liver_ml"] for scan in job["scans"]}
    assert found == dict.fromkeys(NAMES, LIVER_ML)
    named = [failure.partition(": expected ")[0] for failure in job["failures"]]
    assert named == ["damaged.zip", "papers", "study/broken.nii"]
    assert (job["state"], job["num_scans"]) == ("done", 7)
    assert any(note.startswith("notes.txt: neither NIfTI nor DICOM") for note in job["notes"])
    assert any("study/other_mask.nii.gz" in note for note in job["notes"])
    assert str(client.temporary) not in json.dumps(job)


def test_the_results_are_those_of_the_command_line(client, mixed, model, scan, tmp_path):
    key, job = mixed
    found = next(each for each in job["scans"] if each["name"] == "scan%201")
    shown = [found[name] for name in ("liver_ml", "lesion_ml", "burden", "num_lesions")]
    assert shown == [LIVER_ML, LESION_ML, BURDEN, 1]
    liverseg.predict(scan, tmp_path, model=model)  # as the command does
    for name in ("labels.nii.gz", "lesions.csv", "summary.json"):
        status, content, headers = client.ask("GET", f"jobs/{key}/scans/scan%25201/{name}")
        assert (status, content) == (200, (tmp_path / "scan%201" / name).read_bytes())
        assert headers["content-disposition"].startswith("attachment")


def test_without_the_option_there_is_no_map_of_uncertainty(client, mixed):
    key, job = mixed
    plain = ["labels.nii.gz", "lesions.csv", "summary.json"]
    assert [scan["downloads"] for scan in job["scans"]] == [plain] * len(NAMES)
    base = f"jobs/{key}/scans/other/"
    assert client.ask("GET", f"{base}uncertainty.nii.gz")[0] == 404
    assert [client.ask("GET", f"{base}view/file-{n}")[0] for n in (1, 2)] == [200, 404]


def test_all_results_come_in_one_archive(client, mixed):
    _, packed, _ = client.ask("GET", f"jobs/{mixed[0]}/results.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        rows = list(csv.DictReader(archive.read("liverseg/lesions.csv").decode().splitlines()))
    assert {"liverseg/index.html", "liverseg/scan%201/report.html"} <= names
    assert [row["scan"] for row in rows] == NAMES
    assert not any("partial" in name for name in names)


def test_the_viewer_gets_a_series_as_one_file(client, mixed, hu, tmp_path):
    base = f"jobs/{mixed[0]}/scans/series%25207/view/"
    status, page, _ = client.ask("GET", base)
    assert (status, b'"name":"labels.nii.gz"' in page.replace(b" ", b"")) == (200, True)
    for number in range(2):
        path = tmp_path / f"{number}.nii{'.gz' if number else ''}"
        path.write_bytes(client.ask("GET", f"{base}file-{number}")[1])
    scan, labels = (np.asarray(nib.load(path).dataobj) for path in sorted(tmp_path.iterdir()))
    assert sorted(scan.ravel()) == sorted(hu.ravel())
    assert np.array_equal(labels, np.digitize(scan, [25, 150]))


def test_what_is_no_scan_fails_and_the_next_job_goes_on_where_one_is_deleted(client, scan):
    """The second job runs, the third waits and is deleted, so that the fourth is next."""
    bad = client.send_job({"bad.zip": b"no archive"})
    job = client.wait_for(bad, "done", "failed")
    (failure,) = job["failures"]
    assert (job["state"], job["scans"]) == ("failed", [])
    assert failure.startswith("bad.zip: expected a zip archive")
    assert failure.endswith("Unpack it yourself, and send the folder.")

    files = {scan.name: scan.read_bytes()}
    running = client.send_job(files)
    client.wait_for(running, "running")
    third, fourth = client.send_job(files), client.send_job({"notes.txt": b""})
    assert [client.find_job(key)["place"] for key in (running, third, fourth)] == [None, 1, 2]
    assert client.send(running, "late.nii", b"")[0] == 400
    assert client.ask("DELETE", f"jobs/{third}")[0] == 204
    assert client.find_job(fourth)["place"] == 1
    (process,) = list_processes(client)
    assert client.ask("DELETE", f"jobs/{running}")[0] == 204
    assert not Path(f"/proc/{process}").exists()
    job = client.wait_for(fourth, "done", "failed")
    assert job["failures"][0].startswith("notes.txt: expected scans as NIfTI")
    for key in (bad, fourth):
        client.ask("DELETE", f"jobs/{key}")
    left = {path.name for path in client.list_left()}
    assert left.isdisjoint({bad, running, third, fourth})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_its_job_and_nothing_is_left(model, scan, tmp_path, number):
    with run_server(tmp_path, "--model", model) as client:
        key = client.send_job({scan.name: scan.read_bytes()})
        client.wait_for(key, "running")
        (process,) = list_processes(client)
        client.process.send_signal(number)
        stdout, stderr = client.process.communicate(timeout=30)
        assert (client.process.returncode, stdout, stderr) == (0, "", "stopped\n")
        assert not Path(f"/proc/{process}").exists()
        assert list(client.temporary.iterdir()) == []


def test_what_a_killed_server_has_left_goes_with_the_next_start_and_nothing_else(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, young = tmp_path / f"{PREFIX}left", tmp_path / f"{PREFIX}young"
    for folder in (left, young, tmp_path / "other"):
        (folder / "job").mkdir(parents=True)
    for folder in (left, tmp_path / "other"):
        os.utime(folder, (0, 0))
    with private_folder(PREFIX) as running:
        os.utime(running, (0, 0))
        with private_folder(PREFIX) as folder:
            names = {path.name for path in tmp_path.iterdir()}
            assert names == {"other", young.name, running.name, folder.name}
    assert {path.name for path in tmp_path.iterdir()} == {"other", young.name}
