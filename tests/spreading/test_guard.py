"""A guarded command ends with who holds its input, and takes with it all that it started."""

import subprocess
import sys
from pathlib import Path

from liverseg.spreading import guard
from tests.made.spread import is_running, wait_until

FAMILY = """\
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(float(sys.argv[2]))
sys.exit(3)
"""


def start(folder: Path, seconds: float) -> tuple[subprocess.Popen[bytes], int]:
    note = folder / "child"
    process = subprocess.Popen(
        [sys.executable, "-I", guard.__file__, sys.executable, "-c", FAMILY, note, str(seconds)],
        stdin=subprocess.PIPE,
    )
    wait_until(lambda: note.exists() and note.read_text())
    return process, int(note.read_text())


def test_a_command_keeps_its_exit_code_and_leaves_no_child(tmp_path: Path) -> None:
    process, child = start(tmp_path, 0.1)
    assert process.wait(20) == 3
    wait_until(lambda: not is_running(child), 5)
    process.communicate()


def test_a_closed_input_ends_the_command_and_its_child(tmp_path: Path) -> None:
    process, child = start(tmp_path, 60)
    process.communicate(timeout=20)
    assert process.returncode == 128 + 15
    wait_until(lambda: not is_running(child), 5)
