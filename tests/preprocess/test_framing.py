import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.grids.cropping import find_box
from liverseg.grids.grid import Grid
from liverseg.preprocess.framing import frame_liver, frame_scan
from liverseg.preprocess.slicing import build_images, measure_liver_share
from liverseg.slices.geometry import SliceGrid, view_slices
from liverseg.slices.regions import Region
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import Volume
from tests.made.grids import AXIS_ORDERS, build_affine

LPS_2_1_1 = Grid((100, 80, 30), build_affine("LPS", (1.0, 1.0, 2.0)))


def build_preprocessing(**values: object) -> Preprocessing:
    return Preprocessing(((-100.0, 400.0),), 32, "npz", region="liver", **values)


def test_the_square_around_a_liver_has_the_size_that_is_asked_for():
    """32 pixels of 2 mm are 64 rows and columns of 1 mm, around the middle of 30 to 50, 10 to 40.

    Rows begin at (30 + 50 - 64) / 2 = 8, columns at (10 + 40 - 64) / 2 = -7, outside of the scan;
    a margin of 5 mm takes in three more slices of 2 mm on either side of 10 to 14.
    """
    liver = (slice(10, 14), slice(30, 50), slice(10, 40))
    region = frame_liver(liver, LPS_2_1_1, build_preprocessing(pixel_mm=2.0, margin_mm=5.0))
    assert region == Region(7, 10, 8, -7, 64, 64)


def test_a_liver_that_is_too_large_widens_its_square():
    """60 mm of liver and 20 mm of margin on either side are 100 rows and columns of 1 mm."""
    liver = (slice(0, 30), slice(10, 70), slice(20, 60))
    preprocessing = build_preprocessing(pixel_mm=2.0, margin_mm=20.0)
    region = frame_liver(liver, LPS_2_1_1, preprocessing)
    assert (region.rows, region.columns) == (100, 100)
    assert (region.first_slice, region.num_slices) == (0, 30)
    assert SliceGrid(LPS_2_1_1, 32, region).pixel_mm == (100 / 32, 100 / 32, 2.0)


def test_a_whole_scan_at_a_fixed_size_is_shown_around_its_middle():
    """32 pixels of 4 mm are 128 mm: 24 rows above and below 80, 14 columns beside 100."""
    preprocessing = build_preprocessing(pixel_mm=4.0)
    assert frame_scan(LPS_2_1_1, preprocessing) == Region(0, 30, -24, -14, 128, 128)


def test_a_whole_scan_without_a_size_of_pixels_keeps_its_own_square():
    assert frame_scan(LPS_2_1_1, build_preprocessing()) is None


@given(
    st.sampled_from(AXIS_ORDERS),
    st.tuples(*[st.integers(1, 12)] * 3),
    st.tuples(*[st.sampled_from([0.7, 1.0, 3.0])] * 3),
    st.tuples(*[st.floats(-1, 1)] * 3),
    st.integers(0, 5),
)
def test_a_liver_lies_within_its_region_wherever_that_is_moved_within_the_margin(
    codes, shape, spacing_mm, shift, seed
):
    rng = np.random.default_rng(seed)
    labels = (rng.random(shape) < 0.3).astype(np.uint8)
    labels[tuple(rng.integers(shape))] = 1
    grid = Grid(shape, build_affine(codes, spacing_mm))
    liver = find_box(view_slices(labels, SliceGrid(grid, 1)))
    margin_mm = 6.0  # two voxels of the coarsest, since squares begin at whole voxels
    preprocessing = build_preprocessing(pixel_mm=0.1, margin_mm=margin_mm)
    region = frame_liver(liver, grid, preprocessing, np.multiply(shift, margin_mm / 2))
    assert measure_liver_share(labels, SliceGrid(grid, 32, region)) == 1


def test_the_share_of_the_liver_that_is_shown_is_counted_in_voxels():
    """A bar of 8 voxels along a row, of which the square shows the first 3."""
    grid = Grid((20, 20, 2), build_affine("LPS"))
    labels = np.zeros(grid.shape, np.uint8)
    labels[5:13, 4, 1] = 1
    assert measure_liver_share(labels, SliceGrid(grid, 8, Region(0, 2, 0, 0, 8, 8))) == 3 / 8
    assert measure_liver_share(labels, SliceGrid(grid, 8, Region(0, 1, 0, 0, 8, 8))) == 0
    assert measure_liver_share(0 * labels, SliceGrid(grid, 8, None)) is None


@pytest.mark.parametrize("codes", AXIS_ORDERS)
def test_images_of_a_region_are_those_of_the_scan_and_air_beyond_it(codes):
    grid = Grid((6, 7, 8), build_affine(codes))
    hu = np.random.default_rng(0).integers(-99, 399, grid.shape).astype(np.int16)
    preprocessing = Preprocessing(((-1000.0, 1550.0),), 5, "npz")  # a grey value is 10 HU
    region = Region(1, 3, -2, 2, 5, 5)
    images, slice_grid = build_images(Volume(hu, grid), preprocessing, region)
    whole = view_slices(hu, SliceGrid(grid, 1)).astype(float)
    padded = np.pad(whole, ((0, 0), (2, 5), (0, 9)), constant_values=-1000)
    expected = padded[1:4, 0:5, 2:7]
    assert images.shape == (3, 1, 5, 5)
    assert slice_grid.num_slices == 3
    assert np.abs(images[:, 0] * 10.0 - 1000 - expected).max() <= 5
