import os

import pytest

from liverseg.errors import DataError
from liverseg.masks.mask_pairs import pair_masks


@pytest.fixture
def make_folders(tmp_path):
    """Two folders, with empty files of the given names."""

    def make(reference_names, predicted_names):
        folders = tmp_path / "reference", tmp_path / "predicted"
        for folder, names in zip(folders, (reference_names, predicted_names), strict=True):
            folder.mkdir()
            for name in names:
                (folder / name).touch()
        return folders

    return make


def list_pairs(pairing):
    return [(pair.case_id, pair.reference.name, pair.predicted.name) for pair in pairing.pairs]


def test_two_files_are_one_case_named_after_the_reference(tmp_path):
    reference, predicted = tmp_path / "liver_3.nii.gz", tmp_path / "mine.nii"
    reference.touch()
    predicted.touch()
    pairing = pair_masks(reference, predicted)
    assert list_pairs(pairing) == [("liver_3", "liver_3.nii.gz", "mine.nii")]


def test_a_lits_reference_gives_its_number_to_the_case(tmp_path):
    reference = tmp_path / "segmentation-17.nii"
    reference.touch()
    assert pair_masks(reference, reference).pairs[0].case_id == "17"


def test_segmentations_are_paired_by_number_in_natural_order(make_folders):
    names = ["segmentation-10.nii", "segmentation-2.nii", "volume-2.nii", "volume-10.nii"]
    pairing = pair_masks(*make_folders(names, ["segmentation-2.nii.gz", "segmentation-10.nii.gz"]))
    assert list_pairs(pairing) == [
        ("2", "segmentation-2.nii", "segmentation-2.nii.gz"),
        ("10", "segmentation-10.nii", "segmentation-10.nii.gz"),
    ]
    assert pairing.alone == ()


@pytest.mark.parametrize("name", ["test-segmentation-2.nii", "prediction_2.nii.gz", "2.nii"])
def test_other_names_that_end_in_the_number_will_do(make_folders, name):
    pairing = pair_masks(*make_folders(["segmentation-2.nii"], [name, "case_12.nii"]))
    assert list_pairs(pairing) == [("2", "segmentation-2.nii", name)]


def test_the_same_name_goes_before_others_that_end_in_the_number(make_folders):
    pairing = pair_masks(*make_folders(["segmentation-2.nii"], ["segmentation-2.nii", "2.nii"]))
    assert list_pairs(pairing) == [("2", "segmentation-2.nii", "segmentation-2.nii")]


def test_else_equal_names_are_paired_whatever_the_compression(make_folders):
    pairing = pair_masks(
        *make_folders(
            ["a_1.nii.gz", "b_1.nii", "._a_1.nii.gz"], ["b_1.nii", "a_1.nii", "notes.txt"]
        )
    )
    assert list_pairs(pairing) == [
        ("a_1", "a_1.nii.gz", "a_1.nii"),
        ("b_1", "b_1.nii", "b_1.nii"),
    ]
    assert pairing.alone == ()


@pytest.fixture
def make_prediction(tmp_path):
    """A folder of results of `liverseg predict`, of scans of the given names."""

    def make(*names):
        for name in names:
            folder = tmp_path / "predicted" / name
            folder.mkdir(parents=True)
            for file in ("labels.nii.gz", "lesion_probability.nii.gz", "lesions.csv"):
                (folder / file).touch()
        return tmp_path / "predicted"

    return make


@pytest.mark.parametrize(
    ("reference_name", "scan_name", "case_id"),
    [
        ("segmentation-17.nii", "volume-17", "17"),
        ("liver_3.nii.gz", "liver_3", "liver_3"),
        ("liver_3.nii.gz", "liver_3_0000", "liver_3"),  # nnU-Net
        ("patient 1.nii.gz", "patient%201", "patient 1"),
        (os.fsdecode(b"caf\xe9.nii.gz"), "caf%E9", os.fsdecode(b"caf\xe9")),
        ("café.nii.gz", "caf%C3%A9", "café"),
        ("100%25.nii.gz", "100%2525", "100%25"),
    ],
)
def test_results_of_predict_are_paired_by_the_name_of_the_scan(
    tmp_path, make_prediction, reference_name, scan_name, case_id
):
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / reference_name).touch()
    predicted = make_prediction(scan_name, ".partial.x")
    pairing = pair_masks(tmp_path / "reference", predicted)
    (pair,) = pairing.pairs
    assert (pair.case_id, pair.predicted) == (case_id, predicted / scan_name / "labels.nii.gz")
    assert pairing.alone == ()


def test_masks_without_counterpart_are_named(make_folders):
    pairing = pair_masks(*make_folders(["a.nii", "b.nii"], ["b.nii", "c.nii"]))
    assert [path.name for path in pairing.alone] == ["a.nii", "c.nii"]


def test_two_files_for_one_number_are_refused(make_folders):
    folders = make_folders(["segmentation-2.nii"], ["a-2.nii", "b-2.nii"])
    with pytest.raises(DataError, match=r"one mask for case 2\. Received: a-2 and b-2"):
        pair_masks(*folders)


def test_one_mask_in_two_files_is_refused(make_folders):
    folders = make_folders(["a.nii", "a.nii.gz"], ["a.nii"])
    with pytest.raises(DataError, match=r"Received: a\.nii and a\.nii\.gz"):
        pair_masks(*folders)


def test_folders_without_a_pair_are_refused(make_folders):
    folders = make_folders(["a.nii"], ["b.nii"])
    with pytest.raises(
        DataError, match=r"named like those in .*a\.nii.* Received: 1 files: b\.nii"
    ):
        pair_masks(*folders)


def test_a_file_against_a_folder_is_refused(tmp_path):
    (tmp_path / "a.nii").touch()
    with pytest.raises(DataError, match="two files or two folders"):
        pair_masks(tmp_path / "a.nii", tmp_path)


def test_a_missing_path_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such file or folder"):
        pair_masks(tmp_path, tmp_path / "nowhere")
