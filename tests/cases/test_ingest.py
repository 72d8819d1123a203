"""Data sets in every layout become the same rows, bad ones become one message."""

import gzip
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.cases.ingest import ingest_cases
from liverseg.errors import LiversegError
from liverseg.tables.case_table import Case, SkippedCase

AFFINE = np.diag([-0.5, 2, 4, 1])  # axes LAS


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


def write_case(root, scan_name, mask_name, *, affine=AFFINE, mask_affine=None, shape=(10, 8, 5)):
    """Liver in two axial planes of five, two lesions that touch at an edge in one of them.

    Far too small for a body, which is a warning.
    """
    scan = np.full(shape, -1000, np.int16)
    scan[1:-1, 1:-1, 1:-1] = 60
    scan[0, 0, 0] = 1200
    labels = np.zeros(shape, np.uint8)
    labels[2:6, 2:6, 2:4] = 1
    labels[3, 3, 2] = labels[4, 4, 2] = 2
    for name, data, grid in ((scan_name, scan, affine), (mask_name, labels, mask_affine)):
        if name:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            nib.save(nib.Nifti1Image(data, affine if grid is None else grid), root / name)


def get_error(root, params):
    with pytest.raises(LiversegError) as error:
        ingest_cases(root, params)
    return str(error.value)


def test_a_missing_relative_root_explains_queued_experiments(tmp_path, make_params, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LiversegError, match=r"data/lits: .*no such folder.*queued.*dvc add"):
        ingest_cases(Path("data/lits"), make_params())


def test_a_missing_absolute_root_does_not(tmp_path, make_params):
    assert "queued" not in get_error(tmp_path / "lits", make_params())


def test_a_row_holds_what_can_be_counted_by_hand(tmp_path, make_params):
    write_case(tmp_path, "volume-3.nii.gz", "segmentation-3.nii")
    (case,) = ingest_cases(tmp_path, make_params()).cases
    assert replace(case, reasons=()) == Case(
        case_id="3",
        patient_id="3",
        scan="volume-3.nii.gz",
        mask="segmentation-3.nii",
        shape=(10, 8, 5),
        spacing_mm=(0.5, 2, 4),
        axis_codes="LAS",
        dtype="int16",
        hu_min=-1000,
        hu_max=1200,
        liver_ml=0.128,  # 4 * 4 * 2 voxels of 0.5 * 2 * 4 mm³, lesions included
        lesion_ml=0.008,
        num_lesions=2,  # joined at an edge only
        liver_slice_fraction=0.4,
        lesion_slice_fraction=0.2,
    )
    assert [reason.split(",")[0] for reason in case.reasons] == [
        "axial slices of 5 x 16 mm",
        "a liver of only 0.128 ml",
    ]


def test_slices_are_counted_along_the_body_whatever_the_order_of_the_axes(tmp_path, make_params):
    swapped = AFFINE[:, [2, 0, 1, 3]]  # i runs along the body
    write_case(tmp_path, "volume-3.nii", "segmentation-3.nii", affine=swapped)
    (case,) = ingest_cases(tmp_path, make_params()).cases
    assert case.axis_codes == "SLA"
    assert case.liver_slice_fraction == 0.4  # 4 of 10 planes
    assert case.lesion_slice_fraction == 0.2


def test_patients_come_from_the_table_inside_the_root(tmp_path, make_params):
    for number in (1, 2):
        write_case(tmp_path, f"volume-{number}.nii", f"segmentation-{number}.nii")
    (tmp_path / "patients.csv").write_text("case_id,patient_id\n1,007\n2,007\n")
    cases = ingest_cases(tmp_path, make_params(patients="patients.csv")).cases
    assert [case.patient_id for case in cases] == ["007", "007"]


def test_rows_do_not_depend_on_the_number_of_workers(tmp_path, make_params, monkeypatch):
    for number in (10, 9, 1):
        write_case(tmp_path, f"volume-{number}.nii", f"segmentation-{number}.nii")
    alone = ingest_cases(tmp_path, make_params())
    monkeypatch.setenv("LIVERSEG_WORKERS", "2")
    assert ingest_cases(tmp_path, make_params()) == alone
    assert [case.case_id for case in alone.cases] == ["1", "9", "10"]


LAYOUTS = {
    "lits in parts": ("volume_pt1/volume-17.nii.gz", "segmentations/segmentation-17.nii.gz", "17"),
    "decathlon": ("imagesTr/liver_17.nii.gz", "labelsTr/liver_17.nii.gz", "liver_17"),
    "nnunet": ("imagesTr/liver_17_0000.nii.gz", "labelsTr/liver_17.nii.gz", "liver_17"),
    "two folders": ("images/patient 17.nii.gz", "masks/patient 17.nii.gz", "patient 17"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_real_case_gives_the_same_row_in_every_layout(shared_data, tmp_path, make_params, layout):
    scan, mask, case_id = LAYOUTS[layout]
    for name, original in ((scan, "volume-17.nii.gz"), (mask, "segmentation-17.nii.gz")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).symlink_to(shared_data / "3dircadb-17" / original)
    (tmp_path / "dataset.json").write_text("{}")
    (case,) = ingest_cases(tmp_path, make_params()).cases
    # 1,920,507 liver and 185,990 lesion voxels of 0.743 * 0.743 * 1.6 mm, liver and lesion apart
    voxel_ml = 0.743**2 * 1.6 / 1000
    assert (case.case_id, case.scan, case.mask) == (case_id, scan, mask)
    assert (case.shape, case.spacing_mm) == ((512, 512, 119), (0.743, 0.743, 1.6))
    assert (case.axis_codes, case.dtype) == ("LPS", "int16")
    assert (case.hu_min, case.hu_max) == (-1024, 1023)
    assert case.liver_ml == pytest.approx((1_920_507 + 185_990) * voxel_ml, abs=0.01)
    assert case.lesion_ml == pytest.approx(185_990 * voxel_ml, abs=0.01)
    assert case.num_lesions == 2


def test_all_problems_of_names_and_headers_stand_in_one_message(tmp_path, make_params):
    write_case(tmp_path, "volume-1.nii", "segmentation-1.nii")
    write_case(tmp_path, "volume-2.nii", None)
    write_case(tmp_path, None, "segmentation-3.nii")
    write_case(tmp_path, "volume-4.nii", "segmentation-4.nii", mask_affine=np.diag([-0.5, 2, 5, 1]))
    write_case(tmp_path, "volume-5.nii", "segmentation-5.nii")
    four_d = nib.Nifti1Image(np.zeros((10, 8, 5, 2), np.int16), AFFINE)
    nib.save(four_d, tmp_path / "volume-5.nii")
    headline, *problems, hint = get_error(tmp_path, make_params()).splitlines()
    assert headline == f"{tmp_path}: 4 of 5 cases cannot be used:"
    assert f"liverseg check {tmp_path}" in hint
    assert [problem.split(":")[0].strip() for problem in problems] == [
        *("case 2", "case 3", "case 4", "case 5")
    ]
    assert "expected one file, segmentation-2.nii.gz" in problems[0]
    assert "expected one file, volume-3.nii.gz" in problems[1]
    assert (
        "segmentation-4.nii, the mask of volume-4.nii: expected labels on the grid" in problems[2]
    )
    assert "(10, 8, 5), 0.5 x 2 x 4 mm, axes LAS" in problems[2]
    assert "Received: shape (10, 8, 5), 0.5 x 2 x 5 mm" in problems[2]
    assert "volume-5.nii: expected one three-dimensional volume" in problems[3]


def test_all_damaged_files_stand_in_one_message(tmp_path, make_params):
    shape = (64, 64, 40)
    for number in (1, 2, 3):
        write_case(
            tmp_path, f"volume-{number}.nii.gz", f"segmentation-{number}.nii.gz", shape=shape
        )
    noise = np.random.default_rng(0).integers(-1000, 1000, shape, np.int16)
    nib.save(nib.Nifti1Image(noise, AFFINE), tmp_path / "volume-1.nii.gz")
    whole = (tmp_path / "volume-1.nii.gz").read_bytes()
    (tmp_path / "volume-1.nii.gz").write_bytes(whole[: len(whole) * 2 // 3])
    three = nib.Nifti1Image(np.full(shape, 3, np.uint8), AFFINE)
    nib.save(three, tmp_path / "segmentation-2.nii.gz")
    headline, *problems, _ = get_error(tmp_path, make_params()).splitlines()
    assert headline.endswith("2 of 3 cases cannot be used:")
    assert "case 1: " in problems[0]
    assert "volume-1.nii.gz: expected an undamaged NIfTI file" in problems[0]
    assert "segmentation-2.nii.gz: expected a mask of whole values" in problems[1]


def test_more_than_ten_problems_are_counted(tmp_path, make_params):
    for number in range(13):
        (tmp_path / f"volume-{number}.nii").touch()
    lines = get_error(tmp_path, make_params()).splitlines()
    assert lines[0].endswith("13 of 13 cases cannot be used:")
    assert len(lines) == 13
    assert lines[-2] == "  ... and 3 more"


def test_an_excluded_case_may_be_damaged_and_is_listed_as_skipped(tmp_path, make_params):
    write_case(tmp_path, "volume-1.nii", "segmentation-1.nii")
    (tmp_path / "volume-2.nii").write_bytes(gzip.compress(b"no scan"))
    ingested = ingest_cases(tmp_path, make_params(exclude=("2",)))
    assert [case.case_id for case in ingested.cases] == ["1"]
    assert ingested.skipped == (SkippedCase("2", "excluded by data.exclude"),)


def test_cases_that_cannot_be_used_are_skipped_where_the_params_say_so(tmp_path, make_params):
    write_case(tmp_path, "volume-1.nii", "segmentation-1.nii")
    write_case(tmp_path, "volume-2.nii", "segmentation-2.nii", mask_affine=np.diag([1, 1, 1, 1]))
    write_case(tmp_path, "volume-3.nii", None)
    ingested = ingest_cases(tmp_path, make_params(on_error="skip"))
    assert [case.case_id for case in ingested.cases] == ["1"]
    assert [case.case_id for case in ingested.skipped] == ["2", "3"]
    assert ingested.skipped[0].reason.startswith("segmentation-2.nii, the mask of volume-2.nii: ")
    assert ingested.skipped[1].reason.startswith("its mask: expected one file")


def test_a_set_of_which_no_case_can_be_used_is_an_error_even_where_they_are_skipped(
    tmp_path, make_params
):
    write_case(tmp_path, "volume-3.nii", None)
    assert "1 of 1 cases cannot be used" in get_error(tmp_path, make_params(on_error="skip"))
