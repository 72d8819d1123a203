"""Missing and uneven slices, brought to even distances where the user asks for it."""

import numpy as np
import pytest

from liverseg.dicom.even import even_out
from liverseg.dicom.hu import read_stack
from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.series import find_series, order_series
from liverseg.errors import DataError
from tests.made.dicom import build_slice, make_hu, save, write_series
from tests.made.dicom_masks import write_segmentation


def write_at(folder, hu, depths, *, tilt=0.0):
    """Slices at some depths in mm, each moved by ``tilt`` of its depth along y."""
    uid = "1.2.3"
    return [
        save(build_slice(plane, (-50, -60 + tilt * z, z), series_uid=uid), folder / f"IM{number}")
        for number, (plane, z) in enumerate(zip(hu, depths, strict=True))
    ]


def read(folder):
    found = find_series([folder])
    (series,) = found.series
    stack = order_series(series, resampled=True)
    return found, series, stack


def test_a_missing_slice_is_the_mean_of_its_neighbours_and_the_others_stay(tmp_path):
    hu = make_hu((10, 5, 6))
    write_series(tmp_path, hu)[4].unlink()
    _, _, stack = read(tmp_path)
    volume = read_stack(stack)
    assert volume.data.dtype == np.int16
    kept = [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert np.array_equal(volume.data.T[kept], hu[kept])
    mean = (hu[3].astype(float) + hu[5]) / 2
    assert np.abs(volume.data.T[4] - mean).max() <= 0.5  # rounded
    expected = [[-0.8, 0, 0, 50], [0, -0.7, 0, 60], [0, 0, 2.5, 100], [0, 0, 0, 1]]
    np.testing.assert_allclose(volume.grid.affine, expected, atol=1e-9)
    assert stack.notes == (
        "9 slices at distances of 2.50 to 5.00 mm are resampled to 10, one every 2.50 mm",
    )


@pytest.mark.parametrize("tilt", [0.0, 0.2])
def test_uneven_slices_are_interpolated_as_numpy_does(tmp_path, tilt):
    depths = [0, 2, 4, 7, 9, 11, 14.6, 16]
    hu = make_hu((8, 5, 6))
    write_at(tmp_path, hu, depths, tilt=tilt)
    _, _, stack = read(tmp_path)
    volume = read_stack(stack)
    assert volume.data.shape == (6, 5, 9)  # 16 mm, one every 2 mm
    np.testing.assert_allclose(volume.grid.affine[:3, 2], [0, -2 * tilt, 2], atol=1e-9)
    for k, z in enumerate(np.arange(0, 17, 2)):
        expected = [[np.interp(z, depths, hu[:, r, c]) for c in range(6)] for r in range(5)]
        assert np.abs(volume.data.T[k] - expected).max() <= 0.5


def test_a_slice_within_a_tenth_of_a_step_of_its_place_is_used_as_it_is(tmp_path):
    depths = [0, 2, 4.15, 6, 8, 12]  # 0.15 mm are less than a tenth of 2 mm; 10 is missing
    hu = make_hu((6, 5, 6))
    write_at(tmp_path, hu, depths)
    _, _, stack = read(tmp_path)
    data = read_stack(stack).data.T
    assert np.array_equal(data[[0, 1, 2, 3, 4, 6]], hu)


def test_labels_of_uneven_slices_are_those_of_the_nearest(tmp_path):
    depths = [0, 2, 4, 7, 9, 11, 13, 15]
    files = write_at(tmp_path, make_hu((8, 5, 6)), depths)
    liver = np.zeros((8, 5, 6), np.uint8)
    for index in range(8):
        liver[index, 2, : index % 5 + 1] = 1  # told apart by their lengths
    write_segmentation(tmp_path / "seg", files, {"liver": liver})
    found, series, stack = read(tmp_path)
    named = build_labels(series, stack, found.masks, Patterns())
    assert np.array_equal(named.labels.T, liver)  # on the slices as they are
    labels = even_out(named.labels, stack, order=0)
    # 15 mm in 8 steps of 1.875 mm: 0, 1.875, 3.75, 5.625, 7.5, 9.375, 11.25, 13.125, 15
    nearest = [0, 1, 2, 3, 3, 4, 5, 6, 7]
    assert np.array_equal(labels.T, liver[nearest])


def test_without_being_asked_uneven_slices_are_refused_and_the_option_is_named(tmp_path):
    write_series(tmp_path, make_hu((10, 5, 6)))[4].unlink()
    with pytest.raises(DataError, match="--resample-slices"):
        order_series(find_series([tmp_path]).series[0])


def test_a_gap_too_wide_to_be_made_up_is_refused_all_the_same(tmp_path):
    write_at(tmp_path, make_hu((6, 5, 6)), [0, 2, 4, 6, 8, 19])
    with pytest.raises(DataError, match=r"8\.00 to 19\.00 mm.*more than 5 steps are not filled"):
        read(tmp_path)
    with pytest.raises(DataError) as refused:  # without being asked to fill it
        order_series(find_series([tmp_path]).series[0])
    assert "--resample-slices" not in str(refused.value)


def test_slices_off_one_line_are_refused_all_the_same(tmp_path):
    for number, y in enumerate((0, 5, 0, 0)):
        slice_ = build_slice(make_hu()[number], (0, y, 2 * number), series_uid="1.2.3")
        save(slice_, tmp_path / str(number))
    with pytest.raises(DataError, match="do not lie on one line"):
        read(tmp_path)
