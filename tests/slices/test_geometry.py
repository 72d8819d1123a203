import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.slices.geometry import (
    SliceGrid,
    cut_plane,
    find_overlap,
    resize_labels,
    resize_plane,
    view_slices,
)


def build_slice_grid(shape=(4, 2, 3), spacing_mm=(1, 1, 1), image_size=16) -> SliceGrid:
    """Of a scan with axes LPS."""
    i, j, k = spacing_mm
    return SliceGrid(Grid(shape, np.diag([-i, -j, k, 1.0])), image_size)


def test_the_first_pixel_is_the_patients_front_right_of_the_lowest_slice():
    # axes RAS: the first voxel is the patient's left, back and feet
    grid = SliceGrid(Grid((2, 3, 4), np.eye(4)), 16)
    volume = np.zeros((2, 3, 4))
    volume[1, 2, 0] = 1  # right, front, feet
    slices = view_slices(volume, grid)
    assert slices.shape == (4, 3, 2)
    assert slices[0, 0, 0] == 1


def test_slices_are_those_of_simpleitks_dicom_orientation(shared_data):
    for path in sorted((shared_data / "odd_nifti").glob("nifti_space_*.nii.gz")):
        image = nib.load(path)
        slice_grid = SliceGrid(Grid(image.shape, image.affine), 16)
        slices = view_slices(np.asarray(image.dataobj.get_unscaled()), slice_grid)
        oriented = SimpleITK.GetArrayFromImage(
            SimpleITK.DICOMOrient(SimpleITK.ReadImage(path), "LPS")
        )
        np.testing.assert_allclose(slices * image.dataobj.slope, oriented, rtol=1e-6)


def test_square_isotropic_slices_are_not_padded():
    slice_grid = build_slice_grid(shape=(4, 4, 3))
    assert slice_grid.square_shape == slice_grid.plane_shape == (4, 4)
    assert slice_grid.num_slices == 3


def test_two_missing_rows_are_shared_by_front_and_back():
    slice_grid = build_slice_grid(shape=(4, 2, 3))
    plane = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.int16)
    assert cut_plane(plane, slice_grid, -1000).tolist() == [
        [-1000, -1000, -1000, -1000],
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [-1000, -1000, -1000, -1000],
    ]


def test_the_odd_one_of_three_missing_columns_goes_to_the_end():
    slice_grid = build_slice_grid(shape=(1, 4, 3))
    square = cut_plane(np.full((4, 1), 7, np.int16), slice_grid, 0)
    assert square[0].tolist() == [0, 7, 0, 0]


def test_slices_that_are_square_in_millimetres_are_not_padded():
    # 8 columns of 1 mm and 4 rows of 2 mm are 8 mm each way
    assert build_slice_grid(shape=(8, 4, 1), spacing_mm=(1, 2, 5)).square_shape == (4, 8)


def test_padding_makes_millimetres_square_and_not_voxels():
    # 8 columns of 1 mm beside 2 rows of 2 mm: 8 mm are 4 rows
    assert build_slice_grid(shape=(8, 2, 1), spacing_mm=(1, 2, 5)).square_shape == (4, 8)


def test_the_squares_side_is_rounded_to_the_nearest_voxel():
    # 10 columns of 1 mm; 10 mm are 3.33 rows of 3 mm
    assert build_slice_grid(shape=(10, 2, 1), spacing_mm=(1, 3, 1)).square_shape == (3, 10)


@given(
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[st.floats(0.5, 5)] * 3),  # at most 90 times as long as wide: 100 are refused
)
def test_cropping_undoes_padding(shape, spacing_mm):
    slice_grid = build_slice_grid(shape, spacing_mm)
    plane = np.arange(shape[0] * shape[1]).reshape(shape[1], shape[0])
    in_plane, in_square = find_overlap(slice_grid)
    assert plane[in_plane].shape == plane.shape
    assert np.array_equal(cut_plane(plane, slice_grid, -1)[in_square], plane)


def test_shrinking_to_half_averages_four_pixels():
    plane = np.array([[0, 2, 10, 10], [4, 6, 10, 14], [1, 1, 0, 0], [1, 1, 0, 8]], np.float32)
    assert resize_plane(plane, (2, 2)).tolist() == [[3, 11], [1, 2]]


def test_shrinking_by_two_thirds_weights_the_pixel_in_the_middle_by_half():
    # 3 pixels to 2: each takes a whole pixel and half of the middle one, over 1.5 pixels
    plane = np.array([[3, 6, 12]], np.float32)
    assert resize_plane(plane, (1, 2))[0] == pytest.approx([(3 + 3) / 1.5, (3 + 12) / 1.5])


def test_growing_interpolates_between_pixel_centres():
    # the centres of 4 pixels lie at -0.25, 0.25, 0.75, 1.25 of 2; beyond the outer ones it is flat
    plane = np.array([[0, 4]], np.float32)
    assert resize_plane(plane, (1, 4)).tolist() == [[0, 1, 3, 4]]


def test_an_axis_that_shrinks_is_averaged_while_the_other_one_grows():
    plane = np.array([[0, 2, 4, 10]], np.float32)
    assert resize_plane(plane, (2, 2)).tolist() == [[1, 7], [1, 7]]


def test_a_resize_to_the_same_shape_changes_nothing():
    plane = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    assert np.array_equal(resize_plane(plane, (5, 7)), plane)


def test_labels_are_those_at_the_pixel_centres():
    # the centre of each of 2 pixels is that of the middle one of 3
    plane = np.array([[0, 1, 0, 0, 2, 0]], np.uint8)
    assert resize_labels(plane, (1, 2)).tolist() == [[1, 2]]


def test_labels_that_grow_are_repeated():
    assert resize_labels(np.array([[1, 2]], np.uint8), (2, 4)).tolist() == [[1, 1, 2, 2]] * 2


def test_a_slice_grid_comes_back_from_json_to_the_bit():
    affine = np.array(
        [[0.1, 1 / 3, 0, -1e-17], [0.2, -0.7, 0, 1e9], [0, 0, np.pi, 0], [0, 0, 0, 1]]
    )
    slice_grid = SliceGrid(Grid((3, 4, 5), affine), 96)
    back = SliceGrid.from_json(slice_grid.to_json())
    assert np.array_equal(back.grid.affine, affine)
    assert (back.grid.shape, back.image_size) == ((3, 4, 5), 96)


@pytest.mark.parametrize(
    ("shape", "spacing_mm", "received"),
    [
        ((512, 512, 3), (0.1, 1, 1), "512 x 512 voxels of 1 x 0.1 mm.*Received: 512 x 5120"),
        ((8, 8, 3), (1, 0.005, 1), "8 x 8 voxels of 0.005 x 1 mm.*Received: 1600 x 8"),
        ((1, 200, 3), (1, 1, 1), "200 x 1 voxels of 1 x 1 mm.*Received: 200 x 200"),
    ],
)
def test_slices_that_a_false_spacing_makes_too_long_are_refused(shape, spacing_mm, received):
    with pytest.raises(DataError, match=received):
        build_slice_grid(shape, spacing_mm).square_shape  # noqa: B018


def test_millimetres_of_a_resized_slice_are_those_of_its_square_shared_by_its_pixels():
    """100 x 80 voxels of 0.8 x 1 mm (columns, rows): a square of 80 mm on 40 pixels."""
    affine = np.diag([-0.8, -1.0, 2.5, 1.0])  # i to the left, j to the back
    slice_grid = SliceGrid(Grid((100, 80, 7), affine), 40)
    assert slice_grid.square_shape == (80, 100)
    assert slice_grid.pixel_mm == pytest.approx((2.0, 2.0, 2.5))
