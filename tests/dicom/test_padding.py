"""Pixels outside the scanner's field of view, whatever value and sign their file gives them."""

import numpy as np
import pydicom
import pytest

from liverseg.dicom.series import find_series, read_series
from tests.made.dicom import make_hu, write_series

AIR = -1024


def write_padded(folder, padding, elements, *, signed=False, hu_of_others=None):
    """A series whose first row holds a padding value; gives the HU without it."""
    hu = make_hu() if hu_of_others is None else hu_of_others
    files = write_series(folder, hu)
    for file, plane in zip(files, hu, strict=True):
        dataset = pydicom.dcmread(file)
        stored = plane.astype(np.int32) + (0 if signed else 1024)
        stored[0] = padding
        if signed:
            dataset.PixelRepresentation, dataset.RescaleIntercept = 1, "0"
        dataset.PixelData = stored.astype("<i2" if signed else "<u2").tobytes()
        for keyword, (vr, value) in elements.items():
            dataset.add_new(keyword, vr, value)
        dataset.save_as(file)
    return hu


def read(folder):
    (series,) = find_series([folder]).series
    volume = read_series(series)
    return volume.data.dtype, volume.data.T


@pytest.mark.parametrize(
    ("padding", "signed", "elements"),
    [
        (63536, False, {"PixelPaddingValue": ("US", 63536)}),
        (63536, False, {"PixelPaddingValue": ("SS", -2000)}),
        (-2000, True, {"PixelPaddingValue": ("SS", -2000)}),
        (-2000, True, {"PixelPaddingValue": ("US", 63536)}),
        (
            63536,
            False,
            {"PixelPaddingValue": ("US", 65535), "PixelPaddingRangeLimit": ("US", 63000)},
        ),
        (
            -2000,
            True,
            {"PixelPaddingValue": ("SS", -32768), "PixelPaddingRangeLimit": ("SS", -1500)},
        ),
    ],
)
def test_padding_is_air_and_the_scan_int16(tmp_path, padding, signed, elements):
    hu = write_padded(tmp_path, padding, elements, signed=signed)
    dtype, read_hu = read(tmp_path)
    assert dtype == np.int16
    assert (read_hu[:, 0] == AIR).all()
    assert np.array_equal(read_hu[:, 1:], hu[:, 1:])


def test_values_beside_the_padding_stay(tmp_path):
    write_padded(tmp_path, 63537, {"PixelPaddingValue": ("US", 63536)})
    dtype, read_hu = read(tmp_path)
    assert dtype == np.float32
    assert (read_hu[:, 0] == 63537 + AIR).all()


def test_a_padding_value_that_is_also_a_tissues_changes_nothing(tmp_path):
    """Converters write 0, which among signed HU is water."""
    hu = np.zeros((4, 5, 6), np.int16)
    write_padded(tmp_path, 0, {"PixelPaddingValue": ("SS", 0)}, signed=True, hu_of_others=hu)
    assert np.array_equal(read(tmp_path)[1], hu)


def test_each_slice_has_its_own_padding(tmp_path):
    hu = write_padded(tmp_path, 63536, {"PixelPaddingValue": ("US", 63536)})
    (series,) = find_series([tmp_path]).series
    for slice_ in series.slices[:2]:
        dataset = pydicom.dcmread(slice_.path)
        stored = dataset.pixel_array.copy()
        stored[0] = 50000
        dataset.PixelPaddingValue, dataset.PixelData = 50000, stored.tobytes()
        dataset.save_as(slice_.path)
    dtype, read_hu = read(tmp_path)
    assert dtype == np.int16
    assert (read_hu[:, 0] == AIR).all()
    assert np.array_equal(read_hu[:, 1:], hu[:, 1:])
