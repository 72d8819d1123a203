"""Data sets of volumes in other layouts and formats, brought to two folders of NIfTI."""

import csv

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)

from liverseg.errors import DataError, LiversegError
from liverseg.importing.volume_set import import_volumes
from liverseg.volumes.nifti import read_labels, read_scan
from liverseg.volumes.structure_names import Patterns

PLAIN = Patterns()
SHAPE = (6, 5, 4)
AFFINE = np.array([[-0.8, 0, 0, 12], [0, -0.8, 0, 7], [0, 0, 2.5, -30], [0, 0, 0, 1.0]])
HU = np.random.default_rng(2).integers(-1000, 1000, SHAPE).astype(np.int16)
LIVER = np.zeros(SHAPE, np.uint8)
LIVER[1:5, 1:4, 1:3] = 1
LESION = np.zeros(SHAPE, np.uint8)
LESION[2:4, 2, 1] = 1
LABELS = np.maximum(LIVER, 2 * LESION)


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


def save(path, values, affine=AFFINE):
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(values, affine), path)


def save_itk(path, values):
    """The values where ``AFFINE`` places them: SimpleITK counts in LPS, its arrays are k, j, i."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = sitk.GetImageFromArray(values.T)
    image.SetSpacing((0.8, 0.8, 2.5))
    image.SetOrigin((-12, -7, -30))
    sitk.WriteImage(image, path)


def write_structures(case, **masks):
    save(case / "ct.nii.gz", HU)
    for name, mask in masks.items():
        save(case / "segmentations" / f"{name}.nii.gz", mask)


def read_case(root, case_id):
    scan = read_scan(root / "images" / f"{case_id}.nii.gz")
    labels = read_labels(root / "masks" / f"{case_id}.nii.gz")
    assert np.allclose(scan.grid.affine, AFFINE, atol=1e-5)
    assert np.allclose(labels.grid.affine, AFFINE, atol=1e-5)
    return scan.data, labels.data


def test_a_file_for_each_structure_becomes_one_mask_of_liver_and_lesions(tmp_path):
    """TotalSegmentator's layout; ``spleen`` is no NIfTI at all: what is not needed is not read."""
    write_structures(tmp_path / "set/s0001", liver=LIVER, liver_tumor=LESION)
    (tmp_path / "set/s0001/segmentations/spleen.nii.gz").write_text("not read")
    write_structures(tmp_path / "set/s0010", liver=255 * LIVER, liver_vessels=LESION)
    imported = import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN)
    assert [case.job.case_id for case in imported.cases] == ["s0001", "s0010"]
    first, second = imported.cases
    assert (first.liver, first.lesion, first.unused) == (("liver",), ("liver_tumor",), ("spleen",))
    assert second.notes == ("no lesion: liver_vessels besides the liver",)
    hu, labels = read_case(tmp_path / "out", "s0001")
    assert np.array_equal(hu, HU)
    assert np.array_equal(labels, LABELS)
    assert np.array_equal(read_case(tmp_path / "out", "s0010")[1], LIVER)
    with (tmp_path / "out/patients.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"case_id": name, "patient_id": name} for name in ("s0001", "s0010")]


def test_a_folder_of_that_name_in_another_layout_stands_for_that(tmp_path):
    """As the copy of LiTS on Kaggle has it."""
    save(tmp_path / "set/volume_pt1/volume-1.nii", HU)
    save(tmp_path / "set/segmentations/segmentation-1.nii", LABELS)
    import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN)
    assert np.array_equal(read_case(tmp_path / "out", "1")[1], LABELS)


def test_a_mask_in_another_axis_order_is_brought_to_that_of_its_scan(tmp_path):
    write_structures(tmp_path / "set/a", liver=LIVER)
    turned = AFFINE @ [[-1, 0, 0, SHAPE[0] - 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    save(tmp_path / "set/a/segmentations/liver_lesion.nii.gz", LESION[::-1], turned)
    import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN)
    assert np.array_equal(read_case(tmp_path / "out", "a")[1], LABELS)


def test_cases_without_liver_are_left_out_and_bad_ones_are_named(tmp_path):
    root = tmp_path / "set"
    write_structures(root / "good", liver=LIVER)
    write_structures(root / "head", liver=0 * LIVER)
    write_structures(root / "elsewhere", liver=LIVER[:-1])
    write_structures(root / "nameless", spleen=LIVER)
    write_structures(root / "several", liver=LABELS)
    write_structures(root / "twofold", liver=LIVER)
    save(root / "twofold" / "mr.nii.gz", HU)
    imported = import_volumes([root], tmp_path / "out", PLAIN)
    assert [case.job.case_id for case in imported.cases] == ["good"]
    assert imported.without_liver == ("head",)
    failures = {each.case_id: str(each.error) for each in imported.failures}
    assert failures.keys() == {"elsewhere", "nameless", "several", "twofold"}
    assert "shape (5, 5, 4)" in failures["elsewhere"]
    assert "a structure named like liver. Received: spleen" in failures["nameless"]
    assert "a mask of one structure" in failures["several"]
    assert "one scan beside segmentations/. Received: ct.nii.gz, mr.nii.gz" in failures["twofold"]


@pytest.mark.parametrize("suffix", [".nrrd", ".nhdr", ".mha", ".mhd"])
def test_a_set_of_nrrd_or_metaimage_keeps_values_places_and_names(tmp_path, suffix):
    save_itk(tmp_path / f"set/images/p 1{suffix}", HU)
    save_itk(tmp_path / f"set/labels/p 1{suffix}", LABELS)
    import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN)
    hu, labels = read_case(tmp_path / "out", "p 1")
    assert np.array_equal(hu, HU)
    assert np.array_equal(labels, LABELS)


def test_of_a_mask_with_many_organs_the_named_values_are_taken(tmp_path):
    """AMOS numbers 15 organs, and the liver is 6; without a word on it the values are refused."""
    organs = np.where(LIVER, 6, 2).astype(np.uint8)
    save(tmp_path / "amos/imagesTr/amos_0001.nii.gz", HU)
    save(tmp_path / "amos/labelsTr/amos_0001.nii.gz", organs)
    with pytest.raises(LiversegError, match=r"Received: 2, 6\. .*--liver 6"):
        import_volumes([tmp_path / "amos"], tmp_path / "out", PLAIN)
    assert not (tmp_path / "out").exists()
    import_volumes([tmp_path / "amos"], tmp_path / "out", Patterns(("6",)))
    assert np.array_equal(read_case(tmp_path / "out", "amos_0001")[1], LIVER)


def test_a_table_of_bids_names_values_and_its_subjects_are_patients(tmp_path):
    save(tmp_path / "set/sub-1/ct/sub-1_run-1_ct.nii.gz", HU)
    masks = tmp_path / "set/derivatives/x/sub-1/ct"
    save(masks / "sub-1_run-1_dseg.nii.gz", np.array([0, 8, 5], np.uint8)[LABELS])
    (tmp_path / "set/dseg.tsv").write_text("index\tname\n8\tliver\n5\tlesion\n3\tgut\n")
    (case,) = import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN).cases
    assert (case.job.case_id, case.job.patient_id) == ("sub-1_run-1", "sub-1")
    assert np.array_equal(read_case(tmp_path / "out", "sub-1_run-1")[1], LABELS)


def test_masks_may_be_stored_with_a_slope_but_hold_whole_values(tmp_path):
    save(tmp_path / "set/images/a.nii.gz", HU)
    save(tmp_path / "set/masks/a.nii.gz", (LABELS * 0.9999).astype(np.float32))
    save(tmp_path / "set/images/b.nii.gz", HU)
    save(tmp_path / "set/masks/b.nii.gz", LABELS * 0.5)
    imported = import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN)
    assert np.array_equal(read_case(tmp_path / "out", "a")[1], LABELS)
    (failure,) = imported.failures
    assert "masks/b.nii.gz: expected a mask of whole values" in str(failure.error)


def test_a_damaged_scan_leaves_the_others_and_a_missing_mask_is_named(tmp_path):
    for name in ("a", "b"):
        save_itk(tmp_path / f"set/images/{name}.nrrd", HU)
        save_itk(tmp_path / f"set/masks/{name}.nrrd", LABELS)
    save_itk(tmp_path / "set/images/c.nrrd", HU)
    content = (tmp_path / "set/images/b.nrrd").read_bytes()
    (tmp_path / "set/images/b.nrrd").write_bytes(content[:-50])
    imported = import_volumes([tmp_path / "set"], tmp_path / "out", PLAIN)
    assert [case.job.case_id for case in imported.cases] == ["a"]
    failures = {each.case_id: str(each.error) for each in imported.failures}
    assert "images/b.nrrd: expected an undamaged file" in failures["b"]
    assert failures["c"].startswith("its mask: expected one file")
    assert sorted(path.name for path in (tmp_path / "out/images").iterdir()) == ["a.nii.gz"]


def test_two_cases_of_one_name_are_refused_before_anything_is_written(tmp_path):
    for part in ("one", "two"):
        write_structures(tmp_path / part / "s0001", liver=LIVER)
    with pytest.raises(DataError, match=r"case s0001: .*one/s0001/ct.nii.gz and .*two/s0001"):
        import_volumes([tmp_path / "one", tmp_path / "two"], tmp_path / "out", PLAIN)
    assert not (tmp_path / "out").exists()
