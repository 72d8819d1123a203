import json
import os
import subprocess
import sys
import time

import pytest
import zc.lockfile

from liverseg.errors import DataError
from liverseg.repository.lock_files import is_readable, mend_lock_files

HALF_RWLOCK = '{"write": {"/data/model": {"pid": %d, "cmd": "dvc rep'


def cut(path):
    """Leave the first half of a file, as a kill in the middle of writing does."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def end_a_process():
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_readable_files_are_never_touched_and_nothing_is_said(tiny):
    rwlock = tiny.folder / ".dvc/tmp/rwlock"
    rwlock.parent.mkdir(exist_ok=True)
    rwlock.write_text(json.dumps({"read": {"/data": [{"pid": end_a_process(), "cmd": "dvc"}]}}))
    paths = [rwlock, tiny.folder / "dvc.lock", tiny.folder / "sub/dvc.lock"]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths]
    assert tiny.liverseg("mend") == ""
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths] == before


@pytest.mark.parametrize("name", ["dvc.lock", "sub/dvc.lock"])
def test_dvc_fails_on_half_a_lock_file_before_and_finds_all_up_to_date_after(tiny, name):
    path = tiny.folder / name
    whole = path.read_bytes()
    cut(path)
    tiny.run("dvc", "repro", expect=255)
    output = tiny.liverseg("mend")
    assert output == f"mended: {name} could not be read; restored from git's HEAD\n"
    assert path.read_bytes() == whole
    assert "up to date" in tiny.run("dvc", "repro")
    assert tiny.count_runs() == 1


def test_stages_that_finished_since_the_commit_come_back_from_the_run_cache(tiny):
    make = tiny.folder / "make.py"
    make.write_text(make.read_text().replace("seed 1", "seed 2"))
    tiny.run("dvc", "repro")
    lock = (tiny.folder / "dvc.lock").read_bytes()
    cut(tiny.folder / "dvc.lock")
    tiny.liverseg("mend")
    assert (tiny.folder / "dvc.lock").read_bytes() != lock
    tiny.run("dvc", "repro")
    assert (tiny.folder / "dvc.lock").read_bytes() == lock
    assert tiny.count_runs() == 2  # one for each seed


def test_an_unreadable_lock_file_that_head_lacks_is_removed_and_nothing_runs_again(tiny):
    tiny.run("git", "rm", "--quiet", "--cached", "dvc.lock")
    tiny.run("git", "commit", "--quiet", "--message", "no lock")
    cut(tiny.folder / "dvc.lock")
    assert "dvc.lock could not be read" in tiny.liverseg("mend")
    assert not (tiny.folder / "dvc.lock").exists()
    tiny.run("dvc", "repro")
    assert tiny.count_runs() == 1


def test_an_unreadable_lock_file_that_is_committed_as_such_is_removed(tiny):
    cut(tiny.folder / "dvc.lock")
    tiny.run("git", "commit", "--quiet", "--all", "--message", "half a lock")
    assert mend_lock_files(tiny.folder) == [
        "mended: dvc.lock could not be read and git's HEAD has none that can; removed"
    ]
    assert not (tiny.folder / "dvc.lock").exists()


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"\xff\xfe", b"schema: '2.0'\nstages: [a]\n"])
def test_what_dvc_refuses_is_unreadable_whether_cut_empty_zeroed_or_of_another_shape(tiny, content):
    path = tiny.folder / "dvc.lock"
    path.write_bytes(content)
    tiny.run("dvc", "status", expect=1)
    assert not is_readable(path, content)


def test_a_merge_conflict_is_left_to_its_owner(tiny):
    path = tiny.folder / "dvc.lock"
    conflict = "<<<<<<< HEAD\nschema: '2.0'\n=======\nschema: '2.0'\n>>>>>>> other\n"
    path.write_text(conflict)
    output = tiny.liverseg("mend", expect=2)
    assert "merge conflict" in output
    assert path.read_text() == conflict


@pytest.mark.parametrize("folder", [".dvc/tmp", ".dvc/tmp/exps"])
def test_half_an_rwlock_of_a_killed_process_is_removed(tiny, folder):
    path = tiny.folder / folder / "rwlock"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HALF_RWLOCK % end_a_process())
    make = tiny.folder / "make.py"
    make.write_text(make.read_text() + "# changed\n")
    if folder == ".dvc/tmp":
        tiny.run("dvc", "repro", expect=255)
    output = tiny.liverseg("mend")
    assert output.startswith(f"mended: {folder}/rwlock could not be read")
    assert not path.exists()
    tiny.run("dvc", "repro")
    assert tiny.count_runs() == 2


def test_half_an_rwlock_of_a_running_process_stays(tiny):
    path = tiny.folder / ".dvc/tmp/rwlock"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HALF_RWLOCK % os.getpid())
    with pytest.raises(DataError, match=f"process {os.getpid()}"):
        mend_lock_files(tiny.folder)
    assert path.exists()


def test_nothing_is_mended_while_a_dvc_command_holds_the_repository(tiny):
    path = tiny.folder / "dvc.lock"
    cut(path)
    half = path.read_bytes()
    (tiny.folder / ".dvc/tmp").mkdir(exist_ok=True)
    lock = zc.lockfile.LockFile(str(tiny.folder / ".dvc/tmp/lock"))
    try:
        assert "no other DVC command" in tiny.liverseg("mend", expect=2)
    finally:
        lock.close()
    assert path.read_bytes() == half
    assert "restored" in tiny.liverseg("mend")


def test_it_finds_the_root_from_a_folder_below(tiny):
    cut(tiny.folder / "dvc.lock")
    assert len(mend_lock_files(tiny.folder / "sub")) == 1


def test_it_starts_fast(tiny):
    start = time.perf_counter()
    tiny.liverseg("mend")
    assert time.perf_counter() - start < 10  # below a second on an idle machine
