import numpy as np
import pytest

from liverseg.grids.cropping import find_box
from liverseg.grids.grid import Grid
from liverseg.locating.locator import find_liver_box, frame_located
from liverseg.locating.thinning import choose_step, thin_volume
from liverseg.preprocess.framing import frame_scan
from liverseg.slices.geometry import SliceGrid, build_label_slices, view_slices
from liverseg.slices.regions import Region
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import Volume
from tests.made.grids import AXIS_ORDERS, build_affine

SHAPE = (60, 60, 60)
COARSE = Preprocessing(((-150.0, 250.0),), 32, "npz", pixel_mm=6.0, slice_mm=6.0)


@pytest.mark.parametrize("codes", AXIS_ORDERS)
@pytest.mark.parametrize("step", [1, 2, 7])
def test_the_slices_that_stay_begin_at_the_feet_and_lie_where_they_lay(codes, step):
    grid = Grid((5, 6, 7), build_affine(codes, (1.0, 2.0, 3.0)))
    data = np.arange(5 * 6 * 7).reshape(grid.shape)
    thin = thin_volume(Volume(data, grid), step)
    expected = view_slices(data, SliceGrid(grid, 1))[::step]
    assert np.array_equal(view_slices(thin.data, SliceGrid(thin.grid, 1)), expected)
    first = np.argwhere(data == thin.data[0, 0, 0])[0]
    assert np.allclose(thin.grid.affine[:, 3], grid.affine @ [*first, 1])


@pytest.mark.parametrize(
    ("slice_mm", "spacing_mm", "step"),
    [(4.5, 1.0, 4), (4.5, 2.0, 2), (4.5, 5.0, 1), (None, 1.0, 1)],
)
def test_slices_are_left_out_where_they_lie_closer_than_they_need_to(slice_mm, spacing_mm, step):
    grid = Grid((4, 4, 4), build_affine("LPS", (1.0, 1.0, spacing_mm)))
    assert choose_step(grid, slice_mm) == step


@pytest.mark.parametrize("codes", AXIS_ORDERS)
@pytest.mark.parametrize("spacing_mm", [(2.0, 2.0, 2.0), (1.7, 2.2, 3.1)])
def test_the_box_of_a_liver_that_is_seen_holds_every_voxel_of_it(codes, spacing_mm):
    grid = Grid(SHAPE, build_affine(codes, spacing_mm))
    labels = np.zeros(SHAPE, np.uint8)
    rng = np.random.default_rng(1)
    start = rng.integers(3, 20, 3)
    labels[tuple(slice(first, first + 35) for first in start)] = 1
    step = choose_step(grid, COARSE.slice_mm)
    thin = thin_volume(Volume(labels, grid), step)
    slice_grid = SliceGrid(thin.grid, 32, frame_scan(thin.grid, COARSE))
    seen = build_label_slices(thin.data, slice_grid) > 0
    box = find_liver_box(seen, slice_grid, step, grid)
    liver = find_box(view_slices(labels, SliceGrid(grid, 1)))
    assert box is not None
    for found, true, mm in zip(box, liver, SliceGrid(grid, 1).slices.spacing_mm, strict=True):
        # Half a pixel of 6 mm, or a slice that was left out, may hide the liver's rim.
        assert true.start - 8 / mm - 1 <= found.start <= true.start + 3 / mm + 1
        assert true.stop - 3 / mm - 1 <= found.stop <= true.stop + 8 / mm + 1


def test_specks_beside_the_liver_do_not_widen_its_box():
    grid = Grid(SHAPE, build_affine("LPS", (2.0, 2.0, 2.0)))
    slice_grid = SliceGrid(grid, 60)
    liver = np.zeros(SHAPE, np.bool_)
    liver[10:40, 15:45, 20:50] = True
    liver[55, 2, 2] = True
    assert find_liver_box(liver, slice_grid, 1, grid) == (
        slice(10, 40),
        slice(15, 45),
        slice(20, 50),
    )


def test_less_than_a_liver_is_none():
    """50 ml are 6250 voxels of 8 mm³."""
    grid = Grid(SHAPE, build_affine("LPS", (2.0, 2.0, 2.0)))
    slice_grid = SliceGrid(grid, 60)
    liver = np.zeros(SHAPE, np.bool_)
    liver[:25, :25, :9] = True  # 5625
    assert find_liver_box(liver, slice_grid, 1, grid) is None
    assert find_liver_box(0 * liver > 0, slice_grid, 1, grid) is None
    liver[:25, :25, :10] = True  # 6250
    assert find_liver_box(liver, slice_grid, 1, grid) is not None


def test_a_located_liver_is_seen_with_twice_the_margin_above_and_below_within_the_scan():
    """Slices 10 to 40 of 2 mm, margin 8 mm: 8 more on either side, but the scan ends at 45."""
    grid = Grid((60, 60, 45), build_affine("LPS", (2.0, 2.0, 2.0)))
    preprocessing = Preprocessing(
        ((-100.0, 400.0),), 32, "npz", region="liver", pixel_mm=2.0, margin_mm=8.0
    )
    liver = (slice(10, 40), slice(15, 45), slice(20, 50))
    located = frame_located("a", liver, grid, preprocessing)
    assert (located.source, located.region) == ("located", Region(2, 43, 11, 16, 38, 38))
