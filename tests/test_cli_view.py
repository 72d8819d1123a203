import signal
import subprocess
import urllib.request

import numpy as np
import pytest

from tests.test_cli import COMMAND, run
from tests.test_cli_score import AFFINE, write


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scan")
    labels = np.zeros((8, 8, 8), np.uint8)
    labels[2:5, 2:5, 2:5] = 1
    scan = write(folder / "scan.nii.gz", labels.astype(np.int16) * 100)
    return scan, write(folder / "mask.nii.gz", labels)


def test_the_page_is_written_and_named(files, tmp_path):
    result = run("view", *files, "--html", tmp_path / "new" / "case.html")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{tmp_path / 'new' / 'case.html'}\n"
    assert (tmp_path / "new" / "case.html").read_text().startswith("<!doctype html>")


def test_it_is_served_until_ctrl_c_which_is_no_failure(files):
    command = [*COMMAND, "view", *map(str, files), "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        address = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{address}file-1", timeout=30) as response:
            assert response.read() == files[1].read_bytes()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
    assert address.startswith("http://127.0.0.1:")
    assert (process.returncode, stdout, stderr) == (0, "", "stopped\n")


def test_a_mask_on_another_grid_is_an_error_of_one_line_and_writes_nothing(files, tmp_path):
    moved = AFFINE + np.diag([0, 0, 1, 0])
    other = write(tmp_path / "other.nii.gz", np.zeros((8, 8, 8), np.uint8), moved)
    result = run("view", files[0], other, "--html", tmp_path / "case.html")
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "case.html").exists()
