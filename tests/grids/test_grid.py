import numpy as np
import pytest

from liverseg.grids.grid import Grid


def build_grid(*diagonal: float, shape=(4, 5, 6)) -> Grid:
    return Grid(shape, np.diag([*diagonal, 1.0]))


def test_spacing_and_axes_come_from_the_columns_of_the_affine():
    grid = build_grid(-0.5, -0.7, 2.0)
    assert grid.spacing_mm == pytest.approx((0.5, 0.7, 2.0))
    assert grid.axis_codes == "LPS"


def test_a_voxel_of_half_by_two_by_three_mm_has_three_microlitres():
    assert build_grid(-0.5, 2.0, 3.0).voxel_ml == pytest.approx(0.003)


def test_shearing_a_grid_changes_no_volume():
    sheared = build_grid(1.0, 1.0, 2.0)
    sheared.affine[1, 2] = 0.7
    assert sheared.voxel_ml == pytest.approx(0.002)


def test_grids_match_while_no_corner_is_a_tenth_of_a_voxel_away():
    grid = build_grid(1.0, 1.0, 1.0)
    near, far = build_grid(1.0, 1.0, 1.0), build_grid(1.0, 1.0, 1.0)
    near.affine[0, 3], far.affine[0, 3] = 0.09, 0.11
    assert grid.matches(near)
    assert not grid.matches(far)


def test_a_small_error_of_the_spacing_adds_up_to_the_far_corner():
    # 0.001 mm a voxel moves the last of 50 slices by 0.049 mm, the last of 150 by 0.149 mm
    for num_slices, expected in ((50, True), (150, False)):
        shape = (4, 4, num_slices)
        stretched = build_grid(1.0, 1.0, 1.001, shape=shape)
        assert build_grid(1.0, 1.0, 1.0, shape=shape).matches(stretched) is expected


def test_grids_of_other_shapes_never_match():
    assert not build_grid(1, 1, 1).matches(build_grid(1, 1, 1, shape=(4, 5, 7)))


@pytest.mark.parametrize(
    ("change", "is_invertible"),
    [
        ({}, True),
        ({(1, 2): 0.9}, True),  # a gantry tilted by 42 degrees: arctan(0.9)
        ({(2, 2): 0.0}, False),
        ({(0, 0): np.nan}, False),
        ({(0, 3): np.inf}, False),
        ({(0, 3): 1e300}, False),
        ({(0, 0): 1e-30}, False),
        ({(0, 1): 1.0, (1, 1): 1e-9}, False),  # two axes along one line
    ],
)
def test_an_affine_is_invertible_where_its_axes_span_the_space(change, is_invertible):
    grid = build_grid(1.0, 1.0, 1.0)
    for place, value in change.items():
        grid.affine[place] = value
    assert grid.is_invertible == is_invertible
