"""Every case has one scan, one mask and one patient, or an error that says which lacks."""

from pathlib import Path, PurePosixPath

import pytest

from liverseg.cases.layouts import recognise_layout
from liverseg.cases.pairing import CaseFiles, group_files, pair_files
from liverseg.errors import DataError


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
