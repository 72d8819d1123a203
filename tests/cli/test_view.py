import ast
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_score import AFFINE, write
from tests.commands import LIVERSEG, run_liverseg


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scan")
    labels = np.zeros((8, 8, 8), np.uint8)
    labels[2:5, 2:5, 2:5] = 1
    scan = write(folder / "scan.nii.gz", labels.astype(np.int16) * 100)
    return scan, write(folder / "mask.nii.gz", labels)


def test_the_page_is_written_and_named(files, tmp_path):
    result = run_liverseg("view", *files, "--html", tmp_path / "new" / "case.html")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{tmp_path / 'new' / 'case.html'}\n"
    assert (tmp_path / "new" / "case.html").read_text().startswith("<!doctype html>")


def test_it_is_served_until_ctrl_c_which_is_no_failure(files):
    command = [*LIVERSEG, "view", *map(str, files), "--no-browser"]
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


def test_the_browser_is_led_to_the_address_by_a_file_that_its_user_alone_can_read(files, tmp_path):
    """Everybody sees the command line of the browser, here of a script that writes it down."""
    script, seen = tmp_path / "browser", tmp_path / "seen"
    script.write_text(
        f"""#!{sys.executable}
import sys, urllib.parse, os
path = urllib.parse.unquote(urllib.parse.urlsplit(sys.argv[1]).path)
mode, content = os.stat(path).st_mode, open(path).read()
open({str(seen)!r} + ".part", "w").write(repr((sys.argv[1:], path, mode & 0o777, content)))
os.rename({str(seen)!r} + ".part", {str(seen)!r})
"""
    )
    script.chmod(0o700)
    command = [*LIVERSEG, "view", *map(str, files)]
    environment = {**os.environ, "BROWSER": f"{script} %s"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        address = process.stdout.readline().strip()
        deadline = time.monotonic() + 60
        while not seen.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate()
    arguments, path, mode, content = ast.literal_eval(seen.read_text())
    assert address.split("/")[3] not in " ".join(arguments)
    assert (mode, address in content) == (0o600, True)
    assert not Path(path).exists()


def test_a_mask_on_another_grid_is_an_error_of_one_line_and_writes_nothing(files, tmp_path):
    moved = AFFINE + np.diag([0, 0, 1, 0])
    other = write(tmp_path / "other.nii.gz", np.zeros((8, 8, 8), np.uint8), moved)
    result = run_liverseg("view", files[0], other, "--html", tmp_path / "case.html")
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "case.html").exists()
