"""No header is believed: what it promises must fit in its file and in memory."""

import gzip
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.volumes.compression import TRAILING_BYTES
from liverseg.volumes.nifti import read_grid, read_scan
from tests.bounds import bounded

SECONDS, MEBIBYTES = 10, 10
HUGE = (30000, 30000, 30000)


def write_header(path: Path, shape, dtype=np.int16, following: bytes = b"") -> Path:
    """A single-file NIfTI header, whatever it promises, and some bytes behind it."""
    header = nib.Nifti1Header()
    header.set_data_shape(shape)
    header.set_data_dtype(dtype)
    header["vox_offset"] = 352
    header["sform_code"] = 1
    header["srow_x"][0] = header["srow_y"][1] = header["srow_z"][2] = 1
    content = header.binaryblock + bytes(4) + following
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
def test_a_header_that_promises_more_than_its_file_can_hold_is_refused(tmp_path, name):
    path = write_header(tmp_path / name, HUGE)
    # 352 + 2 * 30000^3 bytes
    with (
        bounded(SECONDS, MEBIBYTES),
        pytest.raises(DataError, match=r"expected the 54000000000352 bytes that its header"),
    ):
        read_grid(path)


def test_an_uncompressed_file_holds_its_size_and_no_byte_more(tmp_path):
    assert read_grid(write_header(tmp_path / "a.nii", (2, 3, 4), following=bytes(48)))
    with pytest.raises(DataError, match=r"the 400 bytes.*Received: 399 bytes\. Fetch"):
        read_grid(write_header(tmp_path / "b.nii", (2, 3, 4), following=bytes(47)))


def test_zeros_compressed_as_tightly_as_gzip_can_are_read(tmp_path):
    size = 2**24
    path = write_header(tmp_path / "a.nii.gz", (256, 256, 256), np.uint8, bytes(size))
    assert size / path.stat().st_size > 1000  # near the limit of 1032
    assert not read_scan(path).data.any()


def test_a_volume_that_does_not_fit_in_memory_is_refused_by_name(tmp_path):
    path = write_header(tmp_path / "scan.nii", (32000, 32000, 1000))
    os.truncate(path, 352 + 2 * 32000 * 32000 * 1000)  # 2 TB of holes, which take no space
    assert read_grid(path).shape == (32000, 32000, 1000)
    # 2 bytes a voxel as stored and 4 as read
    with pytest.raises(DataError, match=r"GB of free memory.*1000 voxels, which take 6144\.0 GB"):
        read_scan(path)


def test_a_gzip_bomb_behind_the_voxels_is_not_unpacked(tmp_path):
    little, much = bytes(48 + TRAILING_BYTES - 1), bytes(48 + 2**26)
    path = write_header(tmp_path / "a.nii.gz", (2, 3, 4), following=little)
    assert not read_scan(path).data.any()
    write_header(path, (2, 3, 4), following=much)
    with (
        bounded(SECONDS, MEBIBYTES),
        pytest.raises(DataError, match="1048576 bytes after the last voxel"),
    ):
        read_scan(path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "scan.nii")
    with pytest.raises(DataError, match="no regular file"):
        read_scan(tmp_path / "scan.nii")


def test_a_folder_and_a_dangling_link_are_refused_by_name(tmp_path):
    (tmp_path / "scan.nii.gz").mkdir()
    (tmp_path / "link.nii").symlink_to(tmp_path / "absent")
    with pytest.raises(DataError, match=r"scan\.nii\.gz.*Received: a folder"):
        read_scan(tmp_path / "scan.nii.gz")
    with pytest.raises(DataError, match=r"link\.nii.*a link to a file that is not there"):
        read_scan(tmp_path / "link.nii")
