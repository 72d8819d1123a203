import math

import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array
from liverseg.postprocess.way_back import (
    restore_mask,
    restore_probabilities,
    restore_quantised,
)
from liverseg.slices.geometry import SliceGrid, build_label_slices
from liverseg.slices.regions import Region
from liverseg.volumes.nifti import read_labels
from tests.made.grids import AXIS_ORDERS, build_affine, build_oblique_grid, find_axes


def send_there_and_back(mask, slice_grid: SliceGrid):
    slices = build_label_slices(mask.astype(np.uint8), slice_grid)
    return restore_mask(slices.astype(np.float32), 0.5, slice_grid)


def at_full_resolution(grid: Grid, factor: int = 1) -> SliceGrid:
    return SliceGrid(grid, factor * max(SliceGrid(grid, 1).square_shape))


def build_blob(shape, seed=1):
    return np.random.default_rng(seed).random(shape) < 0.4


@pytest.mark.parametrize("codes", AXIS_ORDERS)
def test_a_mask_at_full_resolution_comes_back_in_every_axis_order(codes):
    grid = build_oblique_grid(codes)
    slice_grid = at_full_resolution(grid)
    assert slice_grid.square_shape == (slice_grid.image_size,) * 2
    mask = build_blob(grid.shape)
    assert np.array_equal(send_there_and_back(mask, slice_grid), mask)


spacings_mm = st.tuples(*[st.sampled_from([0.5, 0.7, 1.0, 1.3, 3.0])] * 3)


@given(
    st.sampled_from(AXIS_ORDERS),
    st.tuples(*[st.integers(1, 12)] * 3),
    spacings_mm,
    st.integers(0, 3),
    st.integers(1, 3),
)
def test_a_mask_at_full_resolution_comes_back_from_voxels_of_any_spacing(
    codes, shape, spacing_mm, seed, factor
):
    """Along the axis with more voxels, pixels are voxels or whole parts of them.

    Along the other one a voxel is averaged over at least one whole pixel that has its label and
    less than half a pixel on either side that has not: its own label outweighs the others.
    """
    slice_grid = at_full_resolution(Grid(shape, build_affine(codes, spacing_mm)), factor)
    mask = build_blob(shape, seed)
    assert np.array_equal(send_there_and_back(mask, slice_grid), mask)


def find_rim(mask, codes: str, reach: tuple[int, int]):
    """Voxels that have both labels within so many rows and columns; outside lies background."""
    size = [1, 1, 1]
    _, row_axis, column_axis = find_axes(codes)
    size[row_axis], size[column_axis] = (2 * each + 1 for each in reach)
    largest, smallest = (
        find(mask, size, mode="constant", cval=0) for find in (maximum_filter, minimum_filter)
    )
    return largest != smallest


def find_reach(slice_grid: SliceGrid) -> tuple[int, int]:
    """How many rows and columns away a voxel of another label can change a voxel.

    A pixel of p voxels has the label of the voxel nearest to its centre, at most half a voxel away.
    A voxel gets its label from pixels whose centres are less than p voxels away. So the label comes
    from less than p + 1/2 voxels away, which is a whole number of voxels.
    """
    rows, columns = (
        math.ceil(side / slice_grid.image_size + 0.5) - 1 for side in slice_grid.square_shape
    )
    return rows, columns


@given(
    st.sampled_from(AXIS_ORDERS),
    st.tuples(*[st.integers(20, 30)] * 3),
    spacings_mm,
    st.integers(0, 3),
    st.integers(8, 24),
)
def test_at_a_reduced_resolution_only_the_rim_that_resampling_explains_is_off(
    codes, shape, spacing_mm, seed, image_size
):
    slice_grid = SliceGrid(Grid(shape, build_affine(codes, spacing_mm)), image_size)
    smooth = gaussian_filter(np.random.default_rng(seed).random(shape), 3)
    mask = smooth > np.median(smooth)
    wrong = send_there_and_back(mask, slice_grid) != mask
    assert not (wrong & ~find_rim(mask, codes, find_reach(slice_grid))).any()


def test_a_real_mask_at_full_resolution_comes_back(shared_data):
    labels = read_labels(shared_data / "3dircadb-17" / "segmentation-17.nii.gz")
    for label in (1, 2):
        mask = labels.data == label
        assert mask.any()
        assert np.array_equal(send_there_and_back(mask, SliceGrid(labels.grid, 512)), mask)


def test_a_real_mask_at_half_resolution_is_off_by_its_rim_only(shared_data):
    labels = read_labels(shared_data / "3dircadb-17" / "segmentation-17.nii.gz")
    lesion = labels.data == 2
    lesion = lesion[..., lesion.any(axis=(0, 1))]
    slice_grid = SliceGrid(Grid(lesion.shape, labels.grid.affine), 256)
    wrong = send_there_and_back(lesion, slice_grid) != lesion
    assert find_reach(slice_grid) == (2, 2)  # a pixel is 2 voxels wide: less than 2.5 away
    assert 0 < np.count_nonzero(wrong) < 0.05 * np.count_nonzero(lesion)
    assert not (wrong & ~find_rim(lesion, labels.grid.axis_codes, (2, 2))).any()


@pytest.mark.parametrize(
    ("codes", "shape", "spacing_mm", "image_size"),
    [
        ("LPS", (40, 40, 3), (1.0, 1.0, 2.0), 16),
        ("RAS", (40, 30, 3), (1.0, 1.0, 2.0), 16),
        ("RAI", (24, 33, 3), (2.0, 1.5, 2.0), 20),
        ("ASR", (36, 4, 24), (0.8, 3.0, 1.1), 16),
    ],
)
def test_interpolation_is_that_of_simpleitk_between_pixel_centres(
    codes, shape, spacing_mm, image_size
):
    slice_grid = SliceGrid(Grid(shape, build_affine(codes, spacing_mm)), image_size)
    size = (slice_grid.num_slices, image_size, image_size)
    probabilities = np.random.default_rng(1).random(size).astype(np.float32)
    # where pixels lie, in mm from the first voxel of the slice: an edge is half a spacing outside
    step, *voxel_mm = (spacing_mm[axis] for axis in find_axes(codes))
    lengths_mm = np.multiply(slice_grid.square_shape, voxel_mm)
    pixel_mm = lengths_mm / image_size
    edges_mm = -np.multiply(slice_grid.corner, voxel_mm) - np.divide(voxel_mm, 2)
    slices = SimpleITK.GetImageFromArray(probabilities)
    slices.SetSpacing((*pixel_mm[::-1], step))
    slices.SetOrigin((*(edges_mm + pixel_mm / 2)[::-1], 0))
    scan = SimpleITK.Image([*slice_grid.plane_shape[::-1], size[0]], SimpleITK.sitkFloat32)
    scan.SetSpacing((*voxel_mm[::-1], step))
    identity = SimpleITK.Transform()
    resampled = SimpleITK.Resample(slices, scan, identity, SimpleITK.sitkLinear, -1.0)
    expected = SimpleITK.GetArrayFromImage(resampled)

    restored = restore_probabilities(probabilities, slice_grid)
    restored = nib.as_closest_canonical(nib.Nifti1Image(restored, slice_grid.grid.affine))
    canonical = np.asarray(restored.dataobj)[::-1, ::-1].T  # from RAS to slice, row, column
    inside = np.ones(expected.shape, bool)  # outside the outer pixel centres the two differ
    inside[:, :2] = inside[:, -2:] = inside[:, :, :2] = inside[:, :, -2:] = False
    np.testing.assert_allclose(canonical[inside], expected[inside], atol=1e-5)


def test_a_disc_at_half_resolution_is_off_by_its_rim_only():
    rows, columns = np.mgrid[:64, :64]
    distance = np.hypot(rows - 31.5, columns - 31.5)
    disc = (distance < 20)[..., None]
    slice_grid = SliceGrid(Grid((64, 64, 1), np.diag([-1.0, -1, 1, 1])), 32)
    wrong = send_there_and_back(disc, slice_grid) != disc
    # a pixel of two voxels has its corners sqrt(2) away from its centre
    assert (abs(distance[wrong[..., 0]] - 20) < np.sqrt(2)).all()


def test_coarse_scans_average_the_pixels_of_a_voxel():
    probabilities = np.zeros((1, 16, 16), np.float32)
    probabilities[0, 0, :2] = 1  # 2 of the 4 pixels of the first voxel
    slice_grid = SliceGrid(Grid((8, 8, 1), np.diag([-1.0, -1, 1, 1])), 16)
    restored = restore_probabilities(probabilities, slice_grid)
    assert restored[0, 0, 0] == 0.5
    assert not restored[1:].any()


def test_the_threshold_itself_counts_as_reached():
    slice_grid = SliceGrid(Grid((16, 16, 1), np.diag([-1.0, -1, 1, 1])), 16)
    probabilities = np.full((1, 16, 16), 0.3, np.float32)
    assert restore_mask(probabilities, 0.3, slice_grid).all()


def test_8_bit_probabilities_count_in_255ths():
    slice_grid = SliceGrid(Grid((16, 16, 1), np.diag([-1.0, -1, 1, 1])), 16)
    probabilities = np.full((1, 16, 16), 51, np.uint8)
    restored = restore_probabilities(probabilities, slice_grid)
    assert restored.dtype == np.float32
    assert (restored == np.float32(0.2)).all()


def test_a_mask_is_its_probabilities_thresholded():
    slice_grid = SliceGrid(build_oblique_grid("AIL", (20, 21, 22)), 16)
    probabilities = np.random.default_rng(1).random((slice_grid.num_slices, 16, 16))
    restored = restore_probabilities(probabilities.astype(np.float32), slice_grid)
    mask = restore_mask(probabilities.astype(np.float32), 0.6, slice_grid)
    assert np.array_equal(mask, restored >= np.float32(0.6))


def test_8_bit_probabilities_come_back_as_the_nearest_of_256_steps():
    slice_grid = SliceGrid(build_oblique_grid("PSR", (9, 5, 8)), 6)
    values = np.random.default_rng(3).integers(0, 256, (slice_grid.num_slices, 6, 6), np.uint8)
    restored = restore_quantised(values, slice_grid)
    assert restored.dtype == np.uint8
    expected = restore_probabilities(values, slice_grid)
    assert np.abs(restored / 255 - expected).max() <= 1 / 510 + 1e-6


@given(
    st.sampled_from(AXIS_ORDERS),
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[st.integers(-6, 9)] * 2),
    st.integers(1, 9),
    st.integers(0, 3),
    st.data(),
)
def test_a_mask_comes_back_voxel_by_voxel_within_its_region_and_nothing_outside(
    codes, shape, corner, side, seed, data
):
    grid = build_oblique_grid(codes, shape)
    num_slices = SliceGrid(grid, 1).slices.shape[0]
    first = data.draw(st.integers(0, num_slices - 1))
    last = data.draw(st.integers(first + 1, num_slices))
    region = Region(first, last - first, *corner, side, side)
    slice_grid = SliceGrid(grid, side, region)
    mask = build_blob(shape, seed)
    inside = np.zeros(shape, np.bool_)
    rows, columns = (slice(max(start, 0), max(start + side, 0)) for start in corner)
    reorient_array(inside, codes, "SPL")[first:last, rows, columns] = True
    assert np.array_equal(send_there_and_back(mask, slice_grid), mask & inside)


def test_a_region_is_described_to_the_bit():
    slice_grid = SliceGrid(build_oblique_grid("LIP"), 8, Region(1, 2, -3, 4, 5, 6))
    again = SliceGrid.from_json(slice_grid.to_json())
    assert again.region == slice_grid.region
    assert np.array_equal(again.grid.affine, slice_grid.grid.affine)
