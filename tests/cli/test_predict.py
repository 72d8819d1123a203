"""`liverseg predict` as a user runs it, in processes of its own."""

import csv
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote_to_bytes

import nibabel as nib
import numpy as np
import pytest

from liverseg.names import decode_name
from tests.commands import LIVERSEG, run_liverseg
from tests.made.dicom import write_series
from tests.scans.conftest import AFFINE, RULES, write_model_folder

COMMAND = [*LIVERSEG, "predict"]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_model_folder(tmp_path_factory.mktemp("models") / "final")


def predict(*arguments, **options):
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def write_scans(folder, *names, shape=(32, 32, 4)):
    folder.mkdir(exist_ok=True)
    hu = np.full(shape, -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    hu[10:13, 10:13, 2] = 200
    for name in names:
        nib.save(nib.Nifti1Image(hu, AFFINE), folder / name)
    return folder


def test_a_folder_goes_on_after_a_bad_scan_and_a_second_call_after_the_first(model, tmp_path):
    scans = write_scans(tmp_path / "scans", "a.nii.gz", "c.nii.gz", "segmentation-1.nii")
    (scans / "b.nii").write_bytes(b"no NIfTI")
    arguments = (scans, "-o", tmp_path / "out", "--model", model)
    first = predict(*arguments)
    assert first.returncode == 1, first.stderr
    # 12 x 12 x 2 voxels of 2 x 2 x 4 mm are 4.6 ml, 9 of them with lesion 0.1 ml
    assert [line.split() for line in first.stdout.splitlines()[1:]] == [
        ["a", "5", "0.1", "3.1%", "1"],
        ["c", "5", "0.1", "3.1%", "1"],
    ]
    assert "1 left out, masks by their names:" in first.stderr
    assert "failed: " in first.stderr
    assert "b.nii: expected" in first.stderr
    assert first.stderr.splitlines()[-1].startswith("Then run the same command again")
    assert "3/3" in first.stderr
    assert "absl" not in first.stderr  # TensorFlow's chatter
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("labels*")}
    (scans / "b.nii").unlink()
    second = predict(*arguments, "--quiet")
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout == first.stdout
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("labels*")}


def test_uncertainty_is_mapped_and_the_passes_of_flips_agree(model, tmp_path):
    scans = write_scans(tmp_path / "scans", "a.nii.gz")
    out = tmp_path / "out"
    result = predict(scans, "-o", out, "--model", model, "--uncertainty", "--flips", "all")
    assert result.returncode == 0, result.stderr
    entropy = nib.load(out / "a" / "uncertainty.nii.gz")
    assert entropy.shape == (32, 32, 4)
    assert entropy.get_fdata().max() < 0.01  # the network is sure of all
    assert (out / "a" / "uncertainty.png").stat().st_size > 1000
    with (out / "lesions.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    # of 12 voxels from 8 on 2 + 1.5 lie before the centre; the liver is 24 mm wide
    assert (row["share_right_to_left"], row["position"]) == (
        "0.292",
        "subcapsular right ventral cranial",
    )
    assert (float(row["agreement"]), float(row["mean_entropy_bits"])) == (1, 0)


def test_flips_are_those_of_the_rules_where_none_are_named(tmp_path):
    rules = RULES.model_copy(update={"flips": "horizontal"})
    model = write_model_folder(tmp_path / "m", sharpness=8.0, sideways=0.7, rules=rules)
    scans, out = write_scans(tmp_path / "scans", "a.nii.gz"), tmp_path / "out"
    made = []
    for flags in ((), ("--flips", "horizontal"), ("--flips", "none")):
        result = predict(scans, "-o", out, "--model", model, *flags)
        assert result.returncode == 0, result.stderr
        summary = json.loads((out / "a" / "summary.json").read_text())
        written = (out / "a" / "labels.nii.gz").stat().st_mtime_ns
        made.append((summary["provenance"]["flips"], written))
    assert [flips for flips, _ in made] == ["horizontal", "horizontal", "none"]
    assert made[0] == made[1]  # done before
    assert made[2][1] > made[1][1]


def test_where_all_scans_fail_the_code_is_2(model, tmp_path):
    (tmp_path / "a.nii").write_bytes(b"no NIfTI")
    result = predict(tmp_path / "a.nii", "-o", tmp_path / "out", "--model", model)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def started(*arguments, **environment) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(
        command,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def wait_for(process, folder, pattern) -> Path:
    while not (found := list(folder.glob(pattern))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return found[0]


def test_a_folder_that_another_predict_writes_is_refused_by_its_name(model, tmp_path):
    scans = write_scans(tmp_path / "scans", "a.nii", "b.nii")
    out = tmp_path / "out"
    with started(scans, "-o", out, "--model", model) as first:
        wait_for(first, out, ".partial.*.a")
        first.send_signal(signal.SIGSTOP)  # its lock is held all the same
        second = predict(scans / "b.nii", "-o", out, "--model", model)
        assert (second.returncode, second.stdout) == (2, "")
        assert second.stderr.startswith(f"error: {out}: expected an output that no other process")
        assert run_liverseg("report", out).returncode == 2
        first.send_signal(signal.SIGCONT)
        said, _ = first.communicate()
    assert first.returncode == 0
    assert [line.split()[0] for line in said.splitlines()[1:]] == ["a", "b"]
    assert sorted(each.name for each in out.iterdir()) == ["a", "b", "lesions.csv", "scans.csv"]


def start_and_stop(model, tmp_path, kind) -> tuple[Path, str]:
    """The copy of a DICOM scan that the process had made, and its last words."""
    hu = np.full((6, 16, 16), -1000, np.int16)
    hu[:, 4:12, 4:12] = 100
    write_series(tmp_path / "dicom", hu)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    arguments = (tmp_path / "dicom", "-o", tmp_path / "out", "--model", model, "--force-input")
    with started(*arguments, TMPDIR=str(temporary)) as process:
        copy = wait_for(process, tmp_path / "out", ".partial.*/*/scan.nii")
        process.send_signal(kind)
        _, said = process.communicate()
    assert process.returncode == -kind
    assert list(temporary.rglob("*.nii")) == []
    return copy, said


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_predict_leaves_no_copy_of_a_dicom_scan(model, tmp_path, kind):
    _, said = start_and_stop(model, tmp_path, kind)
    assert said.splitlines()[-1] == "interrupted"
    assert not (tmp_path / "out").exists()


def test_what_a_killed_predict_left_of_a_dicom_scan_goes_with_the_next_one(model, tmp_path):
    copy, _ = start_and_stop(model, tmp_path, signal.SIGKILL)
    assert copy.exists()
    write_scans(tmp_path / "scans", "other.nii")
    assert predict(tmp_path / "scans", "-o", tmp_path / "out", "--model", model).returncode == 0
    names = sorted(each.name for each in (tmp_path / "out").iterdir())
    assert names == ["lesions.csv", "other", "scans.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*STOPPING, signal.SIGKILL])
def test_interrupted_it_goes_on_where_it_stopped(model, tmp_path, kind):
    names = [f"scan-{number}.nii" for number in range(200)]
    scans = write_scans(tmp_path / "scans", *names)
    out = tmp_path / "out"
    arguments = [*map(str, (scans, "-o", out, "--model", model))]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (out / "scan-2" / "summary.json").exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(kind)
        _, said = process.communicate()
    assert process.returncode == -kind
    if kind != signal.SIGKILL:
        assert said.splitlines()[-1] == "interrupted"
        assert "Traceback" not in said
        assert list(out.glob(".partial*")) == []
    done = {path: path.stat().st_mtime_ns for path in out.glob("[!.]*/labels.nii.gz")}
    assert 3 <= len(done) < 200
    for name in names[20:]:
        (scans / name).unlink(missing_ok=True)
    assert predict(*arguments).returncode == 0
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())
    assert len((out / "scans.csv").read_text().splitlines()) == 1 + max(20, len(done))


def test_the_help_shows_an_example_and_all_exit_codes():
    result = predict("--help")
    assert "liverseg predict scan.nii.gz -o predictions" in result.stdout
    for word in ("exit code 1", "it is 2", "(130)", "not for clinical use"):
        assert word in " ".join(result.stdout.split())


def test_names_of_any_bytes_come_back_from_all_that_is_written(model, tmp_path):
    """Folder, model, scan and output as a disk of the nineties has them, in Latin-1."""
    folder = tmp_path / os.fsdecode(b"Gr\xf6\xdfe")
    shutil.copytree(model, folder / "final")
    write_scans(folder, "scan.nii.gz")
    (folder / "scan.nii.gz").rename(folder / os.fsdecode(b"caf\xe9.nii.gz"))
    done = predict(
        folder / os.fsdecode(b"caf\xe9.nii.gz"), "-o", folder, "--model", folder / "final"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split()[0] == "caf%E9"
    summary = json.loads((folder / "caf%E9" / "summary.json").read_text(encoding="utf-8"))
    assert unquote_to_bytes(summary["scan"]) == b"caf\xe9"
    (made_with,) = summary["provenance"]["models"]
    assert decode_name(made_with["folder"]) == str(folder / "final")
    for verb in (("report", folder), ("view", folder / os.fsdecode(b"caf\xe9.nii.gz"), "--html")):
        page = folder / "caf%E9" / "report.html" if verb[0] == "report" else folder / "a.html"
        shown = run_liverseg(*verb, *([page] if verb[0] == "view" else []))
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.startswith(str(tmp_path))
        assert decode_name(shown.stdout.strip()).startswith(str(folder))
        assert r"\udc" in page.read_text(encoding="utf-8")
