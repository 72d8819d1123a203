"""A case is read as it is meant: its true spacing, its labels mapped and on the scan's grid."""

import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.reading import read_case_grid, read_case_labels, read_case_scan

FILES = {"scan": "volume-1.nii.gz", "mask": "segmentation-1.nii.gz"}


def test_a_case_without_corrections_is_what_its_files_hold(tmp_path, sample, phantom, make_case):
    sample.save(tmp_path)
    case = make_case("1", **FILES)
    assert np.array_equal(read_case_scan(tmp_path, case).data, phantom.hu)
    assert np.array_equal(read_case_labels(tmp_path, case).data, phantom.labels)
    assert read_case_grid(tmp_path, case).matches(phantom.grid)


def test_a_given_spacing_stretches_the_axes_and_keeps_the_first_voxel(tmp_path, sample, make_case):
    sample.affine = np.array([[0, -1.0, 0, 7], [1, 0, 0, 8], [0, 0, 1, 9], [0, 0, 0, 1]])
    sample.save(tmp_path)
    case = make_case("1", **FILES, spacing_mm=(0.5, 0.75, 2.0), spacing_overridden=True)
    expected = [[0, -0.75, 0, 7], [0.5, 0, 0, 8], [0, 0, 2, 9], [0, 0, 0, 1]]
    for grid in (
        read_case_grid(tmp_path, case),
        read_case_scan(tmp_path, case).grid,
        read_case_labels(tmp_path, case).grid,
    ):
        assert grid.affine.tolist() == expected


def test_labels_in_another_axis_order_come_in_that_of_the_scan(
    tmp_path, sample, phantom, make_case
):
    sample.labels = reorient_array(sample.labels, "LPS", "IAR")
    sample.mask_affine = reorient_grid(phantom.grid, "IAR").affine
    sample.save(tmp_path)
    labels = read_case_labels(tmp_path, make_case("1", **FILES))
    assert np.array_equal(labels.data, phantom.labels)
    assert labels.grid.matches(Grid(phantom.hu.shape, sample.affine))


def test_all_values_are_mapped_at_once(tmp_path, sample, phantom, make_case):
    sample.labels = np.array([0, 2, 1], np.uint8)[sample.labels]
    sample.save(tmp_path)
    labels = read_case_labels(tmp_path, make_case("1", **FILES, label_map=((1, 2), (2, 1))))
    assert np.array_equal(labels.data, phantom.labels)


def test_a_mask_of_another_scan_is_refused(tmp_path, sample, make_case):
    sample.mask_affine = sample.affine @ np.diag([1, 1, 2, 1])
    sample.save(tmp_path)
    with pytest.raises(DataError, match=r"segmentation-1.nii.gz, the mask of volume-1.nii.gz: "):
        read_case_labels(tmp_path, make_case("1", **FILES))
