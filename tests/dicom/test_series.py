"""CT series from real DICOM files, against SimpleITK and against arithmetic."""

import os
import shutil

import gdcm
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from liverseg.dicom.series import find_series, order_series, read_series
from liverseg.errors import DataError
from tests.made.dicom import (
    build_slice,
    change,
    compress,
    make_hu,
    rotate,
    save,
    write_series,
)

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read_only_series(folder):
    (series,) = find_series([folder]).series
    return read_series(series)


def read_with_simpleitk(folder):
    """Voxels (i, j, k) and affine (RAS) of the one series of a folder."""
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    affine = np.eye(4)
    affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) @ np.diag(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return sitk.GetArrayFromImage(image).T, LPS_TO_RAS @ affine


def test_shuffled_slices_are_ordered_by_position_and_read_in_hu(tmp_path):
    hu = make_hu()
    write_series(tmp_path, hu)
    volume = read_only_series(tmp_path)
    assert volume.data.dtype == np.int16
    assert np.array_equal(volume.data, hu.T)
    # PixelSpacing is between rows (0.7), then between columns (0.8); LPS becomes RAS
    expected = [[-0.8, 0, 0, 50], [0, -0.7, 0, 60], [0, 0, 2.5, 100], [0, 0, 0, 1]]
    np.testing.assert_allclose(volume.grid.affine, expected, atol=1e-9)
    data, affine = read_with_simpleitk(tmp_path)
    assert np.array_equal(volume.data, data)
    np.testing.assert_allclose(volume.grid.affine, affine, atol=1e-6)


def test_an_oblique_series_lies_where_simpleitk_says(tmp_path):
    axes = rotate(20, 10)
    step = 3.0 * np.cross(*axes)
    write_series(tmp_path, make_hu(), axes=axes, step=step)
    volume = read_only_series(tmp_path)
    data, affine = read_with_simpleitk(tmp_path)
    assert np.array_equal(volume.data, data)
    np.testing.assert_allclose(volume.grid.affine, affine, atol=1e-5)


@pytest.mark.parametrize("axes", [[[0, 1, 0], [0, 0, -1]], [[1, 0, 0], [0, 0, -1]]])
def test_sagittal_and_coronal_slices_lie_where_simpleitk_says(tmp_path, axes):
    axes = np.array(axes, float)
    write_series(tmp_path, make_hu(), axes=axes, step=-2.0 * np.cross(*axes))
    volume = read_only_series(tmp_path)
    data, affine = read_with_simpleitk(tmp_path)
    assert np.array_equal(volume.data, data)
    np.testing.assert_allclose(volume.grid.affine, affine, atol=1e-6)


def test_every_slice_has_its_own_slope_and_intercept(tmp_path):
    stored = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    files = write_series(tmp_path, stored - 1024)  # stored as 0, 1, 2, ...
    change(files[0], RescaleSlope="2", RescaleIntercept="-1000")
    change(files[1], RescaleSlope="1", RescaleIntercept="10")
    volume = read_only_series(tmp_path)
    assert volume.data.dtype == np.int16
    assert np.array_equal(volume.data[..., 0].T, stored[0] * 2 - 1000)
    assert np.array_equal(volume.data[..., 1].T, stored[1] + 10)


def test_a_fractional_slope_makes_float32(tmp_path):
    files = write_series(tmp_path, np.full((2, 3, 4), -1021, np.int16))  # stored as 3
    change(files[1], RescaleSlope="0.5")
    volume = read_only_series(tmp_path)
    assert volume.data.dtype == np.float32
    assert (volume.data[..., 1] == 3 * 0.5 - 1024).all()


def test_slices_without_rescaling_are_noted(tmp_path):
    for file in write_series(tmp_path, make_hu()):
        change(file, RescaleSlope=None, RescaleIntercept=None)
    (series,) = find_series([tmp_path]).series
    assert "taken as 1 and 0" in order_series(series).notes[0]
    assert read_series(series).data.min() >= 0


def test_signed_12_bit_pixels_are_read(tmp_path):
    hu = make_hu() // 2  # within -512 and 1500
    for file, plane in zip(write_series(tmp_path, hu), hu, strict=True):
        change(
            file,
            PixelRepresentation=1,
            BitsStored=12,
            HighBit=11,
            RescaleIntercept="0",
            PixelData=plane.astype("<i2").tobytes(),
        )
    assert np.array_equal(read_only_series(tmp_path).data, hu.T)


def test_the_slice_distance_is_measured_whatever_slicethickness_says(tmp_path):
    write_series(tmp_path, make_hu(), step=(0, 0, 1.25), SliceThickness="5")
    assert read_only_series(tmp_path).grid.spacing_mm == pytest.approx((0.8, 0.7, 1.25))


def test_positions_rounded_by_the_scanner_are_even_enough(tmp_path):
    files = write_series(tmp_path, make_hu(), step=(0, 0, 0.6))
    change(files[2], ImagePositionPatient=[-50, -60, 101.23])  # for 101.2
    assert read_only_series(tmp_path).grid.spacing_mm[2] == pytest.approx(0.6)


def test_a_tilted_gantry_keeps_its_sheared_geometry(tmp_path):
    hu = make_hu()
    write_series(tmp_path, hu, step=(0, 1.0, 3.0))
    (series,) = find_series([tmp_path]).series
    stack = order_series(series)
    # arctan(1 / 3) = 18.4 degrees
    assert "tilted by 18.4 degrees: its grid is sheared" in stack.notes[0]
    expected = [[-0.8, 0, 0, 50], [0, -0.7, -1, 60], [0, 0, 3, 100], [0, 0, 0, 1]]
    np.testing.assert_allclose(stack.grid.affine, expected, atol=1e-9)
    assert np.array_equal(read_series(series).data, hu.T)


@pytest.mark.parametrize("missing", [1, 3, 8])
def test_a_missing_slice_is_an_error_that_names_the_gap(tmp_path, missing):
    write_series(tmp_path, make_hu((10, 5, 6)))[missing].unlink()
    before, after = 100 + 2.5 * (missing - 1), 100 + 2.5 * (missing + 1)
    with pytest.raises(DataError, match=f"one every 2.50 mm.*{before:.2f} to {after:.2f} mm"):
        read_only_series(tmp_path)


def test_uneven_distances_are_an_error(tmp_path):
    files = write_series(tmp_path, make_hu())
    change(files[3], ImagePositionPatient=[-50, -60, 108.5])
    with pytest.raises(DataError, match=r"105\.00 to 108\.50 mm"):
        read_only_series(tmp_path)


def test_slices_that_wander_sideways_are_an_error(tmp_path):
    files = write_series(tmp_path, make_hu())
    change(files[1], ImagePositionPatient=[-40, -60, 102.5])
    with pytest.raises(DataError, match="do not lie on one line"):
        read_only_series(tmp_path)


def test_a_single_slice_is_an_error(tmp_path):
    write_series(tmp_path, make_hu((1, 5, 6)))
    with pytest.raises(DataError, match="how thick it is cannot be measured"):
        read_only_series(tmp_path)


def test_a_file_that_repeats_an_image_is_used_once(tmp_path):
    hu = make_hu()
    files = write_series(tmp_path, hu)
    shutil.copy(files[1], tmp_path / "copy")
    (series,) = find_series([tmp_path]).series
    assert order_series(series).notes == ("1 files repeat an image and are left out",)
    assert np.array_equal(read_series(series).data, hu.T)


def test_slices_that_an_anonymiser_gave_one_identity_are_all_used(tmp_path):
    hu = make_hu()
    for file in write_series(tmp_path, hu):
        change(file, SOPInstanceUID="1.2.3")
    assert np.array_equal(read_only_series(tmp_path).data, hu.T)


def test_two_images_at_one_position_are_an_error(tmp_path):
    files = write_series(tmp_path, make_hu())
    shutil.copy(files[1], tmp_path / "later")
    change(tmp_path / "later", SOPInstanceUID=generate_uid())
    with pytest.raises(DataError, match=r"one image a position.*both at 102\.50 mm"):
        read_only_series(tmp_path)


@pytest.mark.parametrize(
    "elements", [{"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}, {"PixelSpacing": [0.7, 0.9]}]
)
def test_a_slice_of_another_geometry_is_an_error(tmp_path, elements):
    files = write_series(tmp_path, make_hu())
    change(files[2], **elements)
    with pytest.raises(DataError, match=r"differs from .* in size or direction"):
        read_only_series(tmp_path)


def test_two_series_in_one_folder_are_two_scans(tmp_path):
    first, second = make_hu(seed=1), make_hu(seed=2)
    uids = generate_uid(), generate_uid()
    for number, (hu, uid) in enumerate(zip((first, second), uids, strict=True), start=1):
        for index, plane in enumerate(hu):
            dataset = build_slice(plane, (0, 0, index * 2.0), series_uid=uid, SeriesNumber=number)
            save(dataset, tmp_path / f"{index}-{number}")
    series = find_series([tmp_path]).series
    assert [each.name for each in series] == [f"{tmp_path} (series {n})" for n in (1, 2)]
    assert np.array_equal(read_series(series[0]).data, first.T)
    assert np.array_equal(read_series(series[1]).data, second.T)


def test_a_series_spread_over_folders_is_one_scan(tmp_path):
    hu = make_hu()
    for index, file in enumerate(write_series(tmp_path / "all", hu)):
        (tmp_path / f"part{index % 2}").mkdir(exist_ok=True)
        file.rename(tmp_path / f"part{index % 2}" / file.name)
    assert np.array_equal(read_only_series(tmp_path).data, hu.T)


def test_what_is_no_ct_slice_is_left_out_by_name(tmp_path):
    write_series(tmp_path, make_hu())
    plane, uid = make_hu()[0], generate_uid()
    others = {
        "scout": {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
        "dose": {"ImagePositionPatient": None},
        "mr": {"Modality": "MR"},
        "energy": {"RescaleType": "Z_EFF"},
        "frames": {"NumberOfFrames": 2},
    }
    for name, elements in others.items():
        save(build_slice(plane, (0, 0, 0), series_uid=uid, **elements), tmp_path / name)
    (tmp_path / "notes.json").write_text("{}")
    report = build_slice(plane, (0, 0, 0), series_uid=uid, Rows=None, Columns=None)
    report.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.67"
    save(report, tmp_path / "report")
    found = find_series([tmp_path])
    assert len(found.series) == 1
    assert {each.path.name: each.reason for each in found.left_out} == {
        "scout": "a localizer",
        "dose": "CT Image Storage without a place in the patient",
        "mr": "an image of modality 'MR', not CT",
        "energy": "an image in 'Z_EFF', not in HU",
        "frames": "CT Image Storage of several frames; convert it to one file a slice",
        "notes.json": "no DICOM file",
        "report": "no image but X-Ray Radiation Dose SR Storage",
    }


def test_a_truncated_header_fails_the_scan_it_may_belong_to(tmp_path):
    file = write_series(tmp_path, make_hu())[3]  # the last: no gap would show that it is missing
    file.write_bytes(file.read_bytes()[:400])
    with pytest.raises(DataError, match=f"1 damaged, the first {file.name}"):
        read_only_series(tmp_path)


def test_an_empty_file_named_dcm_fails_it_too(tmp_path):
    write_series(tmp_path, make_hu())
    (tmp_path / "IM0009.dcm").touch()
    with pytest.raises(DataError, match="0 bytes without the magic of DICOM"):
        read_only_series(tmp_path)


def test_a_link_to_nowhere_fails_it_too_and_a_pipe_is_passed_over(tmp_path):
    write_series(tmp_path, make_hu())
    os.mkfifo(tmp_path / "pipe")
    assert read_only_series(tmp_path).data.shape == (6, 5, 4)
    (tmp_path / "IM0009").symlink_to("annex/IM0009")
    with pytest.raises(DataError, match=r"1 damaged, the first IM0009: .*No such file"):
        read_only_series(tmp_path)


def test_a_damaged_file_elsewhere_fails_no_scan_but_is_named(tmp_path):
    write_series(tmp_path / "scan", make_hu())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 9)
    found = find_series([tmp_path])
    assert read_series(found.series[0]).data.shape == (6, 5, 4)
    assert [each.path.name for each in found.left_out] == ["x"]


def test_truncated_pixels_are_an_error_that_names_the_file(tmp_path):
    file = write_series(tmp_path, make_hu())[2]
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(DataError, match=f"{file.name}: expected an undamaged DICOM file"):
        read_only_series(tmp_path)


@pytest.mark.parametrize(
    ("syntax", "uid"),
    [
        (gdcm.TransferSyntax.RLELossless, RLELossless),
        (gdcm.TransferSyntax.JPEGLSLossless, JPEGLSLossless),
        (gdcm.TransferSyntax.JPEG2000Lossless, JPEG2000Lossless),
        (gdcm.TransferSyntax.JPEGLosslessProcess14_1, JPEGLosslessSV1),
        (gdcm.TransferSyntax.ExplicitVRBigEndian, ExplicitVRBigEndian),
        (gdcm.TransferSyntax.ImplicitVRLittleEndian, ImplicitVRLittleEndian),
    ],
)
def test_every_lossless_transfer_syntax_gives_the_same_hu(tmp_path, syntax, uid):
    hu = make_hu((3, 32, 48))
    for file in write_series(tmp_path, hu):
        compress(file, syntax)
        assert pydicom.dcmread(file).file_meta.TransferSyntaxUID == uid
    assert np.array_equal(read_only_series(tmp_path).data, hu.T)


def test_a_transfer_syntax_that_cannot_be_read_is_named(tmp_path):
    for file in write_series(tmp_path, make_hu()):
        dataset = pydicom.dcmread(file)
        dataset.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(60)])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = HTJ2KLossless
        dataset.save_as(file)
    with pytest.raises(DataError, match=r"High-Throughput JPEG 2000.*gdcmconv"):
        read_only_series(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        find_series([tmp_path / "absent"])
