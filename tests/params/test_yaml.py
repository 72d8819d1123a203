"""params.yaml as a file: which YAML is read, and what is no such file."""

import os
import re

import pytest

from liverseg.errors import ParamsError
from liverseg.params import read_params
from tests.bounds import bounded
from tests.made.params_file import SHIPPED, read_problems


def test_a_number_may_be_written_with_an_exponent_and_without_a_point(write):
    """As DVC reads it, in YAML 1.2; in YAML 1.1, which PyYAML reads, 1e-4 is a string."""
    shipped = SHIPPED.read_text(encoding="utf-8")
    changed, count = re.subn(r"(fine_tune_learning_rate): \S+", r"\1: 2e-4", shipped)
    assert count == 1
    assert read_params(write(changed.encode())).models.resnet.fine_tune_learning_rate == 0.0002


def test_an_anchor_may_be_used_again(write):
    shipped = SHIPPED.read_bytes()
    twice = shipped.replace(b"seed: 7", b"seed: &seed 7").replace(b"fold: 0", b"fold: &seed 0")
    assert twice.count(b"&seed") == 2
    assert read_params(write(twice)) == read_params(SHIPPED)


def test_a_byte_order_mark_as_windows_editors_write_it_is_no_problem(write):
    assert read_params(write(b"\xef\xbb\xbf" + SHIPPED.read_bytes())) == read_params(SHIPPED)


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "None"),
        (b"# only a comment\n", "None"),
        (b"- model: all\n", "[{'model': 'all'}]"),
        (b"all\n", "'all'"),
    ],
)
def test_a_file_that_holds_no_keys_is_one_problem(write, content, received):
    expected = f"the file: expected keys with values. Received: {received}"
    assert read_problems(write(content)) == [expected]


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"model: all\nmodel: unet\n", 'line 2: found duplicate key "model"'),
        (b'data:\n  root: "caf\\udce9"\n', "can't encode character '\\udce9'"),
        (b"data:\n  root: [a\n", "expected ',' or ']'"),
        (b"\tmodel: all\n", "line 1: found character '\\t'"),
        (b"model: !unet all\n", "line 1: could not determine a constructor"),
        (b"model: all\n---\nmodel: unet\n", "line 2: but found another document"),
        (b"model: \xff\n", "can't decode byte 0xff"),
        (b"model: 2024-13-45\n", "month must be in 1..12"),
        (b"model: &model [*model]\n", "the alias *model: write out what it stands for"),
        (b"? [unet, resnet]\n: all\n", "keys must be str"),
        (b"model: !!int ''\n", "index out of range"),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_one_line_that_says_where(write, content, received):
    path = write(content)
    with pytest.raises(ParamsError) as caught:
        read_params(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: expected YAML. Received: ")
    assert received in message
    assert message.endswith(". Mend that line.")
    assert "\n" not in message


@pytest.mark.parametrize(
    "line",
    [
        "b: *a",
        "b: [*a, *a]",
        "b: {<<: *a}",
        "b:\n  <<: [" + "*a, " * 30_000 + "*a]",  # merged one into the other, for ever
    ],
)
def test_an_alias_is_not_written_out(write, line):
    with bounded(10, 64), pytest.raises(ParamsError, match=r"the alias \*a: write out"):
        read_params(write(f"a: &a {{x: 1}}\n{line}\n".encode()))


def test_a_named_pipe_is_no_params_file(tmp_path):
    os.mkfifo(tmp_path / "params.yaml")
    with bounded(10, 16), pytest.raises(ParamsError, match="a named pipe, no regular file"):
        read_params(tmp_path / "params.yaml")


def test_a_file_that_is_larger_than_any_params_is_not_parsed(write):
    with pytest.raises(ParamsError, match="more than 262144 bytes"):
        read_params(write(b"#" * (2**18 + 1)))


@pytest.mark.parametrize("nesting", [b"[", b"{a: ", b"- ", b"? "])
def test_a_file_nested_without_end_is_an_error(write, nesting):
    with pytest.raises(ParamsError, match="expected YAML"):
        read_params(write(nesting * 10_000))


@pytest.mark.parametrize(
    ("name", "received"), [("absent.yaml", "no such file or directory"), (".", "is a directory")]
)
def test_a_missing_file_says_where_to_run(tmp_path, name, received):
    with pytest.raises(ParamsError, match=f"Received: {received}. Run from the repository root"):
        read_params(tmp_path / name)
