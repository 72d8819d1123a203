"""Enhanced CT: all slices in one file, made with highdicom and by hand."""

import highdicom
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedCTImageStorage, generate_uid

from liverseg.dicom.headers import describe_header
from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series, read_series
from liverseg.errors import DataError
from tests.made.dicom import build_slice, change, make_hu, rotate, save, write_series
from tests.made.dicom_masks import make_item, write_segmentation

FLAT = {"ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"}
FLAT |= {"RescaleSlope", "RescaleIntercept", "RescaleType", "AcquisitionNumber"}


def write_enhanced(path, hu, depths, **each):
    """One file of all slices: ``each`` holds a list of values, one a frame, of some elements.

    Its slope and intercept are 1 and -1024 unless given.
    """
    dataset = build_slice(hu[0], (0, 0, 0), series_uid=generate_uid())
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    for name in FLAT & set(dataset.dir()):
        delattr(dataset, name)
    dataset.NumberOfFrames = len(hu)
    orientation = make_item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    dataset.SharedFunctionalGroupsSequence = Sequence(
        [
            make_item(
                PixelMeasuresSequence=Sequence([make_item(PixelSpacing=[0.7, 0.8])]),
                PlaneOrientationSequence=Sequence([orientation]),
            )
        ]
    )
    frames = []
    for k, z in enumerate(depths):
        own = {name: values[k] for name, values in each.items()}
        slope, intercept = own.pop("slope", "1"), own.pop("intercept", "-1024")
        content = {"DimensionIndexValues": [1, k + 1]} | own
        frame_type = content.pop("FrameType", ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])
        values = make_item(RescaleSlope=slope, RescaleIntercept=intercept, RescaleType="HU")
        position = make_item(ImagePositionPatient=[-50, -60, z])
        frames.append(
            make_item(
                FrameContentSequence=Sequence([make_item(**content)]),
                PlanePositionSequence=Sequence([position]),
                PixelValueTransformationSequence=Sequence([values]),
                CTImageFrameTypeSequence=Sequence([make_item(FrameType=frame_type)]),
            )
        )
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    dataset.PixelData = (hu.astype(np.int32) + 1024).astype("<u2").tobytes()
    return save(dataset, path)


def read_only(folder):
    (series,) = find_series([folder]).series
    return read_series(series)


def test_what_highdicom_makes_of_a_series_is_the_series(tmp_path):
    axes = rotate(15, 25)
    files = write_series(tmp_path / "one", make_hu(), axes=axes, step=2.0 * np.cross(*axes))
    expected = read_only(tmp_path / "one")
    (tmp_path / "many").mkdir()
    highdicom.legacy.LegacyConvertedEnhancedCTImage(
        [pydicom.dcmread(file) for file in files],
        series_instance_uid=generate_uid(),
        series_number=7,
        sop_instance_uid=generate_uid(),
        instance_number=1,
    ).save_as(tmp_path / "many" / "enhanced")
    volume = read_only(tmp_path / "many")
    assert volume.data.dtype == np.int16
    assert np.array_equal(volume.data, expected.data)
    np.testing.assert_allclose(volume.grid.affine, expected.grid.affine, atol=1e-6)


def test_frames_in_any_order_are_put_where_their_positions_say(tmp_path):
    hu = make_hu()
    order = [2, 0, 3, 1]
    path = write_enhanced(tmp_path / "ct", hu[order], [100 + 2.5 * k for k in order])
    volume = read_only(tmp_path)
    assert np.array_equal(volume.data.T, hu)
    expected = [[-0.8, 0, 0, 50], [0, -0.7, 0, 60], [0, 0, 2.5, 100], [0, 0, 0, 1]]
    np.testing.assert_allclose(volume.grid.affine, expected, atol=1e-9)
    frames = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))  # in the order of the file
    assert np.array_equal(frames.astype(np.int32), hu[order])


def test_every_frame_has_its_own_slope_and_intercept(tmp_path):
    stored = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    write_enhanced(
        tmp_path / "ct", stored - 1024, [0, 2], slope=["2", "1"], intercept=["-1000", "10"]
    )
    data = read_only(tmp_path).data.T
    assert np.array_equal(data[0], stored[0] * 2 - 1000)
    assert np.array_equal(data[1], stored[1] + 10)


def test_two_phases_in_one_file_are_two_scans(tmp_path):
    hu = make_hu((8, 5, 6))
    depths = [0, 2, 4, 6] * 2
    write_enhanced(tmp_path / "ct", hu, depths, FrameAcquisitionNumber=[9] * 4 + [7] * 4)
    first, second = find_series([tmp_path]).series
    assert (first.mark, second.mark) == ("acquisition 7", "acquisition 9")
    assert np.array_equal(read_series(first).data.T, hu[4:])
    assert np.array_equal(read_series(second).data.T, hu[:4])


def test_what_one_frame_says_is_not_said_of_the_next(tmp_path):
    path = write_enhanced(tmp_path / "ct", make_hu(), [0, 2, 4, 6])
    frames = pydicom.dcmread(path).PerFrameFunctionalGroupsSequence
    frames[1].FrameContentSequence[0].FrameAcquisitionNumber = 7
    change(path, PerFrameFunctionalGroupsSequence=frames)
    acquisitions = [slice_.moment.acquisition for slice_ in describe_header(path)]
    assert acquisitions == [None, 7, None, None]


def test_a_segmentation_of_a_multi_frame_scan_lies_on_its_voxels(tmp_path):
    path = write_enhanced(tmp_path / "ct", make_hu(), [0, 2, 4, 6])
    liver = np.zeros((4, 5, 6), np.uint8)
    liver[1:3, 1:4, 2:5] = 1
    files = write_series(tmp_path / "other" / "x", make_hu(), origin=(-50, -60, 0), step=(0, 0, 2))
    series_uid = pydicom.dcmread(path).SeriesInstanceUID
    for file in files:
        change(file, SeriesInstanceUID=series_uid)
    write_segmentation(tmp_path / "seg", files, {"liver": liver})
    for file in files:
        file.unlink()
    found = find_series([tmp_path])
    (series,) = found.series
    labels = build_labels(series, order_series(series), found.masks, Patterns()).labels
    assert np.array_equal(labels.T, liver)


def test_fewer_descriptions_than_frames_are_an_error(tmp_path):
    change(write_enhanced(tmp_path / "ct", make_hu(), [0, 2, 4, 6]), NumberOfFrames=5)
    found = find_series([tmp_path])
    assert found.series == ()
    assert [each.reason for each in found.left_out] == ["4 of 5 frames are described"]


def test_fewer_pixels_than_frames_are_an_error(tmp_path):
    path = write_enhanced(tmp_path / "ct", make_hu(), [0, 2, 4, 6])
    change(path, PixelData=pydicom.dcmread(path).PixelData[:-60])
    with pytest.raises(DataError, match="ct: expected an undamaged DICOM file"):
        read_only(tmp_path)


def test_localizers_of_several_frames_are_left_out(tmp_path):
    kind = [["ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"]] * 4
    write_enhanced(tmp_path / "ct", make_hu(), [0, 2, 4, 6], FrameType=kind)
    found = find_series([tmp_path])
    assert [each.reason for each in found.left_out] == ["a localizer"]
