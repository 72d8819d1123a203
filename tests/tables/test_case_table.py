"""The case table brings back what was written, and case ids become safe file names."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.errors import DataError
from liverseg.tables.case_table import (
    SkippedCase,
    file_stem,
    natural_key,
    read_cases,
    read_skipped_cases,
    write_cases,
)

case_ids = st.text(min_size=1, max_size=20).filter(str.isprintable)


def test_a_written_table_is_read_back_exactly(tmp_path, make_case):
    cases = (
        make_case("007", "NA", spacing_mm=(0.742999, 0.742999, 1.6), liver_ml=0.1 + 0.2),
        make_case("10", 'a "quoted", patient', hu_min=-1023.25, num_lesions=0, lesion_ml=0.0),
    )
    write_cases(tmp_path / "cases.csv", cases)
    assert read_cases(tmp_path / "cases.csv") == cases


def test_what_was_put_right_and_what_looks_wrong_is_read_back(tmp_path, make_case):
    case = make_case(
        "28",
        spacing_overridden=True,
        label_map=((1, 2), (255, 1)),
        reasons=("no air, or hardly any", "a | b.nii: || 60 specks |", "| last"),
    )
    write_cases(tmp_path / "cases.csv", [case])
    assert read_cases(tmp_path / "cases.csv") == (case,)
    assert case.verdict == "warning"
    assert case.spacing_override_mm == case.spacing_mm


def test_skipped_cases_stand_in_the_table_but_not_among_the_cases(tmp_path, make_case):
    skipped = (SkippedCase("2", "excluded by data.exclude"), SkippedCase("10", "no mask, no use"))
    write_cases(tmp_path / "cases.csv", [make_case("11"), make_case("1")], skipped)
    assert [case.case_id for case in read_cases(tmp_path / "cases.csv")] == ["1", "11"]
    assert read_skipped_cases(tmp_path / "cases.csv") == skipped
    lines = (tmp_path / "cases.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2", "10", "11"]
    assert lines[2] == "2" + "," * 21 + "skipped,excluded by data.exclude"


def test_a_table_has_one_plain_column_for_each_fact(tmp_path, make_case):
    write_cases(tmp_path / "cases.csv", [make_case("17")])
    header, row = (tmp_path / "cases.csv").read_text().splitlines()
    assert header == (
        "case_id,patient_id,scan,mask,shape_i,shape_j,shape_k,spacing_i_mm,spacing_j_mm,"
        "spacing_k_mm,axis_codes,dtype,hu_min,hu_max,liver_ml,lesion_ml,num_lesions,"
        "liver_slice_fraction,lesion_slice_fraction,spacing_overridden,label_map,verdict,reasons"
    )
    assert row == (
        "17,17,volume-17.nii,segmentation-17.nii,512,512,100,0.7,0.7,2.5,LPS,int16,"
        "-1024.0,1500.0,1500.0,30.0,2,0.6,0.25,,,ok,"
    )


def test_rows_are_in_natural_order_whatever_the_order_of_the_cases(tmp_path, make_case):
    for name, ids in (("a", ["10", "2", "1"]), ("b", ["1", "10", "2"])):
        write_cases(tmp_path / name, [make_case(case_id) for case_id in ids])
    assert [case.case_id for case in read_cases(tmp_path / "a")] == ["1", "2", "10"]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@given(ids=st.lists(case_ids, unique=True), order=st.randoms())
def test_natural_order_is_one_order_of_all_ids(ids, order):
    shuffled = order.sample(ids, len(ids))
    assert sorted(ids, key=natural_key) == sorted(shuffled, key=natural_key)


def test_a_missing_table_names_the_stage_that_writes_it(tmp_path):
    with pytest.raises(DataError, match=r"no such file.*dvc repro ingest"):
        read_cases(tmp_path / "cases.csv")


@pytest.mark.parametrize(
    ("content", "received"),
    [
        ("", "an empty file"),
        ("case_id,scan\n1,a\n", "without patient_id"),
        ("\xff", "codec can't decode"),
    ],
)
def test_a_file_that_is_no_case_table_is_an_error(tmp_path, content, received):
    (tmp_path / "cases.csv").write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=received):
        read_cases(tmp_path / "cases.csv")


def test_a_damaged_row_is_an_error(tmp_path, make_case):
    write_cases(tmp_path / "cases.csv", [make_case("1"), make_case("2")])
    text = (tmp_path / "cases.csv").read_text()
    (tmp_path / "cases.csv").write_text(text.replace("\n2,", "\n1,"))
    with pytest.raises(DataError, match="one row a case"):
        read_cases(tmp_path / "cases.csv")
    (tmp_path / "cases.csv").write_text(text.replace("512", "many"))
    with pytest.raises(DataError, match="'many'"):
        read_cases(tmp_path / "cases.csv")
    (tmp_path / "cases.csv").write_text(text[: -len(",0.6,0.25,,,ok,\n")])
    with pytest.raises(DataError, match=r"23 values in row 2.*17 values"):
        read_cases(tmp_path / "cases.csv")


@given(first=case_ids, second=case_ids)
def test_different_cases_have_different_file_stems(first, second):
    assert (file_stem(first) == file_stem(second)) == (first == second)


@given(case_id=case_ids)
def test_a_file_stem_is_one_visible_ascii_name_and_never_a_path(case_id):
    stem = file_stem(case_id)
    assert stem.isascii()
    assert not set(stem) & set('/\\:*?"<>| ')
    assert not stem.startswith(".")
    assert PurePosixPath(stem).name == stem


def test_usual_case_ids_are_their_own_file_stems():
    assert [file_stem(case_id) for case_id in ("0", "liver_12", "A-3.b")] == [
        "0",
        "liver_12",
        "A-3.b",
    ]
    assert file_stem("../../etc/passwd") == "%2E.%2F..%2Fetc%2Fpasswd"
