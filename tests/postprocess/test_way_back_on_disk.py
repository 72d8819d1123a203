"""A mask that goes through slices and back to a file lies on its scan, whatever the scan is."""

from itertools import product
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from nibabel.nifti2 import Nifti2Pair

from liverseg.grids.grid import Grid
from liverseg.postprocess.way_back import restore_mask
from liverseg.slices.geometry import SliceGrid, build_label_slices
from liverseg.volumes.nifti import read_grid, read_scan, write_labels
from tests.made.grids import AXIS_ORDERS, build_oblique_grid

SUFFIXES = (".nii", ".nii.gz", ".hdr", ".hdr.gz")
FORMS = ((1, 3), (0, 2), (1, 0), (0, 0))  # codes of qform and sform
STORED = ((np.int16, 1, 0), (np.uint16, 1, -1024), (np.uint8, 0.37, -12.5), (np.float32, 1, 0))
FORMATS = [
    (suffix, version, endianness, FORMS[number % 4], STORED[(number + number // 4) % 4])
    for number, (suffix, version, endianness) in enumerate(product(SUFFIXES, (1, 2), "<>"))
]


def write_scan(path: Path, grid: Grid, version: int, endianness: str, forms, stored) -> None:
    is_pair = path.name.endswith((".hdr", ".hdr.gz"))
    kind = {
        (1, False): nib.Nifti1Image,
        (2, False): nib.Nifti2Image,
        (1, True): nib.Nifti1Pair,
        (2, True): Nifti2Pair,
    }[version, is_pair]
    (qform_code, sform_code), (dtype, slope, intercept) = forms, stored
    header = kind.header_class(endianness=endianness)
    image = kind(np.zeros(grid.shape, dtype), None, header, dtype=dtype)
    header = image.header
    header.set_qform(grid.affine, code=qform_code)  # which leaves the shear out
    header.set_sform(grid.affine, code=sform_code)
    header.set_slope_inter(slope, intercept)
    nib.save(image, path)


def send_there_and_back(mask, grid: Grid):
    slice_grid = SliceGrid(grid, max(SliceGrid(grid, 1).square_shape))
    slices = build_label_slices(mask.astype(np.uint8), slice_grid)
    return restore_mask(slices.astype(np.float32), 0.5, slice_grid)


def check_prediction(like: Path, path: Path) -> None:
    """What nibabel reads of the prediction is what it reads of the scan, and the mask is equal."""
    grid = read_scan(like).grid
    mask = np.random.default_rng(1).random(grid.shape) < 0.4
    write_labels(path, send_there_and_back(mask, grid).astype(np.uint8), like)
    scan, labels = nib.load(like), nib.load(path)
    assert np.array_equal(np.asarray(labels.dataobj), mask)
    assert labels.shape == scan.shape[:3]
    assert np.array_equal(labels.affine, scan.affine)
    for form in ("qform", "sform"):
        assert labels.header[f"{form}_code"] == scan.header[f"{form}_code"]
    if scan.header["qform_code"]:
        assert np.array_equal(labels.get_qform(), scan.get_qform())
    assert np.array_equal(labels.header.get_sform(), scan.header.get_sform())


@pytest.mark.parametrize("codes", AXIS_ORDERS)
def test_a_prediction_lies_on_its_scan_in_every_axis_order_and_format(tmp_path, codes):
    grid = build_oblique_grid(codes, (4, 5, 6), (0.9, 1.0, 1.1))
    turn = AXIS_ORDERS.index(codes) % 2  # half of the formats for each order, for speed
    for suffix, version, endianness, forms, stored in FORMATS[turn::2]:
        like = tmp_path / f"scan{suffix}"
        write_scan(like, grid, version, endianness, forms, stored)
        if forms != (0, 0):
            assert read_grid(like).axis_codes == codes
        check_prediction(like, tmp_path / "labels.nii.gz")


REAL = ("anatomical.nii", "minimal.nii.gz", "shear.nii.gz", "nifti_space_SRP.nii.gz")


@pytest.mark.parametrize("name", REAL)
def test_a_prediction_lies_on_a_real_odd_scan(shared_data, tmp_path, name):
    check_prediction(shared_data / "odd_nifti" / name, tmp_path / "labels.nii.gz")


def test_a_sform_goes_before_a_qform_and_neither_leaves_the_spacings(tmp_path):
    path, affine = tmp_path / "scan.nii", np.diag([2.0, 3, 4, 1])
    qform = nib.affines.from_matvec(np.diag([2.0, 3, 4]), (7, 8, 9))
    for codes, expected in (
        ((1, 1), affine),
        ((0, 1), affine),
        ((1, 0), qform),
        # nibabel's base affine: first axis flipped, (shape - 1) / 2 spacings from the centre
        ((0, 0), [[-2, 0, 0, 2 * 1.5], [0, 3, 0, -3 * 2], [0, 0, 4, -4 * 2.5], [0, 0, 0, 1]]),
    ):
        image = nib.Nifti1Image(np.zeros((4, 5, 6), np.int16), None)
        image.header.set_qform(qform, code=codes[0])
        image.header.set_sform(affine, code=codes[1])
        nib.save(image, path)
        assert np.allclose(read_grid(path).affine, expected)
