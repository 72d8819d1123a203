"""``liverseg check``: its table, its JSON and its exit codes."""

import json
import os
import shutil
import socket
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.commands import run_liverseg

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path):
    """Two cases: a cylinder of flesh with a liver in its right half, and the same without mask."""
    i, j, _ = np.indices((60, 60, 20))
    hu = np.where(np.hypot(i - 29.5, j - 29.5) < 25, 0, -1000).astype(np.int16)
    hu += np.random.default_rng(0).integers(-10, 10, hu.shape, np.int16)
    labels = np.zeros(hu.shape, np.uint8)
    labels[10:25, 15:45, 5:15] = 1
    labels[15:18, 20:23, 8:10] = 2
    affine = np.diag([-5.0, -5, 8, 1])
    folder = tmp_path / "ct"
    folder.mkdir()
    for name, data in (("volume-1", hu), ("segmentation-1", labels), ("volume-2", hu[::-1])):
        nib.save(nib.Nifti1Image(data, affine), folder / f"{name}.nii.gz")
    return folder


def test_some_cases_that_cannot_be_used_end_with_code_1(root, tmp_path):
    done = run_liverseg("check", root, "--json", tmp_path / "a" / "check.json", cwd=tmp_path)
    assert done.returncode == 1
    header, first, second, *_, summary = done.stdout.splitlines()
    assert header.split() == ["case", "verdict", "reason", "what", "to", "do"]
    assert first.split() == ["1", "ok"]
    assert second.startswith("2     error    its mask: expected one file")
    assert summary == "2 cases: 1 ok, 0 with warnings, 1 that cannot be used"
    content = json.loads((tmp_path / "a" / "check.json").read_text())
    assert (content["root"], content["num_ok"], content["num_errors"]) == (str(root), 1, 1)
    assert content["cases"][0] == {"case_id": "1", "verdict": "ok", "findings": []}
    (finding,) = content["cases"][1]["findings"]
    assert finding["level"] == "error"
    assert finding["next_step"].startswith("Add it, or list '2' under data.exclude.")


def test_pipes_devices_and_sockets_among_the_scans_are_named_and_not_waited_for(root, tmp_path):
    for name in ("volume-2.nii.gz", "segmentation-1.nii.gz"):
        (root / name).unlink()
    os.mkfifo(root / "volume-2.nii")
    (root / "segmentation-2.nii").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "segmentation-1.nii.gz"))
        done = run_liverseg("check", root, "--json", "check.json", cwd=tmp_path)
    assert done.returncode == 2
    cases = json.loads((tmp_path / "check.json").read_text())["cases"]
    errors = [
        finding["reason"]
        for case in cases
        for finding in case["findings"]
        if finding["level"] == "error"
    ]
    received = [reason.rpartition("Received: ")[2] for reason in errors]
    assert received == [f"a {kind}, no regular file" for kind in ("socket", "named pipe", "device")]


@pytest.mark.parametrize("name", [b"caf\xe9", b"a\x1b[31mb", b"a\nb"])
def test_a_name_of_any_bytes_is_refused_on_one_line(root, tmp_path, name):
    case_id = os.fsdecode(name)
    (root / "volume-2.nii.gz").unlink()
    for old, folder in (("volume", "images"), ("segmentation", "masks")):
        (root / folder).mkdir()
        shutil.copy(root / f"{old}-1.nii.gz", root / folder / f"{case_id}.nii.gz")
        shutil.move(root / f"{old}-1.nii.gz", root / folder / "1.nii.gz")
    done = run_liverseg("check", root, "--json", tmp_path / "check.json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    shown = ascii(case_id)[1:-1]
    assert any(line.startswith(f"{shown} ") for line in done.stdout.splitlines())
    assert "\x1b" not in done.stdout
    content = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    assert [each["case_id"] for each in content["cases"]] == ["1", shown]


def test_a_set_that_can_be_used_ends_with_code_0(root, tmp_path):
    (root / "volume-2.nii.gz").unlink()
    done = run_liverseg("check", root, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_set_of_which_no_case_can_be_used_ends_with_code_2(root, tmp_path):
    (root / "segmentation-1.nii.gz").write_bytes(b"")
    done = run_liverseg("check", root, cwd=tmp_path)
    assert done.returncode == 2
    assert "2 cases: 0 ok, 0 with warnings, 2 that cannot be used" in done.stdout


def test_a_folder_that_is_no_data_set_ends_with_code_2_and_a_message(tmp_path):
    done = run_liverseg("check", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {tmp_path}: expected scans and masks as .nii")


def test_params_serve_where_they_describe_the_folder(root, tmp_path):
    params = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    params = params.replace("exclude: []", "exclude: ['2']").replace("patients.csv ", "null ")
    (tmp_path / "params.yaml").write_text(params, encoding="utf-8")
    ignored = run_liverseg("check", root, cwd=tmp_path)
    assert ignored.returncode == 1
    assert "params.yaml describes another data set (data.root: data/phantom)" in ignored.stderr
    told = run_liverseg("check", root, "--params", "params.yaml", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "2     skipped  excluded by data.exclude" in told.stdout
    shutil.move(root, tmp_path / "data" / "phantom")
    by_default = run_liverseg("check", "data/phantom", cwd=tmp_path)
    assert by_default.stdout == told.stdout


def test_what_many_cases_share_is_said_once(root, tmp_path):
    (root / "volume-2.nii.gz").unlink()
    for number in range(2, 27):
        for name in ("volume", "segmentation"):
            shutil.copy(root / f"{name}-1.nii.gz", root / f"{name}-{number}.nii.gz")
    done = run_liverseg("check", root, "--json", tmp_path / "check.json", cwd=tmp_path)
    assert done.returncode == 0
    assert "26 cases: 0 ok, 26 with warnings" in " ".join(done.stdout.split())
    assert done.stdout.count("1, 2, 3, 4, 5 and 21") == 1
    assert len(done.stdout.splitlines()) < 10
    content = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    assert [len(each["findings"]) for each in content["cases"]] == [1] * 26


def test_a_name_with_brackets_is_printed_as_it_is(root, tmp_path):
    (root / "volume-2.nii.gz").unlink()
    for folder, name in (("images", "volume-1"), ("masks", "segmentation-1")):
        (root / folder).mkdir()
        shutil.move(root / f"{name}.nii.gz", root / folder / "[red]a :smile:.nii.gz")
    assert "[red]a :smile:  ok" in run_liverseg("check", root, cwd=tmp_path).stdout
