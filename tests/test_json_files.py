"""JSON files: whole, equal for equal contents, and read without trust."""

import json
import os
from pathlib import Path

import pytest

from liverseg.json_files import read_json, write_json
from tests.bounds import bounded


def test_contents_come_back_and_equal_ones_have_equal_bytes(tmp_path):
    content = {"b": [1, 2.5, None, True], "a": {"text": "Größe"}}
    write_json(tmp_path / "new" / "one.json", content)
    write_json(tmp_path / "two.json", content)
    assert read_json(tmp_path / "two.json") == content
    written = (tmp_path / "two.json").read_bytes()
    assert written == (tmp_path / "new" / "one.json").read_bytes()
    assert written.endswith(b"}\n")


def test_a_number_that_json_does_not_know_is_refused_and_the_older_file_stays(tmp_path):
    write_json(tmp_path / "a.json", 1)
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", float("nan"))
    assert (tmp_path / "a.json").read_text() == "1\n"


def test_what_is_no_regular_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with bounded(10, 16), pytest.raises(OSError, match="a named pipe, no regular file"):
        read_json(tmp_path / "pipe.json")
    with bounded(10, 16), pytest.raises(OSError, match="a device, no regular file"):
        read_json(Path("/dev/zero"))
    with pytest.raises(IsADirectoryError):
        read_json(tmp_path)


def test_values_that_are_nested_too_deep_are_a_wrong_value(tmp_path):
    (tmp_path / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    with pytest.raises(ValueError, match="nested too deep"):
        read_json(tmp_path / "deep.json")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}", b"{} {}"])
def test_what_is_no_json_is_a_wrong_value(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        read_json(tmp_path / "a.json")
