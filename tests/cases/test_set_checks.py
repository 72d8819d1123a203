"""One patient under two names is found before the split could put it in two roles."""

import shutil

import nibabel as nib
import pytest

from liverseg.cases.set_checks import check_set
from liverseg.cases.verify import verify_cases
from liverseg.grids.orientation import reorient_array


def check(*cases, contents=None):
    unlike = {case.case_id: case.case_id for case in cases}
    return check_set(cases, unlike | (contents or {}))


def test_sound_cases_raise_no_doubt(make_case):
    assert check(make_case("1"), make_case("2", num_lesions=0)) == ({}, ())


def test_equal_scans_of_two_patients_are_found_both_ways(make_case):
    found, _ = check(make_case("7"), make_case("x"), contents={"7": "same", "x": "same"})
    assert found["7"][0].reason == "holds the same scan, voxel for voxel, as case x"
    assert found["x"][0].reason == "holds the same scan, voxel for voxel, as case 7"
    assert "data.patients" in found["x"][0].next_step


def test_equal_scans_of_one_patient_leak_nothing_but_count_twice(make_case):
    cases = make_case("1", "p"), make_case("2", "p")
    found, _ = check(*cases, contents={"1": "same", "2": "same"})
    assert found["1"][0].reason == "holds the same scan, voxel for voxel, as case 2"
    assert found["1"][0].next_step.startswith("The scan would count twice")
    assert "data.patients" not in found["1"][0].next_step


def test_many_copies_of_a_scan_are_one_finding_that_all_of_them_share(make_case):
    cases = [make_case(str(number), f"p {number}") for number in range(26)]
    found, _ = check(*cases, contents=dict.fromkeys(map(str, range(26)), "same"))
    assert {len(findings) for findings in found.values()} == {1}
    (finding,) = {finding for findings in found.values() for finding in findings}
    assert finding.reason == (
        "is one of 26 cases that hold the same scan, voxel for voxel: 0, 1, 2, 3, 4, ..."
    )
    assert "data.patients" in finding.next_step


def test_many_names_of_one_patient_are_one_finding(make_case):
    ids = ("p1", "P 1", "p-01")
    found, _ = check(*(make_case(f"case {each}", each) for each in ids))
    assert len(found) == 3
    (finding,) = {finding for findings in found.values() for finding in findings}
    assert "is one of 3 cases that have patient ids that differ in their writing alone" in (
        finding.reason
    )


@pytest.mark.parametrize(
    ("lits", "ircad"),
    [
        ("lits/volume-44.nii", "ircad/3Dircadb1.17.nii.gz"),
        ("imagesTr/liver_28.nii.gz", "imagesTr/ircad-1.nii.gz"),
        ("lits_48.nii", "ircadb_20.nii"),
        ("imagesTr/liver_28_0000.nii.gz", "imagesTr/3dircadb_01_0000.nii.gz"),
        ("imagesTr/liver_44_0000.nii.gz", "imagesTr/3D-IRCADb-01_17_0000.nii.gz"),
        ("volume-44.nii", "3Dircadb1.17_portal2.nii.gz"),
        ("other/3Dircadb1.17.nii", "ircad-17.nii"),
    ],
)
def test_a_patient_whom_lits_and_ircadb_share_is_found_by_name(make_case, lits, ircad):
    found, _ = check(make_case("a", scan=lits), make_case("b", scan=ircad))
    assert set(found) == {"a", "b"}
    assert "the same patient of 3D-IRCADb-1" in found["a"][0].reason


@pytest.mark.parametrize(
    ("lits", "ircad"),
    [
        ("volume-45.nii", "ircad-18.nii"),  # LiTS 45 is not of 3D-IRCADb-1
        ("volume-44.nii", "ircad-16.nii"),
        ("volume-17.nii", "ircad-17.nii"),
        ("volume-44.nii", "patient-17.nii"),
        ("imagesTr/3dircadb_01_0000.nii.gz", "imagesTr/3dircadb_02_0000.nii.gz"),
    ],
)
def test_other_pairs_of_the_two_sets_are_two_patients(make_case, lits, ircad):
    assert check(make_case("a", scan=lits), make_case("b", scan=ircad)) == ({}, ())


@pytest.mark.parametrize(
    ("one", "other"), [("P07", "p7"), ("Patient 1", "patient_01"), ("p00", "P0")]
)
def test_patient_ids_that_differ_in_writing_only_are_found(make_case, one, other):
    found, _ = check(make_case("a", one), make_case("b", other), make_case("c", "p70"))
    assert set(found) == {"a", "b"}
    assert "differs in its writing alone" in found["a"][0].reason


@pytest.mark.parametrize(
    ("one", "other"),
    [("100", "10"), ("1.10", "11.0"), ("Äb", "Öb"), ("p", "p0"), ("1" * 5000, "1" * 5001)],
)
def test_other_patient_ids_are_other_patients(make_case, one, other):
    assert check(make_case("a", one), make_case("b", other)) == ({}, ())


def test_a_set_without_any_lesion_is_named_once(make_case):
    found, of_the_set = check(make_case("1", num_lesions=0), make_case("2", num_lesions=0))
    assert not found
    assert "none of the 2 masks has a lesion" in of_the_set[0].reason
    assert "data.label_map: {1: 2}" in of_the_set[0].next_step


def test_a_copy_in_another_axis_order_and_with_a_lost_spacing_is_found(
    tmp_path, sample, make_params, monkeypatch
):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")
    sample.save(tmp_path, "1")
    shutil.copy(tmp_path / "segmentation-1.nii.gz", tmp_path / "segmentation-2.nii.gz")
    for name, data in (("volume-2", sample.hu), ("segmentation-2", sample.labels)):
        turned = nib.Nifti1Image(reorient_array(data, "LPS", "SRA"), sample.affine)
        nib.save(turned, tmp_path / f"{name}.nii.gz")
    checks = verify_cases(tmp_path, make_params(), description="test").cases
    for case, other in zip(checks, ("2", "1"), strict=True):
        reasons = [finding.reason for finding in case.findings]
        assert f"holds the same scan, voxel for voxel, as case {other}" in reasons
