"""The NIfTI files below a root, and what is said where there are none."""

import os
from pathlib import PurePosixPath

import pytest

from liverseg.cases.finding import check_links, find_nifti_files
from liverseg.errors import DataError


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_hidden_files_and_other_files_are_left_out(tmp_path):
    touch(tmp_path, "b/2.nii", "a/1.nii.gz", "a/._1.nii.gz", ".cache/3.nii", "dataset.json")
    assert find_nifti_files(tmp_path) == (PurePosixPath("a/1.nii.gz"), PurePosixPath("b/2.nii"))


def test_linked_folders_are_followed_and_loops_end(tmp_path):
    touch(tmp_path, "disk/1.nii", "root/2.nii")
    (tmp_path / "root" / "part").symlink_to(tmp_path / "disk")
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root")
    found = find_nifti_files(tmp_path / "root")
    assert found == (PurePosixPath("2.nii"), PurePosixPath("part/1.nii"))


def test_an_empty_root_is_an_error(tmp_path):
    with pytest.raises(DataError, match=r"an empty folder. Put the data set there"):
        find_nifti_files(tmp_path)


def test_a_root_without_nifti_files_is_an_error_that_counts_the_others(tmp_path):
    touch(tmp_path, "1.dcm", "2.dcm")
    with pytest.raises(DataError, match="2 other files"):
        find_nifti_files(tmp_path)


def test_a_missing_root_is_an_error_that_speaks_of_no_params(tmp_path):
    with pytest.raises(DataError, match=r"lits: .*no such folder\. Name the folder") as error:
        find_nifti_files(tmp_path / "lits")
    assert "data.root" not in str(error.value)


def test_a_file_as_root_is_an_error(tmp_path):
    touch(tmp_path, "volume-0.nii")
    with pytest.raises(DataError, match="Received: a file"):
        find_nifti_files(tmp_path / "volume-0.nii")


def test_a_pair_is_found_by_its_header(tmp_path):
    touch(tmp_path, "1.hdr", "1.img", "2.hdr.gz", "2.img.gz", "3.img")
    assert find_nifti_files(tmp_path) == (PurePosixPath("1.hdr"), PurePosixPath("2.hdr.gz"))


def test_suffixes_may_be_capitals(tmp_path):
    touch(tmp_path, "a.NII", "b.Nii.GZ", "c.HDR", "c.IMG")
    assert [str(file) for file in find_nifti_files(tmp_path)] == ["a.NII", "b.Nii.GZ", "c.HDR"]


def test_a_folder_that_is_named_like_a_scan_is_looked_into(tmp_path):
    touch(tmp_path, "volume-0.nii/volume-0.nii")  # as Kaggle unpacks it
    assert find_nifti_files(tmp_path) == (PurePosixPath("volume-0.nii/volume-0.nii"),)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads folders whatever their permissions")
def test_a_folder_that_cannot_be_read_is_an_error(tmp_path):
    touch(tmp_path, "1.nii", "locked/2.nii")
    (tmp_path / "locked").chmod(0)
    try:
        with pytest.raises(DataError, match=r"locked: expected a folder that can be read"):
            find_nifti_files(tmp_path)
    finally:
        (tmp_path / "locked").chmod(0o700)


def test_a_link_that_stays_within_the_root_is_no_finding(tmp_path):
    touch(tmp_path, "root/disk/1.nii")
    (tmp_path / "root" / "part").symlink_to(tmp_path / "root" / "disk")
    (tmp_path / "link").symlink_to(tmp_path / "root")
    assert check_links(tmp_path / "root", PurePosixPath("part/1.nii")) is None
    assert check_links(tmp_path / "link", PurePosixPath("disk/1.nii")) is None


def test_a_linked_folder_outside_the_root_is_a_warning_since_dvc_does_not_look_into_it(tmp_path):
    touch(tmp_path, "root/2.nii", "root2/1.nii")
    (tmp_path / "root" / "part").symlink_to(tmp_path / "root2")
    finding = check_links(tmp_path / "root", PurePosixPath("part/1.nii"))
    assert finding is not None
    assert finding.level == "warning"
    assert finding.reason.startswith("part is a link to a folder outside data.root")
    assert check_links(tmp_path / "root", PurePosixPath("2.nii")) is None


@pytest.mark.parametrize("target", ["../disk/1.nii", "../absent", "1.nii"])
def test_a_linked_file_outside_the_root_is_a_warning_and_a_loop_is_none(tmp_path, target):
    touch(tmp_path, "disk/1.nii", "root/2.nii")
    (tmp_path / "root" / "1.nii").symlink_to(target)
    finding = check_links(tmp_path / "root", PurePosixPath("1.nii"))
    if target == "1.nii":  # to itself; whoever opens it says so
        assert finding is None
    else:
        assert finding is not None
        assert finding.reason.startswith("1.nii is a link to a file outside data.root")
