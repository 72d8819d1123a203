"""Outputs appear whole or not at all, also where the process was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from liverseg.outputs import whole_file, whole_folder

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
