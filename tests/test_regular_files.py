"""What is no regular file is named, and never waited for."""

import os
from pathlib import Path

import pytest

from liverseg.errors import DataError
from liverseg.hashing import hash_files
from liverseg.regular_files import open_regular, read_regular
from liverseg.tables.csv_rows import read_rows
from tests.bounds import bounded


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 3) == b"abc"


def test_more_than_the_limit_is_refused_without_reading_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abcd")
    with pytest.raises(ValueError, match="more than 3 bytes"):
        read_regular(tmp_path / "file", 3)


def test_a_pipe_that_is_being_written_is_refused_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(writer, b"abc")
    with bounded(10, 16), pytest.raises(OSError, match="a named pipe, no regular file"):
        open_regular(tmp_path / "pipe")
    os.close(writer)


def test_a_folder_and_a_missing_file_keep_their_own_errors(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "absent")


def test_hashes_and_tables_do_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with bounded(10, 16), pytest.raises(OSError, match="a named pipe"):
        hash_files([tmp_path / "pipe"], "md5")
    with bounded(10, 16), pytest.raises(DataError, match="a named pipe"):
        read_rows(tmp_path / "pipe", ("case_id",), next_step="")
