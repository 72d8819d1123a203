"""Outputs appear whole or not at all, also where the process was killed."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liverseg import outputs
from liverseg.errors import DataError
from liverseg.outputs import (
    BusyError,
    is_unfinished,
    scratch_folder,
    sole_user,
    sole_writer,
    whole_file,
    whole_folder,
)

KILL_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from liverseg import outputs

with getattr(outputs, sys.argv[1])(Path(sys.argv[2])) as partial:
    (partial / "half" if partial.is_dir() else partial).write_text("half of a longer text")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_while_writing(writer: str, path: Path) -> None:
    command = [sys.executable, "-c", KILL_WHILE_WRITING, writer, str(path)]
    finished = subprocess.run(command, check=False)
    assert finished.returncode == -signal.SIGKILL


def write_file(path: Path, text: str) -> None:
    with whole_file(path) as partial:
        partial.write_text(text)


def write_folder(path: Path, *names: str) -> None:
    with whole_folder(path) as folder:
        for name in names:
            (folder / name).write_text(name)


def fail_while_writing(path: Path) -> None:
    with whole_file(path) as partial:
        partial.write_text("half")
        raise ZeroDivisionError


def fail_while_writing_a_folder(path: Path, name: str) -> None:
    with whole_folder(path) as folder:
        (folder / name).touch()
        raise ZeroDivisionError


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_together_with_the_folders_above_it(tmp_path):
    write_file(tmp_path / "a" / "b" / "table.csv", "new")
    assert (tmp_path / "a" / "b" / "table.csv").read_text() == "new"
    assert list_names(tmp_path / "a" / "b") == ["table.csv"]


def test_the_file_is_not_there_before_the_block_ends_and_its_suffixes_are_kept(tmp_path):
    path = tmp_path / "scan.nii.gz"
    with whole_file(path) as partial:
        partial.write_text("new")
        assert not path.exists()
        assert partial.name.endswith(path.name)  # writers choose the format by it
        assert partial.parent == path.parent  # else the rename could cross file systems
    assert path.read_text() == "new"


def test_where_the_block_raises_the_older_file_stays_and_nothing_else(tmp_path):
    write_file(tmp_path / "table.csv", "old")
    with pytest.raises(ZeroDivisionError):
        fail_while_writing(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text() == "old"
    assert list_names(tmp_path) == ["table.csv"]


def test_a_block_that_raises_before_it_writes_a_file_raises_its_own_error(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "table.csv"):
        raise ZeroDivisionError
    assert list_names(tmp_path) == []


def test_a_process_killed_while_it_writes_a_file_leaves_the_older_one(tmp_path):
    path = tmp_path / "table.csv"
    write_file(path, "old")
    kill_while_writing("whole_file", path)
    assert path.read_text() == "old"


def test_what_a_killed_process_left_of_a_file_is_replaced(tmp_path):
    path = tmp_path / "table.csv"
    kill_while_writing("whole_file", path)
    assert not path.exists()
    write_file(path, "new")
    assert path.read_text() == "new"
    assert list_names(tmp_path) == ["table.csv"]


def test_a_folder_replaces_the_older_one_with_all_that_was_in_it(tmp_path):
    write_folder(tmp_path / "slices", "1.npz", "2.npz")
    write_folder(tmp_path / "slices", "3.npz")
    assert list_names(tmp_path / "slices") == ["3.npz"]
    assert list_names(tmp_path) == ["slices"]


def test_the_older_folder_stays_whole_until_the_block_ends(tmp_path):
    write_folder(tmp_path / "slices", "1.npz")
    with whole_folder(tmp_path / "slices") as folder:
        (folder / "2.npz").touch()
        assert list_names(tmp_path / "slices") == ["1.npz"]
    assert list_names(tmp_path / "slices") == ["2.npz"]


def test_where_the_block_raises_the_older_folder_stays_and_nothing_else(tmp_path):
    write_folder(tmp_path / "slices", "1.npz")
    with pytest.raises(ZeroDivisionError):
        fail_while_writing_a_folder(tmp_path / "slices", "2.npz")
    assert list_names(tmp_path / "slices") == ["1.npz"]
    assert list_names(tmp_path) == ["slices"]


def test_what_a_killed_process_left_of_a_folder_is_replaced(tmp_path):
    path = tmp_path / "slices"
    kill_while_writing("whole_folder", path)
    assert not path.exists()
    write_folder(path, "1.npz")
    assert list_names(path) == ["1.npz"]
    assert list_names(tmp_path) == ["slices"]


HOLD = """
import sys
from pathlib import Path
from liverseg import outputs

with getattr(outputs, sys.argv[1])(Path(sys.argv[2])) as partial:
    print("writing", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_writer(writer: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has begun to write and waits for the end of the block."""
    command = [sys.executable, "-c", HOLD, writer, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        yield process
        process.communicate()


def find_partial(folder: Path) -> Path:
    (partial,) = (path for path in folder.glob(".partial.*") if "lock" not in path.name)
    return partial


def test_an_output_that_another_process_is_writing_is_refused_by_its_name(tmp_path):
    path = tmp_path / "slices"
    with another_writer("whole_folder", path):
        theirs = find_partial(tmp_path)
        with pytest.raises(BusyError, match=f"{path}: expected.*another process is writing"):
            write_folder(path, "mine")
        assert theirs.is_dir()  # not taken for what a killed process left
        write_folder(tmp_path / "other", "mine")
    assert list_names(path) == []  # theirs, which they finished
    write_folder(path, "mine")
    assert list_names(tmp_path) == ["other", "slices"]


def test_who_waits_for_a_short_write_gets_its_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(outputs, "PATIENCE_S", 30)
    path = tmp_path / "table.csv"
    with another_writer("sole_writer", path) as process:
        assert process.stdin is not None
        process.stdin.close()  # they end
        write_file(path, "new")
        process.stdin = None
    assert list_names(tmp_path) == ["table.csv"]


def test_a_lock_dies_with_its_process(tmp_path):
    path = tmp_path / "slices"
    with another_writer("whole_folder", path) as process:
        process.kill()
        process.wait()
        assert len(list_names(tmp_path)) == 2  # what it wrote, and its lock
        write_folder(path, "mine")
    assert list_names(tmp_path) == ["slices"]


def test_two_outputs_whose_names_end_alike_leave_each_other_alone(tmp_path):
    with another_writer("whole_folder", tmp_path / "a.csv"):
        theirs = find_partial(tmp_path)
        write_file(tmp_path / "csv", "mine")
        assert theirs.exists()


def test_a_folder_of_many_outputs_has_one_user_and_loses_what_the_killed_left(tmp_path):
    kill_while_writing("whole_folder", tmp_path / "scan-1")
    kill_while_writing("whole_file", tmp_path / "scans.csv")
    (tmp_path / "scan-2").mkdir()
    with another_writer("scratch_folder", tmp_path / "scan-3"), sole_user(tmp_path):
        left = [path for path in tmp_path.iterdir() if is_unfinished(path)]
        theirs = {".partial.lock", ".partial.lock.scan-3", find_partial(tmp_path).name}
        assert {path.name for path in left} == theirs
        assert find_partial(tmp_path).name.endswith("scan-3")
    assert list_names(tmp_path) == ["scan-2"]
    with another_writer("sole_user", tmp_path), pytest.raises(BusyError), sole_user(tmp_path):
        pass


def test_a_scratch_folder_is_empty_and_goes_with_all_that_is_in_it(tmp_path):
    with scratch_folder(tmp_path / "new" / "scan") as scratch:
        assert list_names(scratch) == []
        (scratch / "large").touch()
    assert list_names(tmp_path / "new") == []


def test_one_process_may_write_many_outputs_at_once(tmp_path):
    with sole_user(tmp_path), sole_writer(tmp_path / "a"), whole_folder(tmp_path / "b") as folder:
        write_file(folder / "c", "new")
    assert list_names(tmp_path) == ["b"]


def test_a_link_in_the_place_of_a_folder_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine").touch()
    (tmp_path / "out").symlink_to("target")
    with pytest.raises(DataError, match="Received: a link"), outputs.whole_folder(tmp_path / "out"):
        raise AssertionError("the block ran")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "target"]
    assert (tmp_path / "target" / "mine").exists()


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("is_filled", [False, True])
def test_a_folder_that_was_made_for_outputs_and_got_none_goes_again(tmp_path, is_there, is_filled):
    folder = tmp_path / "results"
    if is_there:
        folder.mkdir()
    with sole_user(folder):
        if is_filled:
            (folder / "table.csv").touch()
    assert folder.exists() == (is_there or is_filled)
    assert list(folder.glob("*")) == [folder / "table.csv"] * is_filled
