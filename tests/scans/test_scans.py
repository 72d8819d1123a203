import os
from pathlib import Path

import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.scans.scans import find_scans
from tests.dicom.test_enhanced import write_enhanced
from tests.scans.test_predict_dicom import write_dicom


@pytest.fixture
def make(tmp_path):
    """Empty files below a folder, which is returned."""

    def make_files(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make_files


def list_names(found):
    return [scan.name for scan in found.scans]


@pytest.mark.parametrize(
    "names",
    [
        ("volume-2.nii", "volume-10.nii.gz", "segmentation-2.nii", "segmentation-10.nii.gz"),
        ("imagesTr/volume-2.nii.gz", "imagesTs/volume-10.nii.gz", "labelsTr/volume-2.nii.gz"),
        ("part 1/volume-2.nii", "part 2/volume-10.nii", "part 1/segmentation-2.nii"),
        ("images/volume-2.nii", "images/volume-10.nii", "LABELS/volume-2.nii", "._volume-2.nii"),
        ("volume-2.nii", "volume-10.nii", "volume-2_seg.nii.gz", "liver-mask.nii", "notes.txt"),
    ],
)
def test_of_a_folder_all_scans_are_taken_in_natural_order_and_no_masks(make, tmp_path, names):
    found = find_scans([make(*names)], tmp_path / "out")
    assert list_names(found) == ["volume-2", "volume-10"]
    assert len(found.masks) == sum(
        any(word in name.lower() for word in ("seg", "mask", "label")) for name in names
    )


def test_a_file_is_a_scan_whatever_its_name(make, tmp_path):
    folder = make("labels/segmentation-1.nii")
    assert list_names(find_scans([folder / "labels" / "segmentation-1.nii"], tmp_path)) == [
        "segmentation-1"
    ]


def test_both_files_of_a_pair_are_one_scan(make):
    folder = make("a.hdr", "a.img", "b.hdr.gz", "b.img.gz")
    found = find_scans([folder], folder / "out")
    assert [[file.name for file in scan.files] for scan in found.scans] == [
        ["a.hdr", "a.img"],
        ["b.hdr.gz", "b.img.gz"],
    ]


def test_a_folder_may_itself_be_called_labels(make, tmp_path):
    folder = make("labels/case.nii")
    assert list_names(find_scans([folder / "labels"], tmp_path / "out")) == ["case"]


def test_results_below_the_folder_of_scans_are_no_scans(make):
    folder = make("a.nii", "out/a/liver_probability.nii.gz", "out/a/labels.nii.gz")
    assert list_names(find_scans([folder], folder / "out")) == ["a"]


def test_a_scan_named_twice_is_predicted_once(make):
    folder = make("scans/a.nii")
    given = [folder / "scans", folder / "scans" / "a.nii", folder / "scans" / ".." / "scans"]
    assert list_names(find_scans(given, folder / "out")) == ["a"]


@pytest.mark.parametrize("given", [["."], ["one", "two"], ["two/a.nii.gz", "one/a.nii", "."]])
def test_scans_of_one_name_are_told_apart_by_their_folders(make, given):
    folder = make("one/a.nii", "two/a.nii.gz", "two/b.nii")
    paths = [folder / path for path in given]
    names = ["b", "one-a", "two-a"]
    assert list_names(find_scans(paths, folder / "out")) == names


def test_folders_are_named_as_far_as_they_differ(make, monkeypatch):
    folder = make("set/p1/first/ct.nii", "set/p1/second/ct.nii", "set/p2/first/ct.nii")
    monkeypatch.chdir(folder)
    names = ["p1-first-ct", "p1-second-ct", "p2-first-ct"]
    assert list_names(find_scans([Path("set")], folder / "out")) == names


@pytest.mark.parametrize("given", [["."], ["x", "y"], ["y/p2", "x", "y/p1/ct.nii"]])
def test_folders_of_folders_are_each_named_once_whatever_is_given(make, given):
    folder = make("x/p1/ct.nii", "x/p2/ct.nii", "y/p1/ct.nii", "y/p2/ct.nii")
    paths = [folder / path for path in given]
    names = ["x-p1-ct", "x-p2-ct", "y-p1-ct", "y-p2-ct"]
    assert list_names(find_scans(paths, folder / "out")) == names


def test_a_link_and_its_file_are_two_names_of_two_scans(make):
    folder = make("a.nii")
    (folder / "link.nii").symlink_to("a.nii")
    assert list_names(find_scans([folder], folder / "out")) == ["a", "link"]


def test_both_acquisitions_of_one_file_are_scans(tmp_path):
    numbers = [7, 7, 9, 9]
    hu = np.zeros((4, 3, 3), np.int16)
    (tmp_path / "ct").mkdir()
    write_enhanced(tmp_path / "ct/a.dcm", hu, [0, 2, 0, 2], FrameAcquisitionNumber=numbers)
    names = ["ct-acquisition-7", "ct-acquisition-9"]
    assert list_names(find_scans([tmp_path / "ct"], tmp_path / "out")) == names


def test_series_of_one_name_are_told_apart_by_their_folders(tmp_path):
    hu = np.zeros((4, 4, 2), np.int16)
    for patient in ("p1", "p2"):
        write_dicom(tmp_path / patient / "ct", hu)
    given = [tmp_path / "p1", tmp_path / "p2"]
    assert list_names(find_scans(given, tmp_path / "out")) == ["p1-ct", "p2-ct"]


@pytest.mark.parametrize(
    "names",
    [
        ("one/a.nii", "one/a.nii.gz"),
        ("a/b/ct.nii", "a-b/ct.nii"),
        ("p1/ct.nii", "p2/ct.nii", "p1-ct.nii"),
    ],
)
def test_two_scans_of_one_name_are_refused_where_folders_do_not_tell(make, names):
    folder = make(*names)
    with pytest.raises(DataError, match=r"scan [\w-]+: expected one scan a name.* and ") as caught:
        find_scans([folder], folder / "out")
    assert all(name in str(caught.value) for name in (names[0], names[-1]))


def test_a_name_with_special_characters_is_quoted(make):
    folder = make("patient 1 %.nii")
    assert list_names(find_scans([folder], folder / "out")) == ["patient%201%20%25"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.nii", "no such file or folder"),
        ("notes.txt", "another kind of file"),
        ("masks", "1 files that are masks"),
        ("empty", "1 other files"),
    ],
)
def test_what_holds_no_scan_is_an_error(make, name, message):
    folder = make("notes.txt", "masks/segmentation-1.nii", "empty/notes.txt")
    with pytest.raises(DataError, match=message):
        find_scans([folder / name], folder / "out")


@pytest.mark.parametrize("target", ["link.nii", "gone.nii"])
def test_a_link_to_itself_or_to_nothing_leaves_the_other_scans_of_a_folder(make, target):
    folder = make("a.nii", "b.nii.gz")
    (folder / "link.nii").symlink_to(target)
    assert list_names(find_scans([folder], folder / "out")) == ["a", "b", "link"]
    assert list_names(find_scans([folder / "link.nii"], folder / "out")) == ["link"]


@pytest.mark.parametrize("stem", ["a" * 201, "肝" * 23, os.fsdecode(b"\xe9" * 67)])
def test_a_name_too_long_for_the_folder_of_its_results_is_refused_at_once(make, stem):
    with pytest.raises(DataError, match=r"a name of at most 200 bytes .* 20[17] bytes\. Rename it"):
        find_scans([make("b.nii", f"{stem}.nii.gz")], make() / "out")
