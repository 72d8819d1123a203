"""The NIfTI files below a root, and what is said where there are none."""

from pathlib import Path, PurePosixPath

import pytest

from liverseg.cases.finding import find_nifti_files
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


def test_a_missing_relative_root_explains_queued_experiments(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"data/lits: .*no such folder.*queued experiment.*dvc add"):
        find_nifti_files(Path("data/lits"))


def test_a_missing_absolute_root_does_not(tmp_path):
    with pytest.raises(DataError, match="no such folder") as error:
        find_nifti_files(tmp_path / "lits")
    assert "queued" not in str(error.value)


def test_a_file_as_root_is_an_error(tmp_path):
    touch(tmp_path, "volume-0.nii")
    with pytest.raises(DataError, match="Received: a file"):
        find_nifti_files(tmp_path / "volume-0.nii")
