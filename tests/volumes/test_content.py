"""A scan is known again under another name, another header and in another axis order."""

from itertools import permutations, product
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.volumes.content import hash_voxels
from liverseg.volumes.nifti import Volume, read_scan

GRID = Grid((5, 6, 7), np.eye(4))
NOISE = np.random.default_rng(1).integers(-1000, 1000, (5, 6, 7)).astype(np.int16)


def hash_array(data) -> str:
    return hash_voxels(Volume(data, GRID))


def hash_file(path: Path, data, affine, slope=1.0, intercept=0.0) -> str:
    image = nib.Nifti1Image(data, affine, dtype=data.dtype)
    image.header.set_slope_inter(slope, intercept)
    nib.save(image, path)
    return hash_voxels(read_scan(path))


def test_compression_type_scaling_and_header_make_no_difference(tmp_path):
    expected = hash_file(tmp_path / "a.nii.gz", NOISE, np.diag([-0.7, -0.7, 2.5, 1]))
    assert hash_file(tmp_path / "b.nii", NOISE, np.eye(4)) == expected
    assert hash_file(tmp_path / "c.nii", NOISE.astype(">f8"), np.eye(4)) == expected
    stored = (NOISE + 1024).astype(np.uint16)
    assert hash_file(tmp_path / "d.nii.gz", stored, np.eye(4), 1, -1024) == expected


@pytest.mark.parametrize("shape", [(5, 6, 7), (6, 6, 6), (1, 6, 6), (1, 1, 9)])
def test_the_order_of_the_axes_makes_no_difference(shape):
    noise = np.random.default_rng(2).normal(size=shape).astype(np.float32)
    turned = [
        noise[tuple(slice(None, None, step) for step in steps)].transpose(axes)
        for axes in permutations(range(3))
        for steps in product((1, -1), repeat=3)
    ]
    assert len({hash_array(data) for data in turned}) == 1


def test_every_voxel_and_its_place_make_a_difference():
    other, swapped = NOISE.copy(), NOISE.copy()
    other[1, 2, 3] += 1
    swapped[0, 0, 0], swapped[1, 1, 1] = NOISE[1, 1, 1], NOISE[0, 0, 0]
    assert len({hash_array(data) for data in (NOISE, other, swapped, NOISE[:-1])}) == 4


def test_the_shape_makes_a_difference_where_all_voxels_are_equal():
    hashes = {hash_array(np.zeros(shape, np.int16)) for shape in ((2, 3, 4), (2, 2, 6))}
    assert len(hashes) == 2


def test_a_negative_zero_is_a_zero():
    zeros = np.zeros((2, 3, 4), np.float32)
    assert hash_array(-zeros) == hash_array(zeros)


def test_one_real_image_in_twelve_axis_orders_is_one_content(shared_data):
    paths = sorted((shared_data / "odd_nifti").glob("nifti_space_*.nii.gz"))
    assert len(paths) == 12
    assert len({hash_voxels(read_scan(path)) for path in paths}) == 1
