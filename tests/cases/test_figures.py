"""Figures of masks and scans, counted by hand."""

import numpy as np
import pytest

from liverseg.cases.hu_figures import measure_hu
from liverseg.cases.mask_figures import crop_mask, measure_mask
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.nifti import Volume

GRID = Grid((10, 8, 6), np.diag([-10.0, -10, 5, 1]))


@pytest.fixture
def labels():
    """Liver of 5 x 4 x 3 voxels with a lesion of 4; a speck at its corner, three more far away."""
    labels = np.zeros(GRID.shape, np.uint8)
    labels[1:6, 2:6, 1:4] = 1
    labels[2:4, 3:5, 2] = 2
    labels[6, 6, 4] = 2  # joined to the liver by a corner: apart
    labels[6, 3, 2] = 2  # joined by a face
    labels[9, 7, 5] = labels[9, 0, 0] = 2  # at the edges of the volume
    return labels


@pytest.mark.parametrize("codes", ["LPS", "SRA", "PIL"])
def test_a_mask_is_measured_alike_in_every_axis_order(labels, codes):
    volume = Volume(reorient_array(labels, "LPS", codes), reorient_grid(GRID, codes))
    figures = measure_mask(volume)
    assert figures.liver_ml == (60 + 4) * 0.5
    assert figures.liver_height_mm == 6 * 5
    assert figures.lesion_ml == (4 + 4) * 0.5
    assert figures.num_liver_voxels == 60 - 4
    assert figures.num_lesions == 5
    assert figures.num_specks == 4
    assert figures.num_apart == 3
    assert figures.liver_slice_fraction == 1
    assert figures.lesion_slice_fraction == round(4 / 6, 4)  # slices 0, 2, 4 and 5


def test_an_empty_mask_has_no_figures_but_zeros():
    empty = Volume(np.zeros(GRID.shape, np.uint8), GRID)
    figures = measure_mask(empty)
    assert (figures.liver_ml, figures.num_lesions, figures.num_specks, figures.num_apart) == (
        *(0, 0, 0, 0),
    )
    assert crop_mask(empty) is None


@pytest.mark.parametrize("codes", ["LPS", "RAS", "SRA"])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_hu_are_measured_alike_in_every_axis_order_and_type(labels, codes, dtype):
    hu = np.full(GRID.shape, -1000, dtype)
    hu[:, 1:7] = 50  # the body: 6 of 8 rows
    hu[labels == 1] = 100
    hu[1, 2, 1] = -800  # one of the 56 voxels of label 1
    hu[0, 0, 0] = -3024
    scan = Volume(reorient_array(hu, "LPS", codes), reorient_grid(GRID, codes))
    mask = Volume(reorient_array(labels, "LPS", codes), reorient_grid(GRID, codes))
    figures = measure_hu(scan, crop_mask(mask))
    assert (figures.smallest, figures.largest) == (-3024, 100)
    assert figures.hollow_share == pytest.approx((2 * 10 * 6 + 1) / 480)
    assert figures.air_share == pytest.approx((2 * 10 * 6 - 1 + 1) / 480)  # less padding, and -800
    assert figures.soft_tissue_share == pytest.approx((6 * 10 * 6 - 1) / 480)
    assert figures.masked.mean_hu == pytest.approx((55 * 100 - 800) / 56)
    assert figures.masked.foreign_share == pytest.approx(1 / 56)
    # Along i, 10 mm a voxel towards the left: 12 voxels each at i = 1, 4 and 5, 10 at 2 and 3;
    # of the body 36 at each i, but one less at 1
    liver_i = (12 * 1 + 10 * 2 + 10 * 3 + 12 * 4 + 12 * 5) / 56
    body_i = (36 * 45 - 1) / (360 - 1)
    assert figures.masked.to_the_right_mm == pytest.approx(10 * (body_i - liver_i))


def test_lesions_alone_are_measured_in_place_of_the_liver(labels):
    scan = Volume((labels * 30).astype(np.int16), GRID)
    masked = measure_hu(scan, crop_mask(Volume(labels, GRID))).masked
    assert (masked.region, masked.mean_hu) == ("liver", 30)
    labels[labels == 1] = 0
    masked = measure_hu(scan, crop_mask(Volume(labels, GRID))).masked
    assert (masked.region, masked.mean_hu) == ("lesion", 60)


def test_a_scan_with_an_empty_mask_has_no_figures_under_it():
    scan = Volume(np.zeros(GRID.shape, np.int16), GRID)
    assert measure_hu(scan, None).masked is None
