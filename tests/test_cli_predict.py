"""`liverseg predict` as a user runs it, in processes of its own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.prediction.conftest import AFFINE, write_model_folder

COMMAND = [sys.executable, "-c", "from liverseg.cli import main; main()", "predict"]


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


def test_where_all_scans_fail_the_code_is_2(model, tmp_path):
    (tmp_path / "a.nii").write_bytes(b"no NIfTI")
    result = predict(tmp_path / "a.nii", "-o", tmp_path / "out", "--model", model)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_without_the_default_model_nothing_starts(tmp_path):
    scans = write_scans(tmp_path / "scans", "a.nii")
    result = predict(scans, "-o", tmp_path / "out", cwd=tmp_path)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith("error: models/final/model.json: expected")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
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
    if kind == signal.SIGINT:
        assert said.splitlines()[-1] == "interrupted"
        assert "Traceback" not in said
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
