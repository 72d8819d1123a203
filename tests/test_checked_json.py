import json
import os

import pytest
from pydantic import TypeAdapter

from liverseg.checked_json import read_checked
from liverseg.params import LabelRules

RULES = {
    "liver_threshold": 0.5,
    "lesion_threshold": 0.5,
    "largest_liver_component": True,
    "min_lesion_ml": 0.0,
    "lesion_connectivity": 6,
}
KIND = TypeAdapter(LabelRules)


def read(tmp_path, content: bytes) -> LabelRules:
    (tmp_path / "file.json").write_bytes(content)
    return read_checked(tmp_path / "file.json", KIND)


def test_a_file_comes_back_as_its_type(tmp_path):
    assert read(tmp_path, json.dumps(RULES).encode()) == LabelRules(**RULES)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("liver_threshold", 2, r"^liver_threshold: .*less than 1, not 2$"),
        ("liver_threshold", "0.5", r"^liver_threshold: .*valid number, not '0\.5'$"),
        ("liver_threshold", None, r"^liver_threshold: .*, not None$"),
        ("min_lesion_ml", float("nan"), r"^min_lesion_ml: .*finite number, not nan$"),
        ("min_lesion_ml", 10**400, r"^min_lesion_ml: .*finite number, not 1"),
        ("lesion_connectivity", 10**4000, r"^lesion_connectivity: "),
        ("largest_liver_component", 1, r"^largest_liver_component: .*, not 1$"),
        ("other\x1b[2J" * 50, 1, r"^other\\x1b\[2J"),
    ],
)
def test_the_key_of_what_cannot_be_used_is_named_in_a_line(tmp_path, key, value, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(tmp_path, json.dumps(RULES | {key: value}).encode())
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "content", [b"", b"[" * 10**5, b'{"a":' * 10**5, b"\xff", b"9" * 5000, b'"\\ud800"', b"null"]
)
def test_what_is_no_such_json_is_a_value_error(tmp_path, content):
    with pytest.raises(ValueError, match=r"Invalid JSON|should be|out of range"):
        read(tmp_path, content)


def test_a_missing_key_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"^liver_threshold: Field required$"):
        read(tmp_path, b"{}")


def test_a_file_larger_than_any_description_is_not_parsed(tmp_path):
    with pytest.raises(ValueError, match="more than 1048576 bytes"):
        read(tmp_path, b" " * (2**20 + 1))


def test_a_pipe_a_device_and_a_folder_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(OSError, match="no regular file"):
            read_checked(path, KIND)
    with pytest.raises(IsADirectoryError):
        read_checked(tmp_path, KIND)
