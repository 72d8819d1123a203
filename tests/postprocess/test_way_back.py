from itertools import permutations, product
from pathlib import Path
from tempfile import TemporaryDirectory

import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st

from liverseg.postprocess.way_back import restore_mask, restore_probabilities
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.preprocess import build_label_slices
from liverseg.volumes.grid import Grid
from liverseg.volumes.nifti import read_labels, read_scan, write_labels

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


def build_affine(codes: str, spacing_mm=(1.0, 1.0, 1.0)):
    columns = [
        np.multiply(DIRECTIONS[code], mm) for code, mm in zip(codes, spacing_mm, strict=True)
    ]
    return nib.affines.from_matvec(np.transpose(columns))


def build_oblique_grid(codes: str, shape=(5, 6, 7)) -> Grid:
    """Turned and sheared, but with axes nearest to ``codes``."""
    turn = nib.affines.from_matvec(nib.eulerangles.euler2mat(0.2, -0.1, 0.15))
    turn[0, 1] += 0.01
    grid = Grid(shape, turn @ build_affine(codes))
    assert grid.axis_codes == codes
    return grid


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


@given(
    st.sampled_from(AXIS_ORDERS),
    st.tuples(*[st.integers(1, 12)] * 3),
    st.integers(0, 3),
    st.integers(1, 3),
)
def test_a_mask_comes_back_from_slices_of_a_whole_multiple_of_its_size(codes, shape, seed, factor):
    slice_grid = at_full_resolution(Grid(shape, build_affine(codes)), factor)
    mask = build_blob(shape, seed)
    assert np.array_equal(send_there_and_back(mask, slice_grid), mask)


@given(
    st.sampled_from(AXIS_ORDERS),
    st.sampled_from([nib.Nifti1Image, nib.Nifti2Image]),
    st.sampled_from(["<", ">"]),
    st.sampled_from([".nii", ".nii.gz"]),
    st.sampled_from([(np.int16, 1, 0), (np.uint16, 1, -1024), (np.uint8, 0.37, -12.5)]),
)
@settings(max_examples=60, deadline=None)
def test_a_prediction_on_disk_lies_on_its_scan(codes, kind, endianness, suffix, stored):
    grid, (dtype, slope, intercept) = build_oblique_grid(codes), stored
    data = np.zeros(grid.shape, np.dtype(dtype).newbyteorder(endianness))
    image = kind(data, grid.affine, kind.header_class(endianness=endianness), dtype=data.dtype)
    image.set_qform(grid.affine, code=1)  # without the shear, so unlike the sform
    image.set_sform(grid.affine, code=3)
    image.header.set_slope_inter(slope, intercept)
    with TemporaryDirectory() as folder:
        like, path = Path(folder, f"scan{suffix}"), Path(folder, f"labels{suffix}")
        nib.save(image, like)
        mask = build_blob(grid.shape)
        restored = send_there_and_back(mask, at_full_resolution(read_scan(like).grid))
        write_labels(path, restored.astype(np.uint8), like)
        scan, labels = nib.load(like), nib.load(path)
        assert np.array_equal(np.asarray(labels.dataobj), mask)
        assert labels.shape == scan.shape
        assert np.array_equal(labels.affine, scan.affine)
        assert np.array_equal(labels.get_qform(), scan.get_qform())
        assert not np.allclose(labels.get_qform(), labels.get_sform())
        assert (labels.header["qform_code"], labels.header["sform_code"]) == (1, 3)


def test_a_real_mask_at_full_resolution_comes_back(shared_data):
    labels = read_labels(shared_data / "3dircadb-17" / "segmentation-17.nii.gz")
    for label in (1, 2):
        mask = labels.data == label
        assert mask.any()
        assert np.array_equal(send_there_and_back(mask, SliceGrid(labels.grid, 512)), mask)


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


def find_axes(codes: str) -> list[int]:
    """Axes of the slices, the rows and the columns."""
    return [
        next(axis for axis, code in enumerate(codes) if code in pair) for pair in ("IS", "AP", "RL")
    ]


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
