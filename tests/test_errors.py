"""Errors that a user can mend."""

import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liverseg.errors import DataError, LiversegError, ModelError, ParamsError, describe_os_error

ERROR = DataError("case 7", expected="one", received="two", next_step="Take one.")


def test_a_data_error_names_subject_expectation_finding_and_next_step():
    assert str(ERROR) == "case 7: expected one. Received: two. Take one."


def test_a_data_error_comes_whole_out_of_another_process():
    copy = pickle.loads(pickle.dumps(ERROR))
    assert type(copy) is DataError
    assert str(copy) == str(ERROR)
    assert (copy.subject, copy.next_step) == ("case 7", "Take one.")


def test_every_kind_is_caught_as_one():
    for kind in (DataError, ModelError, ParamsError):
        assert issubclass(kind, LiversegError)


WRITE_LARGE_FILE = """
from pathlib import Path
from stages import run_stage
run_stage(lambda: Path("large").write_bytes(bytes(100_000)))
"""


def run_python(script, folder, **options):
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        encoding="utf-8",
        check=False,
        **options,
    )


def test_a_disk_that_takes_no_more_is_one_line(tmp_path):
    """The limit on the size of files stands for a full disk: both refuse in the same place."""
    done = run_python(
        WRITE_LARGE_FILE,
        tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)),
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "File too large" in done.stderr


def test_a_removed_folder_is_one_line(tmp_path):
    script = WRITE_LARGE_FILE.replace('"large"', '"gone/large"')
    done = run_python(script, tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "error: gone/large: No such file or directory. "
        "Bring back what was removed, then run the same command again.\n"
    )


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.touch(exist_ok=False)])
def test_what_is_there_already_is_to_be_moved_whether_folder_or_file(tmp_path, make):
    path = tmp_path / "there"
    make(path)
    with pytest.raises(FileExistsError) as raised:
        make(path)
    assert describe_os_error(raised.value) == (
        f"{path}: File exists. Name another place, or move away what is there, then run the same "
        "command again."
    )


def test_a_bug_keeps_its_traceback(tmp_path):
    done = run_python("from stages import run_stage; run_stage(lambda: 1 / 0)", tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


WAIT = "(print('ready', flush=True), time.sleep(60))"
WAIT_AT_IMPORT = f"import time\n{WAIT}\n"
WAIT_IN_MAIN = f"""
import time
from pathlib import Path
from liverseg.outputs import whole_folder
from stages import run_stage

def main():
    with whole_folder(Path("out")) as folder:
        (folder / "half").touch()
        {WAIT}

run_stage(main)
"""


def stop_stage(folder: Path, script: str, number: signal.Signals) -> tuple[int, str]:
    """Exit code and standard error of a stage, run as DVC runs it, that waits and gets a signal."""
    shutil.copytree("stages", folder / "stages")
    (folder / "stages" / "waiting.py").write_text(script)
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.waiting"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout.readline() == "ready\n"
    start = time.monotonic()
    process.send_signal(number)
    _, printed = process.communicate()
    assert time.monotonic() - start < 2
    return process.returncode, printed


def test_ctrl_c_while_a_stage_is_imported_is_one_line_within_two_seconds(tmp_path):
    assert stop_stage(tmp_path, WAIT_AT_IMPORT, signal.SIGINT) == (-signal.SIGINT, "interrupted\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_stage_says_so_ends_by_that_signal_and_leaves_nothing(tmp_path, number):
    assert stop_stage(tmp_path, WAIT_IN_MAIN, number) == (-number, "interrupted\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stages"]


def test_a_stage_under_nohup_goes_on_when_its_terminal_is_closed(tmp_path):
    script = """
import signal
from stages import run_stage
signal.signal(signal.SIGHUP, signal.SIG_IGN)
run_stage(lambda: (signal.raise_signal(signal.SIGHUP), print("done")))
"""
    done = run_python(script, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_who_imports_a_stage_keeps_own_words_for_own_errors(tmp_path):
    done = run_python(
        "import sys, stages.plan; assert sys.excepthook is sys.__excepthook__", tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
