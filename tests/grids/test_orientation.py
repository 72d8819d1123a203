import numpy as np
import pytest
from nibabel.affines import apply_affine

from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.nifti import read_scan
from tests.made.grids import AXIS_ORDERS, DIRECTIONS


def test_there_are_48_axis_orders():
    assert len(set(AXIS_ORDERS)) == 48


def test_reversing_the_first_axis_reverses_it():
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(reorient_array(array, "RAS", "LAS"), array[::-1])


def test_swapping_two_axes_transposes_them():
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(reorient_array(array, "RAS", "SAR"), array.transpose(2, 1, 0))


@pytest.mark.parametrize("codes", AXIS_ORDERS)
def test_every_axis_order_comes_back_as_a_view_of_the_same_voxels(codes):
    array = np.arange(24).reshape(2, 3, 4)
    there = reorient_array(array, codes, "SPL")
    back = reorient_array(there, "SPL", codes)
    assert np.array_equal(back, array)
    assert np.shares_memory(back, array)


@pytest.mark.parametrize("codes", AXIS_ORDERS)
def test_every_voxel_stays_where_it_is_in_the_patient(codes):
    affine = np.eye(4)
    affine[:3, :3] = np.transpose([DIRECTIONS[code] for code in codes]) * (0.7, 0.8, 3.0)
    affine[:3, :3] += 0.05  # oblique and sheared
    affine[:3, 3] = (10, -20, 30)
    grid = Grid((2, 3, 4), affine)
    voxels = np.arange(24).reshape(grid.shape)
    assert grid.axis_codes == codes
    canonical = reorient_grid(grid, "SPL")
    reoriented = reorient_array(voxels, grid.axis_codes, "SPL")
    assert canonical.axis_codes == "SPL"
    assert canonical.shape == reoriented.shape
    for value in (0, 5, 23):
        before = apply_affine(grid.affine, np.argwhere(voxels == value))
        after = apply_affine(canonical.affine, np.argwhere(reoriented == value))
        assert after == pytest.approx(before)


def test_one_real_image_in_twelve_axis_orders_is_one_image_once_reoriented(shared_data):
    paths = sorted((shared_data / "odd_nifti").glob("nifti_space_*.nii.gz"))
    scans = [read_scan(path) for path in paths]
    assert len({scan.grid.axis_codes for scan in scans}) == 12
    reference, *others = (
        (
            reorient_array(scan.data, scan.grid.axis_codes, "RAS"),
            reorient_grid(scan.grid, "RAS"),
        )
        for scan in scans
    )
    for data, grid in others:
        assert np.array_equal(data, reference[0])
        assert grid.matches(reference[1])
