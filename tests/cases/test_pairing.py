"""Every case has one scan, one mask and one patient, or an error that says which lacks."""

import unicodedata
from pathlib import Path, PurePosixPath

import pytest

from liverseg.cases.layouts import recognise_layout
from liverseg.cases.pairing import CaseFiles, group_files, list_unclaimed, pair_files
from liverseg.errors import DataError
from liverseg.tables.case_table import file_stem, read_cases, write_cases


def pair(*names, exclude=(), patients=None):
    files = [PurePosixPath(name) for name in names]
    layout = recognise_layout(Path("root"), files)
    return [pair_files(found, layout, patients) for found in group_files(files, layout, exclude)]


def test_pairs_come_in_natural_order_and_each_case_is_a_patient():
    names = [f"{kind}-{number}.nii" for number in (10, 2) for kind in ("segmentation", "volume")]
    assert pair(*names) == [
        CaseFiles("2", "2", "volume-2.nii", "segmentation-2.nii"),
        CaseFiles("10", "10", "volume-10.nii", "segmentation-10.nii"),
    ]


def test_a_scan_without_a_mask_is_an_error_that_names_the_expected_file():
    with pytest.raises(DataError, match=r"its mask: .*segmentation-3.nii.gz.* none. Add it.*'3'"):
        pair("a/volume-3.nii")


def test_a_mask_without_a_scan_is_an_error_that_names_the_expected_file():
    with pytest.raises(DataError, match=r"its scan: .*imagesTr/liver_1.nii.gz.*Received: none"):
        pair("labelsTr/liver_1.nii.gz")


def test_braces_in_names_are_ordinary_letters():
    with pytest.raises(DataError, match=r"\{0\}/labelsTr/\{x\}.nii.gz"):
        pair("{0}/imagesTr/{x}.nii.gz")


def test_two_scans_of_one_case_are_an_error_that_names_both():
    with pytest.raises(DataError, match=r"its scan: .*a/volume-0.nii and b/volume-0.nii.gz"):
        pair("a/volume-0.nii", "b/volume-0.nii.gz", "segmentation-0.nii")


def test_a_second_nnunet_channel_is_an_error():
    with pytest.raises(DataError, match=r"_0000.nii.gz and imagesTr/liver_1_0001.nii.gz"):
        pair("imagesTr/liver_1_0000.nii.gz", "imagesTr/liver_1_0001.nii.gz")


def test_an_excluded_case_is_left_out_even_where_its_mask_is_missing():
    names = ("volume-0.nii", "segmentation-0.nii", "volume-1.nii")
    assert [files.case_id for files in pair(*names, exclude=["1"])] == ["0"]


def test_an_unknown_excluded_case_is_an_error_with_a_suggestion():
    with pytest.raises(DataError, match=r"data.exclude: .*'liver_22'. Did you mean 'liver_2'\?"):
        pair("imagesTr/liver_2.nii.gz", "labelsTr/liver_2.nii.gz", exclude=["liver_22"])


def test_excluding_all_cases_is_an_error():
    with pytest.raises(DataError, match="all 1 excluded"):
        pair("volume-0.nii", "segmentation-0.nii", exclude=["0"])


def test_patients_come_from_the_table_and_a_case_without_one_is_an_error():
    names = ("volume-0.nii", "segmentation-0.nii")
    assert pair(*names, patients={"0": "../p"})[0].patient_id == "../p"
    with pytest.raises(DataError, match=r"data.patients.*'0' under data.exclude"):
        pair(*names, patients={"1": "p"})


@pytest.mark.parametrize("name", ["a\nb", "a\udcff", "é" * 100])
def test_names_that_no_table_or_file_system_can_hold_are_an_error(name):
    with pytest.raises(DataError, match="expected a printable name"):
        pair(f"images/{name}.nii", f"masks/{name}.nii")


@pytest.mark.parametrize(
    "name", ["a b", "Zoë", "007", "a,b", '"a"', "=1+1", "-5", "a;b'c", "%2E", "..", "a\\b", "肝臓"]
)
def test_any_printable_name_is_a_case_of_its_own(tmp_path, make_case, name):
    (files,) = pair(f"images/{name}.nii.gz", f"masks/{name}.nii.gz")
    assert files.case_id == name
    case = make_case(name, scan=files.scan, mask=files.mask)
    write_cases(tmp_path / "cases.csv", [case])
    assert read_cases(tmp_path / "cases.csv") == (case,)
    output = tmp_path / f"{file_stem(name)}.nii.gz"
    output.touch()
    assert output.resolve().parent == tmp_path.resolve()


def test_leading_zeros_make_another_case():
    names = [f"{folder}/{name}.nii" for folder in ("images", "masks") for name in ("7", "07")]
    assert [files.case_id for files in pair(*names)] == ["07", "7"]


def test_one_name_in_two_unicode_spellings_is_an_error_that_shows_both():
    composed, decomposed = (unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD"))
    with pytest.raises(DataError, match=r"accents.*'Zo\\xeb' and 'Zoe\\u0308'"):
        pair(f"images/{composed}.nii", f"masks/{decomposed}.nii")


@pytest.mark.parametrize(
    ("names", "unclaimed"),
    [
        (["volume-0.nii", "segmentation-0.nii", "Volume-1.nii", "volume-2b.nii"], [2, 3]),
        (["volume-3.NII", "segmentation-3.NII"], []),
        (["imagesTr/1.nii", "labelsTr/1.nii", "imagesTs/2.nii", "labelsTs/2.nii", "3.nii"], [4]),
        (["images/1.nii", "masks/1.nii"], []),
    ],
)
def test_files_that_no_case_claims_are_listed_but_for_a_test_set(names, unclaimed):
    files = [PurePosixPath(name) for name in names]
    layout = recognise_layout(Path("root"), files)
    assert list_unclaimed(files, layout) == tuple(files[index] for index in unclaimed)
