"""Files that are not as they should be, and are read in spite of it, with a note."""

import gzip
import os
import socket
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.volumes.nifti import read_grid, read_labels, read_scan, write_labels
from liverseg.volumes.placement import read_placement
from tests.bounds import bounded

AFFINE = np.diag([-0.5, -0.75, 2, 1])


def build_bytes(data: np.ndarray, affine: np.ndarray = AFFINE) -> bytes:
    return nib.Nifti1Image(data, affine).to_bytes()


def count_up(dtype: type = np.int16) -> np.ndarray:
    return np.arange(24).reshape(2, 3, 4).astype(dtype)


def test_a_plain_file_named_as_a_compressed_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(build_bytes(count_up()))
    scan = read_scan(path)
    assert np.array_equal(scan.data, count_up())
    assert scan.notes == ("scan.nii.gz is not compressed, unlike its name says",)


def test_a_compressed_file_named_as_a_plain_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.nii"
    path.write_bytes(gzip.compress(build_bytes(count_up())))
    scan = read_scan(path)
    assert np.array_equal(scan.data, count_up())
    assert scan.notes == ("scan.nii is compressed, unlike its name says",)


def test_files_as_they_should_be_have_no_notes(tmp_path: Path) -> None:
    (tmp_path / "scan.nii").write_bytes(build_bytes(count_up()))
    (tmp_path / "scan.nii.gz").write_bytes(gzip.compress(build_bytes(count_up())))
    assert read_scan(tmp_path / "scan.nii").notes == ()
    assert read_scan(tmp_path / "scan.nii.gz").notes == ()


@pytest.mark.parametrize("text", [b"<html>Sorry</html>", b"\n", b"x" * 100_000])
def test_text_behind_the_compressed_data_is_left_alone(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "scan.nii.gz"
    path.write_bytes(gzip.compress(build_bytes(count_up())) + text)
    scan = read_scan(path)
    assert np.array_equal(scan.data, count_up())
    assert scan.notes == ("something that is no gzip follows the compressed data; it is not read",)


def test_many_members_take_time_by_their_bytes(tmp_path: Path) -> None:
    path, content = tmp_path / "scan.nii.gz", build_bytes(count_up())
    members = [gzip.compress(content[place : place + 1]) for place in range(len(content))]
    path.write_bytes(b"".join(members) + gzip.compress(b"") * 60_000)
    with bounded(10, 256):
        scan = read_scan(path)
    assert np.array_equal(scan.data, count_up())


def test_text_behind_compressed_data_whose_checksum_is_wrong_saves_nothing(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(build_bytes(count_up())))
    content[-8] ^= 1  # of the CRC
    (tmp_path / "scan.nii.gz").write_bytes(bytes(content) + b"text")
    with pytest.raises(DataError, match="CRC"):
        read_scan(tmp_path / "scan.nii.gz")


def test_nan_around_a_round_field_of_view_is_air(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.arange(9) - 4, np.arange(9) - 4, indexing="ij")
    data = np.full((9, 9, 5), 40, np.float32)
    data[x**2 + y**2 > 16] = np.nan
    path = tmp_path / "scan.nii"
    path.write_bytes(build_bytes(data))
    scan = read_scan(path)
    assert np.array_equal(scan.data, np.where(np.isnan(data), -1000, data))
    assert scan.notes == ("NaN outside the field of view is read as air",)


@pytest.mark.parametrize(
    "hole", [np.s_[4, 4, 2], np.s_[:, :, 2], np.s_[3:6, 4, :], np.s_[:, 3, :], np.s_[:, :, :]]
)
def test_nan_within_the_body_is_refused(tmp_path: Path, hole: tuple[slice, ...]) -> None:
    """A voxel, a slice between slices, a column; and a scan of nothing else."""
    data = np.full((9, 9, 5), 40, np.float32)
    data[hole] = np.nan
    (tmp_path / "scan.nii").write_bytes(build_bytes(data))
    with pytest.raises(DataError, match="NaN or infinity in plane k="):
        read_scan(tmp_path / "scan.nii")


@pytest.mark.parametrize("number", [np.nan, np.inf, 0])
def test_an_sform_of_no_use_beside_a_good_qform_gives_way_to_it(
    tmp_path: Path, number: float
) -> None:
    image = nib.Nifti1Image(count_up(), AFFINE)
    image.set_qform(AFFINE, code=1)
    header = image.header.copy()
    header["srow_x"] = number
    header["vox_offset"] = 352
    path = tmp_path / "scan.nii"
    path.write_bytes(header.binaryblock + bytes(4) + count_up().tobytes("F"))
    scan = read_scan(path)
    np.testing.assert_allclose(scan.grid.affine, AFFINE)
    assert scan.notes == ("the sform places no voxels; the qform is used",)
    write_labels(tmp_path / "labels.nii", np.ones((2, 3, 4), np.uint8), path)
    np.testing.assert_allclose(read_grid(tmp_path / "labels.nii").affine, AFFINE)


@pytest.mark.parametrize(("unit", "factor"), [("meter", 1000), ("micron", 0.001), ("mm", 1)])
def test_lengths_are_brought_to_millimetres(tmp_path: Path, unit: str, factor: float) -> None:
    in_unit = np.diag([*(AFFINE.diagonal()[:3] / factor), 1])
    image = nib.Nifti1Image(count_up(), in_unit)
    image.header.set_xyzt_units(unit)
    path = tmp_path / "scan.nii"
    nib.save(image, path)
    scan = read_scan(path)
    np.testing.assert_allclose(scan.grid.affine, AFFINE, rtol=1e-6)
    assert len(scan.notes) == (unit != "mm")
    write_labels(tmp_path / "labels.nii", np.ones((2, 3, 4), np.uint8), path)
    written = nib.load(tmp_path / "labels.nii")
    assert written.header.get_xyzt_units()[0] == unit
    np.testing.assert_array_equal(written.affine, nib.load(path).affine)
    np.testing.assert_array_equal(read_grid(tmp_path / "labels.nii").affine, scan.grid.affine)


@pytest.mark.parametrize("unit", ["meter", "micron", "mm"])
def test_two_forms_that_agree_do_so_in_every_unit(tmp_path: Path, unit: str) -> None:
    image = nib.Nifti1Image(count_up(), AFFINE)
    image.set_qform(AFFINE, code=1)
    image.header.set_xyzt_units(unit)
    nib.save(image, tmp_path / "scan.nii")
    assert read_placement(tmp_path / "scan.nii").forms_agree
    image.set_qform(np.diag([1, 1, 2, 1]) @ AFFINE, code=1)
    nib.save(image, tmp_path / "scan.nii")
    assert not read_placement(tmp_path / "scan.nii").forms_agree


@pytest.mark.parametrize("off", [1e-5, -1e-5, 9e-4])
def test_labels_that_are_nearly_whole_are_whole(tmp_path: Path, off: float) -> None:
    data = np.array([0, 1, 2, 1], np.float32).reshape(2, 2, 1) + np.float32(off)
    (tmp_path / "mask.nii").write_bytes(build_bytes(data))
    assert read_labels(tmp_path / "mask.nii").data.ravel().tolist() == [0, 1, 2, 1]


def test_a_slope_of_a_hundredth_brings_hundreds_to_labels(tmp_path: Path) -> None:
    stored = np.array([0, 100, 200, 100], np.int16).reshape(2, 2, 1)
    image = nib.Nifti1Image(stored, AFFINE)
    image.header.set_slope_inter(0.01, 0)
    nib.save(image, tmp_path / "mask.nii")
    content = bytearray((tmp_path / "mask.nii").read_bytes())
    content[352:] = stored.tobytes("F")  # nibabel scales what it is given
    (tmp_path / "mask.nii").write_bytes(content)
    assert read_labels(tmp_path / "mask.nii").data.ravel().tolist() == [0, 1, 2, 1]


def test_a_label_map_finds_values_that_are_nearly_whole(tmp_path: Path) -> None:
    data = np.array([0, 127.00001, 254.99999, 0], np.float32).reshape(2, 2, 1)
    (tmp_path / "mask.nii").write_bytes(build_bytes(data))
    labels = read_labels(tmp_path / "mask.nii", {127: 1, 255: 2})
    assert labels.data.ravel().tolist() == [0, 1, 2, 0]


def test_a_label_further_off_is_shown_with_its_digits(tmp_path: Path) -> None:
    data = np.array([0, 1, 2, 1.00201], np.float32).reshape(2, 2, 1)
    (tmp_path / "mask.nii").write_bytes(build_bytes(data))
    with pytest.raises(DataError, match=r"Received: 1\.00201\."):
        read_labels(tmp_path / "mask.nii")


def test_a_large_value_that_is_nearly_mapped_is_shown_with_its_digits(tmp_path: Path) -> None:
    data = np.array([0, 65535, 65535.00390625], np.float32).reshape(1, 1, 3)
    (tmp_path / "mask.nii").write_bytes(build_bytes(data))
    with pytest.raises(DataError, match=r"Received: 65535\.003906\."):
        read_labels(tmp_path / "mask.nii", {65535: 2})


def test_nan_in_several_slices_of_a_mask_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "mask.nii").write_bytes(build_bytes(np.full((2, 2, 3), np.nan, np.float32)))
    with pytest.raises(DataError, match=r"Received: nan\."):
        read_labels(tmp_path / "mask.nii")


@pytest.mark.parametrize("intercept", [3e38, 1e300])
def test_labels_beyond_what_their_type_holds_are_refused(tmp_path: Path, intercept: float) -> None:
    header = nib.Nifti2Header()
    header.set_data_shape((2, 2, 3))
    header.set_data_dtype(np.float32)
    header["sform_code"], header["vox_offset"] = 1, header.single_vox_offset
    header["srow_x"][0] = header["srow_y"][1] = header["srow_z"][2] = 1
    header["scl_slope"], header["scl_inter"] = intercept, intercept
    content = header.binaryblock + bytes(4) + np.full(12, 9, np.float32).tobytes()
    (tmp_path / "mask.nii").write_bytes(content)
    with pytest.raises(DataError, match="expected a mask of whole values"):
        read_labels(tmp_path / "mask.nii")


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz", "scan.hdr", "scan.img"])
def test_a_named_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with bounded(10, 16), pytest.raises(DataError, match=r"a named pipe, no regular file|no such"):
        read_scan(tmp_path / name)


def test_a_device_is_no_scan(tmp_path: Path) -> None:
    (tmp_path / "scan.nii").symlink_to("/dev/zero")
    with bounded(10, 16), pytest.raises(DataError, match="a device, no regular file"):
        read_scan(tmp_path / "scan.nii")


def test_a_socket_is_no_scan(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "scan.nii"))
        with bounded(10, 16), pytest.raises(DataError, match="a socket, no regular file"):
            read_scan(tmp_path / "scan.nii")
