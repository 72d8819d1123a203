from itertools import permutations, product

import numpy as np
import pytest
from nibabel.affines import apply_affine

from liverseg.volumes.grid import Grid
from liverseg.volumes.orientation import reorient_array, reorient_grid

AXIS_ORDERS = [
    "".join(codes) for names in permutations(("RL", "AP", "IS")) for codes in product(*names)
]
DIRECTIONS = {
    "R": (1, 0, 0),
    "A": (0, 1, 0),
    "S": (0, 0, 1),
    "L": (-1, 0, 0),
    "P": (0, -1, 0),
    "I": (0, 0, -1),
}


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
