"""Names whose bytes are no UTF-8, in files that are."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.json_files import read_json, write_json
from liverseg.names import decode_name, encode_name
from liverseg.tables.case_table import file_stem
from liverseg.tables.csv_rows import read_rows, write_rows

LATIN_1 = os.fsdecode(b"caf\xe9")  # as a disk of the nineties has it
NAMES = ["café", LATIN_1, r"caf\udce9", "\\" + LATIN_1, r"a\b", "=1+1", "'=1" + LATIN_1]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("café", "café"),
        (r"a\b", r"a\b"),
        (LATIN_1, r"caf\udce9"),
        (r"caf\udce9", r"caf\\udce9"),  # a name that looks like the one before
        (os.fsdecode(b"caf\\\xe9"), r"caf\\\udce9"),
    ],
)
def test_a_name_is_written_as_it_is_and_bytes_that_are_no_utf_8_as_escapes(name, written):
    assert encode_name(name) == written


@given(st.text(st.sampled_from("\\udce9a" + os.fsdecode(b"\x80\xe9\xff"))))
def test_every_name_comes_back(name):
    written = encode_name(name)
    assert written.encode("utf-8").decode("utf-8") == written
    assert decode_name(written) == name


@given(st.binary(max_size=12))
def test_bytes_of_all_kinds_come_back_as_the_same_bytes(content):
    assert os.fsencode(decode_name(encode_name(os.fsdecode(content)))) == content


def test_a_table_hands_every_name_back(tmp_path):
    write_rows(tmp_path / "a.csv", ("name",), [(name,) for name in NAMES])
    rows = read_rows(tmp_path / "a.csv", ("name",), next_step="")
    assert [row["name"] for row in rows] == NAMES


def test_a_json_file_hands_every_name_back(tmp_path):
    write_json(tmp_path / "a.json", {"names": NAMES, LATIN_1: {"in": (LATIN_1,)}})
    content = read_json(tmp_path / "a.json")
    assert [decode_name(name) for name in content["names"]] == NAMES
    assert decode_name(content[encode_name(LATIN_1)]["in"][0]) == LATIN_1


def test_names_that_differ_in_such_bytes_alone_make_different_files():
    assert file_stem(LATIN_1) == "caf%E9"
    assert file_stem("café") == "caf%C3%A9"
