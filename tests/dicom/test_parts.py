"""Several scans under the identity of one series, and views that plan a scan."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom.uid import generate_uid

from liverseg.dicom.masks import Patterns, build_labels
from liverseg.dicom.parts import split_series
from liverseg.dicom.series import find_series, order_series, read_series
from liverseg.errors import DataError
from tests.bounds import bounded
from tests.made.dicom import build_slice, change, make_hu, save, write_series
from tests.made.dicom_masks import write_segmentation

FRONTAL, LATERAL = np.array([[1.0, 0, 0], [0, 0, -1]]), np.array([[0, 1.0, 0], [0, 0, -1]])
UID = generate_uid()


def write_two(folder, *, shift=0.0, first=None, second=None):
    """Two acquisitions of one series; gives their HU and files. Elements may be functions of k."""
    written = []
    for seed, elements in ((1, first or {}), (2, second or {})):
        hu = make_hu(seed=seed)
        origin = (-50.0, -60.0, 100.0 + (seed - 1) * shift)
        files = write_series(folder / str(seed), hu, origin=origin, series_uid=UID)
        for k, file in enumerate(files):
            values = {name: each(k) if callable(each) else each for name, each in elements.items()}
            change(file, **values)
        written.append((hu, files))
    return written


def read_all(folder):
    series = find_series([folder]).series
    return [each.mark for each in series], [read_series(each).data.T for each in series]


def test_scouts_that_do_not_say_so_are_left_out_by_name(tmp_path):
    hu = make_hu()
    write_series(tmp_path, hu, series_uid=UID)
    scout = make_hu((1, 40, 30))[0]
    for name, axes in (("front", FRONTAL), ("side", LATERAL)):
        save(build_slice(scout, (-50, -60, 300), series_uid=UID, axes=axes), tmp_path / name)
    found = find_series([tmp_path])
    assert [each.path.name for each in found.left_out] == ["front", "side"]
    assert {each.reason for each in found.left_out} == {
        "of another size or direction than the scan of its series: a localizer, or no part of it"
    }
    assert np.array_equal(read_series(found.series[0]).data.T, hu)


@pytest.mark.parametrize("elements", [{"spacing": (2.0, 2.0)}, {"axes": FRONTAL}, {"larger": True}])
def test_one_that_differs_in_spacing_direction_or_size_is_left_out(tmp_path, elements):
    hu = make_hu()
    write_series(tmp_path, hu, series_uid=UID)
    plane = make_hu((1, 50, 50))[0] if elements.pop("larger", False) else hu[0]
    save(build_slice(plane, (0, 0, 90), series_uid=UID, **elements), tmp_path / "odd")
    found = find_series([tmp_path])
    assert [each.path.name for each in found.left_out] == ["odd"]
    assert np.array_equal(read_series(found.series[0]).data.T, hu)


def test_slices_of_another_direction_that_are_many_are_a_scan_of_their_own(tmp_path):
    axial, coronal = make_hu((6, 5, 6)), make_hu((5, 5, 6), seed=2)
    write_series(tmp_path / "a", axial, series_uid=UID)
    write_series(tmp_path / "b", coronal, axes=FRONTAL, step=(0, 2, 0), series_uid=UID)
    marks, volumes = read_all(tmp_path)
    assert marks == ["direction 1", "direction 2"]
    assert np.array_equal(volumes[0], axial)
    assert np.array_equal(volumes[1], coronal)


PHASES = [
    ({"AcquisitionNumber": 3}, {"AcquisitionNumber": 12}, ["acquisition 3", "acquisition 12"]),
    (
        {"AcquisitionTime": "101500"},
        {"AcquisitionTime": "101545.5"},
        ["acquisition 1", "acquisition 2"],
    ),
    (
        {"ContentTime": lambda k: f"10150{k}"},  # of each slice
        {"ContentTime": lambda k: f"10155{k}"},
        ["acquisition 1", "acquisition 2"],
    ),
    (
        {"InstanceNumber": lambda k: 1 + k},  # nothing but the order
        {"InstanceNumber": lambda k: 5 + k},
        ["acquisition 1", "acquisition 2"],
    ),
    (
        {"InstanceNumber": lambda k: 1 + 2 * k},  # position by position
        {"InstanceNumber": lambda k: 2 + 2 * k},
        ["acquisition 1", "acquisition 2"],
    ),
]


@pytest.mark.parametrize(("first", "second", "marks"), PHASES)
def test_two_acquisitions_at_the_same_positions_are_two_scans(tmp_path, first, second, marks):
    (one, _), (two, _) = write_two(tmp_path, first=first, second=second)
    found_marks, volumes = read_all(tmp_path)
    assert found_marks == marks
    assert np.array_equal(volumes[0], one)
    assert np.array_equal(volumes[1], two)


@pytest.mark.parametrize("shift", [1.25, 5.0])
def test_acquisitions_that_interleave_or_overlap_in_part_are_two_scans(tmp_path, shift):
    numbers = {"AcquisitionNumber": 1}, {"AcquisitionNumber": 2}
    (one, _), (two, _) = write_two(tmp_path, shift=shift, first=numbers[0], second=numbers[1])
    _, volumes = read_all(tmp_path)
    assert np.array_equal(volumes[0], one)
    assert np.array_equal(volumes[1], two)


def test_acquisitions_one_after_the_other_are_one_scan(tmp_path):
    """As scanners number them that stop for each step of the table."""
    numbers = {"AcquisitionNumber": 1}, {"AcquisitionNumber": 2}
    (one, _), (two, _) = write_two(tmp_path, shift=10.0, first=numbers[0], second=numbers[1])
    (mark,), (volume,) = read_all(tmp_path)
    assert mark == ""
    assert np.array_equal(volume, np.concatenate((one, two)))


def test_slices_that_nothing_tells_apart_are_refused(tmp_path):
    write_two(tmp_path)
    (series,) = find_series([tmp_path]).series
    with pytest.raises(DataError, match="one image a position"):
        read_series(series)


def test_a_mask_belongs_to_the_acquisition_whose_images_it_names(tmp_path):
    numbers = {"AcquisitionNumber": 1}, {"AcquisitionNumber": 2}
    _, (_, files) = write_two(tmp_path, first=numbers[0], second=numbers[1])
    liver = np.zeros((4, 5, 6), np.uint8)
    liver[1:3, 1:4, 1:4] = 1
    write_segmentation(tmp_path / "seg", files, {"liver": liver})
    found = find_series([tmp_path])
    first, second = (
        build_labels(each, order_series(each), found.masks, Patterns()) for each in found.series
    )
    assert first is None
    assert np.array_equal(second.labels.T, liver)


def test_thousands_of_directions_take_no_time(tmp_path):
    write_series(tmp_path, make_hu((2, 5, 6)))
    (series,) = find_series([tmp_path]).series
    slices = [
        replace(
            series.slices[0],
            along_row=(np.cos(angle), np.sin(angle), 0.0),
            along_column=(-np.sin(angle), np.cos(angle), 0.0),
        )
        for angle in np.linspace(0, 3, 3000)
    ]
    with bounded(seconds=10, mebibytes=256):
        parts, stray = split_series(slices)
    assert sum(len(part.slices) for part in parts) + len(stray) == 3000
