import gzip
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.volumes.nifti import (
    read_dtype,
    read_grid,
    read_labels,
    read_scan,
    write_labels,
    write_probability,
)

AFFINE = np.array([[-0.5, 0, 0, 10], [0, -0.75, 0, 20], [0, 0, 2, 30], [0, 0, 0, 1]])


def write_image(path: Path, data, slope=1.0, intercept=0.0, kind=nib.Nifti1Image, **header):
    """A NIfTI file whose stored voxels are ``data`` and nothing else."""
    data = np.asarray(data)
    image = kind(data, AFFINE, header.get("header"), dtype=data.dtype)
    image.header.set_slope_inter(slope, intercept)
    nib.save(image, path)
    return path


def count_up(dtype, shape=(2, 3, 4)):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
def test_int16_stays_int16(tmp_path, suffix, kind):
    path = write_image(tmp_path / f"scan{suffix}", count_up(np.int16) - 1000, kind=kind)
    scan = read_scan(path)
    assert scan.data.dtype == np.int16
    assert np.array_equal(scan.data, count_up(np.int16) - 1000)
    assert np.array_equal(scan.grid.affine, AFFINE)
    assert scan.grid.shape == (2, 3, 4)


def test_unsigned_voxels_with_an_intercept_of_minus_1024_become_int16(tmp_path):
    path = write_image(tmp_path / "scan.nii", np.full((2, 2, 2), 1064, np.uint16), 1, -1024)
    scan = read_scan(path)
    assert scan.data.dtype == np.int16
    assert (scan.data == 40).all()


def test_a_slope_that_leads_past_the_range_of_int16_makes_float32(tmp_path):
    path = write_image(tmp_path / "scan.nii", np.full((2, 2, 2), 20000, np.int16), 2, 0)
    scan = read_scan(path)
    assert scan.data.dtype == np.float32
    assert (scan.data == 40000).all()


def test_a_fractional_slope_makes_float32(tmp_path):
    path = write_image(tmp_path / "scan.nii.gz", np.full((2, 2, 2), 3, np.uint8), 0.5, -1000)
    scan = read_scan(path)
    assert scan.data.dtype == np.float32
    assert (scan.data == -998.5).all()


def test_float64_becomes_float32(tmp_path):
    scan = read_scan(write_image(tmp_path / "scan.nii", count_up(np.float64) + 0.25))
    assert scan.data.dtype == np.float32
    assert np.array_equal(scan.data, count_up(np.float32) + 0.25)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_either_byte_order_is_read(tmp_path, suffix):
    header = nib.Nifti1Header(endianness=">")
    data = count_up(np.dtype(">i2"))
    path = write_image(tmp_path / f"scan{suffix}", data, header=header)
    scan = read_scan(path)
    assert scan.data.dtype == np.dtype("=i2")
    assert np.array_equal(scan.data, data)
    assert read_dtype(path) == "int16"


def test_a_fourth_axis_of_one_frame_is_dropped(tmp_path):
    path = write_image(tmp_path / "scan.nii.gz", count_up(np.int16, (2, 3, 4, 1)))
    assert read_scan(path).data.shape == read_grid(path).shape == (2, 3, 4)


def test_header_readers_look_at_no_voxel(tmp_path):
    noise = np.random.default_rng(1).integers(-1000, 1000, (16, 16, 16)).astype(np.int32)
    path = write_image(tmp_path / "scan.nii.gz", noise)
    path.write_bytes(path.read_bytes()[:1000])
    assert read_grid(path).shape == (16, 16, 16)
    assert read_dtype(path) == "int32"


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_voxel_that_is_no_finite_number_is_refused(tmp_path, value):
    data = count_up(np.float64)
    data[1, 1, 2] = value
    path = write_image(tmp_path / "scan.nii.gz", data)
    with pytest.raises(DataError, match=re.escape("scan.nii.gz") + ".*NaN or infinity.* k=2"):
        read_scan(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"absent\.nii\.gz.*no such file"):
        read_scan(tmp_path / "absent.nii.gz")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\0" * 1000, gzip.compress(b"\0" * 1000, mtime=0)]
)
@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
def test_a_file_that_is_no_nifti_is_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(name)):
        read_scan(path)


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path, name, kept):
    noise = np.random.default_rng(1).integers(-1000, 1000, (16, 16, 16)).astype(np.int16)
    path = write_image(tmp_path / name, noise)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match=re.escape(name)):
        read_scan(path)


def test_a_gzip_file_cut_within_its_checksum_is_refused(tmp_path):
    path = write_image(tmp_path / "scan.nii.gz", count_up(np.int16))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(DataError, match="undamaged"):
        read_scan(path)


def test_a_gzip_file_with_a_wrong_checksum_is_refused(tmp_path):
    path = write_image(tmp_path / "mask.nii.gz", np.zeros((64, 64, 64), np.uint8))
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="CRC"):
        read_labels(path)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (np.zeros((2, 3, 4, 2), np.int16), r"three-dimensional.*\(2, 3, 4, 2\)"),
        (np.zeros((2, 3), np.int16), "three-dimensional"),
        (np.zeros((2, 3, 4), np.complex64), "one number a voxel.*complex"),
        (np.zeros((2, 3, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")]), "one number a voxel"),
    ],
)
def test_what_is_not_one_scalar_volume_is_refused(tmp_path, data, problem):
    path = write_image(tmp_path / "scan.nii.gz", data)
    for read in (read_scan, read_labels, read_grid, read_dtype):
        with pytest.raises(DataError, match=problem):
            read(path)


@pytest.mark.parametrize("num_axes", [-1, 0, 8, 32767])
def test_a_number_of_axes_that_nifti_does_not_know_is_refused(tmp_path, num_axes):
    path = write_image(tmp_path / "scan.nii", count_up(np.int16))
    content = bytearray(path.read_bytes())
    content[40:42] = np.int16(num_axes).tobytes()  # dim[0]
    path.write_bytes(content)
    with pytest.raises(DataError, match="a number of axes that is not 1 to 7"):
        read_grid(path)


def test_what_is_mended_in_a_header_is_a_note_that_names_the_file(tmp_path, caplog):
    path = write_image(tmp_path / "scan.nii", count_up(np.int16))
    content = bytearray(path.read_bytes())
    content[76:80] = np.float32(0).tobytes()  # pixdim[0], as in LiTS
    path.write_bytes(content)
    with caplog.at_level("INFO"):
        read_grid(path)
    assert caplog.messages == [
        f"{path}: pixdim[0] (qfac) should be 1 (default) or -1; setting qfac to 1"
    ]
    assert caplog.records[0].name == "liverseg.volumes.nifti_header"


@pytest.mark.parametrize("offset", [0, 16, 348])
def test_voxels_that_begin_inside_the_header_are_refused(tmp_path, offset):
    path = write_image(tmp_path / "scan.nii", count_up(np.int16))
    content = bytearray(path.read_bytes())
    content[108:112] = np.float32(offset).tobytes()  # vox_offset
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"scan\.nii.*{offset}"):
        read_scan(path)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_an_affine_that_cannot_be_inverted_is_refused(tmp_path, value):
    path = write_image(tmp_path / "scan.nii", count_up(np.int16))
    image = nib.load(path)
    image.header["srow_z"] = value
    with path.open("r+b") as file:
        image.header.write_to(file)
    with pytest.raises(DataError, match="invertible affine"):
        read_scan(path)


def test_another_image_format_is_refused(tmp_path):
    path = tmp_path / "scan.mgz"
    nib.save(nib.MGHImage(count_up(np.int16), AFFINE), path)
    with pytest.raises(DataError, match=r"NIfTI file.*Received: no NIfTI header"):
        read_scan(path)


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int8, np.int16, np.uint16, np.int32, np.float32, np.float64]
)
def test_labels_are_uint8_whatever_they_are_stored_as(tmp_path, dtype):
    path = write_image(tmp_path / "mask.nii.gz", (count_up(np.uint8) % 3).astype(dtype))
    labels = read_labels(path)
    assert labels.data.dtype == np.uint8
    assert np.array_equal(labels.data, count_up(np.uint8) % 3)


def test_labels_are_scaled_before_they_are_looked_at(tmp_path):
    path = write_image(tmp_path / "mask.nii", np.full((2, 2, 2), 200, np.uint8), 0.5, -98)
    assert (read_labels(path).data == 2).all()


@pytest.mark.parametrize("value", [3, 255, 257, -1, 0.5, 1.998, np.nan, np.inf])
def test_anything_but_a_whole_0_1_or_2_is_refused_as_a_label(tmp_path, value):
    data = np.ones((2, 3, 4), np.float32)
    data[0, 0, 3] = value
    path = write_image(tmp_path / "mask.nii", data)
    with pytest.raises(DataError, match=f"Received: {re.escape(f'{value:.7g}')}\\.") as error:
        read_labels(path)
    assert "data." not in error.value.next_step  # params are the pipeline's alone


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_labels_written_twice_are_equal_to_the_byte(tmp_path, suffix):
    scan = write_image(tmp_path / "scan.nii", count_up(np.int16))
    labels = count_up(np.uint8) % 3
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    write_labels(first, labels, scan)
    write_labels(second, np.asfortranarray(labels), scan)
    assert first.read_bytes() == second.read_bytes()
    assert np.array_equal(read_labels(first).data, labels)
    assert nib.load(first).get_data_dtype() == np.uint8


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("endianness", ["<", ">"])
def test_written_labels_have_both_forms_of_the_scan_to_the_bit(tmp_path, kind, endianness):
    oblique = nib.affines.from_matvec(
        nib.eulerangles.euler2mat(0.3, 0.2, 0.1) @ np.diag([0.7, 0.7, 2.5]), (1, 2, 3)
    )
    sheared = AFFINE.copy()
    sheared[1, 2] = 0.3
    scan = kind(count_up(np.int16), sheared, kind.header_class(endianness=endianness))
    scan.set_qform(oblique, code=1)
    scan.set_sform(sheared, code=2)
    scan.header["descrip"] = b"name of the patient"
    nib.save(scan, tmp_path / "scan.nii.gz")
    write_labels(tmp_path / "labels.nii.gz", count_up(np.uint8), tmp_path / "scan.nii.gz")
    expected, written = (nib.load(tmp_path / f"{name}.nii.gz") for name in ("scan", "labels"))
    assert type(written) is type(expected)
    assert np.array_equal(written.affine, expected.affine)
    assert np.array_equal(written.get_qform(), expected.get_qform())
    assert (int(written.header["qform_code"]), int(written.header["sform_code"])) == (1, 2)
    assert written.header.get_xyzt_units() == expected.header.get_xyzt_units()
    assert not written.header["descrip"].item()


@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
def test_a_probability_is_stored_in_a_byte_and_read_as_0_to_1(tmp_path, kind):
    nib.save(kind(count_up(np.int16), AFFINE), tmp_path / "scan.nii")
    values = count_up(np.uint8)
    values[0, 0, :2] = 0, 255
    write_probability(tmp_path / "probability.nii.gz", values, tmp_path / "scan.nii")
    written = nib.load(tmp_path / "probability.nii.gz")
    assert written.get_data_dtype() == np.uint8
    assert np.array_equal(written.dataobj.get_unscaled(), values)
    np.testing.assert_allclose(np.asarray(written.dataobj), values / 255, atol=1e-7)
    assert np.array_equal(written.affine, AFFINE)


def test_labels_of_another_shape_are_not_written(tmp_path):
    scan = write_image(tmp_path / "scan.nii", count_up(np.int16))
    with pytest.raises(DataError, match=r"labels\.nii.*\(2, 3, 4\).*\(2, 3, 5\)"):
        write_labels(tmp_path / "labels.nii", np.zeros((2, 3, 5), np.uint8), scan)
    assert not (tmp_path / "labels.nii").exists()


def test_labels_lie_on_the_grid_of_real_odd_scans(shared_data, tmp_path):
    names = ["anatomical.nii", "minimal.nii.gz", "shear.nii.gz", "nifti_space_SRP.nii.gz"]
    for name in names:
        like, path = shared_data / "odd_nifti" / name, tmp_path / "labels.nii.gz"
        write_labels(path, np.ones(read_grid(like).shape, np.uint8), like)
        expected, written = nib.load(like), nib.load(path)
        assert written.shape == expected.shape
        assert np.array_equal(written.affine, expected.affine)
        for field in ("qform_code", "sform_code"):
            assert written.header[field] == expected.header[field]
        assert np.array_equal(written.get_qform(), expected.get_qform())


def test_real_odd_scans_hold_what_nibabel_reads(shared_data):
    for name in ("anatomical.nii", "minimal.nii.gz", "shear.nii.gz", "nifti_space_SRP.nii.gz"):
        path = shared_data / "odd_nifti" / name
        np.testing.assert_allclose(read_scan(path).data, nib.load(path).get_fdata(), atol=1e-4)


@pytest.mark.parametrize("name", ["ct_perfusion.nii.gz", "example4d.nii.gz"])
def test_real_colour_and_four_dimensional_files_are_refused(shared_data, name):
    with pytest.raises(DataError, match=re.escape(name)):
        read_scan(shared_data / "odd_nifti" / name)


def test_real_int32_scans_become_int16(shared_data):
    scan = read_scan(shared_data / "ct_3mm" / "ct.nii.gz")
    assert scan.data.dtype == np.int16
    assert (scan.data.min(), scan.data.max()) == (-1207, 3382)  # as its notes say


def test_a_real_organ_map_is_refused_as_a_mask(shared_data):
    with pytest.raises(DataError, match="0 background, 1 liver, 2 lesion"):
        read_labels(shared_data / "ct_3mm" / "organs.nii.gz")
