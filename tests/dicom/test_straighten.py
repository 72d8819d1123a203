"""Sheared grids made rectangular."""

import numpy as np
import pytest
from nibabel.affines import apply_affine

from liverseg.dicom.straighten import straighten
from liverseg.grids.grid import Grid
from liverseg.volumes.nifti import Volume

SPACING = (0.5, 0.8, 3.0)


def make_sheared(data, moves):
    """Each slice lies so many voxels along i and j beside the one below it."""
    affine = np.diag([*SPACING, 1.0])
    affine[:2, 2] = np.multiply(moves, SPACING[:2])
    affine[:3, 3] = (-10, 20, 30)
    return Volume(data, Grid(data.shape, affine))


def count_up(dtype):
    return (1 + np.arange(4 * 3 * 3)).reshape(4, 3, 3).astype(dtype)


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.uint8])
def test_moves_by_whole_voxels_change_no_value(dtype):
    data = count_up(dtype)
    straight = straighten(make_sheared(data, (1, -2)), order=0, fill=0)
    # three slices: one voxel further along i each, two back along j, so slice 0 begins at j = 4
    expected = np.zeros((4 + 2, 3 + 4, 3), dtype)
    for k in range(3):
        expected[k : k + 4, 4 - 2 * k : 7 - 2 * k, k] = data[..., k]
    assert straight.data.dtype == dtype
    assert np.array_equal(straight.data, expected)
    affine = np.diag([*SPACING, 1.0])
    affine[:3, 3] = (-10, 20 - 4 * 0.8, 30)
    np.testing.assert_allclose(straight.grid.affine, affine, atol=1e-9)


def test_half_a_voxel_is_the_mean_of_two_neighbours():
    data = count_up(np.float32)
    straight = straighten(make_sheared(data, (0.5, 0)), order=1, fill=-1000)
    assert straight.data.shape == (5, 3, 3)
    np.testing.assert_allclose(straight.data[1:4, :, 1], (data[:-1, :, 1] + data[1:, :, 1]) / 2)
    np.testing.assert_allclose(straight.data[1:, :, 2], data[..., 2])
    assert (straight.data[4, :, 0] == -1000).all()


def test_a_ball_stays_where_it_is_and_as_large():
    sheared = make_sheared(np.zeros((60, 50, 20), np.uint8), (0.6, -0.35))
    centre = apply_affine(sheared.grid.affine, (30, 25, 10))
    voxels = np.moveaxis(np.indices(sheared.grid.shape), 0, -1)
    apart = np.linalg.norm(apply_affine(sheared.grid.affine, voxels) - centre, axis=-1)
    sheared.data[apart < 9] = 1
    straight = straighten(sheared, order=0, fill=0)
    inside = apply_affine(straight.grid.affine, np.argwhere(straight.data))
    assert straight.grid.shear < 1e-9
    np.testing.assert_allclose(inside.mean(axis=0), centre, atol=0.4)  # half a voxel
    assert straight.data.sum() == pytest.approx(sheared.data.sum(), rel=0.02)
