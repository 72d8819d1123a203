"""Layouts are told apart by names alone."""

from pathlib import Path, PurePosixPath

import pytest

from liverseg.cases.layouts import recognise_layout
from liverseg.errors import DataError


def recognise(*names):
    files = [PurePosixPath(name) for name in names]
    layout = recognise_layout(Path("data/root"), files)
    return layout.name, [layout.parse(file) for file in files]


def test_lits_is_recognised_in_one_folder():
    assert recognise("volume-0.nii", "segmentation-0.nii.gz", "test-volume-3.nii") == (
        "LiTS",
        [("scan", "0"), ("mask", "0"), None],
    )


def test_lits_is_recognised_in_the_nested_folders_of_the_kaggle_copy():
    name, parsed = recognise(
        "volume_pt1/volume-0.nii", "volume_pt2/volume-51.nii", "segmentations/segmentation-51.nii"
    )
    assert name == "LiTS"
    assert parsed == [("scan", "0"), ("scan", "51"), ("mask", "51")]


def test_lits_in_two_folders_is_lits():
    files = ("volumes/volume-0.nii", "segmentations/segmentation-0.nii")
    assert recognise(*files) == ("LiTS", [("scan", "0"), ("mask", "0")])


def test_lits_without_any_mask_is_still_lits():
    assert recognise("volume-0.nii.gz", "volume-1.nii.gz")[0] == "LiTS"


def test_the_decathlon_is_recognised_and_its_test_images_are_left_out():
    assert recognise(
        "Task03/imagesTr/liver_1.nii.gz",
        "Task03/labelsTr/liver_1.nii.gz",
        "Task03/imagesTs/liver_2.nii.gz",
    ) == ("Medical Segmentation Decathlon", [("scan", "liver_1"), ("mask", "liver_1"), None])


def test_nnunet_is_recognised_by_the_channel_numbers_of_its_scans():
    assert recognise("imagesTr/liver_1_0000.nii.gz", "labelsTr/liver_1.nii.gz") == (
        "nnU-Net",
        [("scan", "liver_1"), ("mask", "liver_1")],
    )


def test_bids_is_recognised_by_scans_below_their_subjects():
    name, parsed = recognise(
        "sub-01/ses-1/ct/sub-01_ses-1_acq-portal_ct.nii.gz",
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-2/anat/sub-2_ct.nii",
        "derivatives/manual/sub-01/ses-1/ct/sub-01_ses-1_acq-portal_space-orig_desc-x_dseg.nii.gz",
        "derivatives/manual/sub-2/anat/sub-2_dseg.nii.gz",
        "derivatives/manual/sub-2/anat/sub-2_ct.nii.gz",
    )
    assert name == "BIDS"
    first, second = "sub-01_ses-1_acq-portal", "sub-2"
    scans = [("scan", first), None, ("scan", second)]
    assert parsed == [*scans, ("mask", first), ("mask", second), None]


def test_names_as_in_bids_in_two_folders_are_two_folders():
    assert recognise("images/sub-1_ct.nii", "masks/sub-1_ct.nii")[0] == "two folders"


def test_an_nnunet_copy_of_lits_is_nnunet():
    name, parsed = recognise("imagesTr/volume-7_0000.nii.gz", "labelsTr/volume-7.nii.gz")
    assert (name, parsed) == ("nnU-Net", [("scan", "volume-7"), ("mask", "volume-7")])


def test_decathlon_names_that_end_in_four_digits_are_no_channels():
    files = ("imagesTr/liver_0001.nii.gz", "labelsTr/liver_0001.nii.gz")
    assert recognise(*files)[0] == "Medical Segmentation Decathlon"


@pytest.mark.parametrize(
    ("scans", "masks"),
    [
        ("images", "labels"),
        ("scans", "masks"),
        ("CT", "Segmentations"),
        ("train_images", "mask_images"),
    ],
)
def test_two_folders_are_told_apart_by_the_words_of_their_names(scans, masks):
    expected = ("two folders", [("mask", "a"), ("scan", "a")])
    assert recognise(f"{masks}/a.nii", f"{scans}/a.nii.gz") == expected


def test_two_folders_of_lits_scans_with_equal_names_are_two_folders():
    files = ("images/volume-0.nii", "masks/volume-0.nii")
    assert recognise(*files) == ("two folders", [("scan", "volume-0"), ("mask", "volume-0")])


@pytest.mark.parametrize(
    "files",
    [
        ("a/x.nii", "b/x.nii"),
        ("images/x.nii", "scans/x.nii"),
        ("images/x.nii", "masks/x.nii", "other/x.nii"),
        ("ct.nii.gz", "organs.nii.gz"),
    ],
)
def test_files_without_a_layout_are_an_error_that_names_the_layouts_and_the_folders(files):
    with pytest.raises(
        DataError, match=r"data/root: expected .*LiTS .*nnU-Net .*Received: \d NIfTI"
    ) as error:
        recognise(*files)
    assert str(PurePosixPath(files[0]).parent) + "/ (" in str(error.value)


def test_two_data_sets_below_one_root_are_an_error():
    with pytest.raises(DataError, match=r"several: Task03, Task07. Point data.root at one"):
        recognise("Task03/imagesTr/liver_1.nii.gz", "Task07/imagesTr/pancreas_1.nii.gz")
