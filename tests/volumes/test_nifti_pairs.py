"""Pairs of .hdr and .img: NIfTI's are read like single files, Analyze's are refused."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from nibabel.nifti2 import Nifti2Pair

from liverseg.errors import DataError
from liverseg.volumes.nifti import read_grid, read_labels, read_scan, write_labels

AFFINE = np.array([[0, -0.5, 0, 10], [0, 0, 2, 20], [-0.75, 0, 0, 30], [0, 0, 0, 1]])
VOXELS = np.arange(24).reshape(2, 3, 4).astype(np.int16) - 1000


def write_pair(path: Path, kind=nib.Nifti1Pair) -> Path:
    nib.save(kind(VOXELS, AFFINE), path)
    return path


@pytest.mark.parametrize("kind", [nib.Nifti1Pair, Nifti2Pair])
@pytest.mark.parametrize("written", ["scan.hdr", "scan.img.gz"])
@pytest.mark.parametrize("named", ["hdr", "img"])
def test_either_file_names_the_pair(tmp_path, kind, written, named):
    path = write_pair(tmp_path / written, kind)
    suffix = ".gz" if path.suffix == ".gz" else ""
    scan = read_scan(tmp_path / f"scan.{named}{suffix}")
    assert np.array_equal(scan.data, VOXELS)
    assert np.array_equal(scan.grid.affine, AFFINE)


@pytest.mark.parametrize("named", ["SCAN.HDR", "SCAN.IMG"])
def test_a_pair_may_be_named_in_capitals(tmp_path, named):
    path = write_pair(tmp_path / "scan.hdr")
    for suffix in (".hdr", ".img"):
        path.with_suffix(suffix).rename(tmp_path / f"SCAN{suffix.upper()}")
    assert np.array_equal(read_scan(tmp_path / named).data, VOXELS)


@pytest.mark.parametrize(("kind", "single"), [("1", nib.Nifti1Image), ("2", nib.Nifti2Image)])
def test_labels_for_a_pair_are_one_file_on_its_grid(tmp_path, kind, single):
    pair = write_pair(tmp_path / "scan.hdr", {"1": nib.Nifti1Pair, "2": Nifti2Pair}[kind])
    path = tmp_path / "labels.nii.gz"
    write_labels(path, np.ones(VOXELS.shape, np.uint8), pair)
    assert type(nib.load(path)) is single
    assert (read_labels(path).data == 1).all()
    assert read_grid(path).matches(read_grid(pair))


@pytest.mark.parametrize("kind", [nib.AnalyzeImage, nib.Spm99AnalyzeImage])
def test_analyze_without_orientation_is_refused_by_name(tmp_path, kind):
    path = tmp_path / "scan.hdr"
    nib.save(kind(VOXELS, np.diag([-1, 1, 1, 1])), path)
    with pytest.raises(DataError, match=r"scan\.hdr.*Analyze 7\.5.*which side is left"):
        read_scan(path)


def test_a_missing_half_is_named(tmp_path):
    path = write_pair(tmp_path / "scan.hdr")
    path.with_suffix(".img").unlink()
    with pytest.raises(DataError, match=r"scan\.img.*no such file"):
        read_scan(path)
    write_pair(path).unlink()
    with pytest.raises(DataError, match=r"scan\.hdr.*no such file"):
        read_scan(path.with_suffix(".img"))


def test_voxels_that_are_cut_off_are_refused(tmp_path):
    path = write_pair(tmp_path / "scan.hdr").with_suffix(".img")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"scan\.img: expected the 48 bytes.*Received: 47 bytes"):
        read_grid(path)


def test_half_of_a_pair_is_no_single_file_and_the_reverse(tmp_path):
    write_pair(tmp_path / "scan.hdr").rename(tmp_path / "scan.nii")
    with pytest.raises(DataError, match=r"scan\.nii.*the header of a pair"):
        read_scan(tmp_path / "scan.nii")
    nib.save(nib.Nifti1Image(VOXELS, AFFINE), tmp_path / "single.nii")
    (tmp_path / "single.nii").rename(tmp_path / "single.hdr")
    with pytest.raises(DataError, match=r"single\.hdr.*the header of a single file"):
        read_scan(tmp_path / "single.hdr")
