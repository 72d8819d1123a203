"""Intensities that are no HU, fault by fault, and the verdict on them."""

import numpy as np
import pytest

from liverseg.preprocess.slicing import build_images
from liverseg.slices.stacks import Preprocessing
from liverseg.volumes.nifti import read_scan
from tests.cases.verdicts import assert_found, remove_liver


def make_8_bit(sample):
    sample.hu = np.clip((sample.hu + 100.0) * 255 / 500, 0, 255).astype(np.uint8)


def keep_offset(sample):
    sample.hu = (sample.hu + 1024).astype(np.uint16)


def keep_offset_with_padding(sample):
    sample.hu = sample.hu + np.int16(1024)
    sample.hu[:10] = -2000


def keep_offset_without_liver(sample):
    keep_offset(sample)
    sample.labels = np.where(sample.labels == 2, 2, 0).astype(np.uint8)


def keep_offset_with_padding_without_liver(sample):
    keep_offset_with_padding(sample)
    remove_liver(sample)


def drop_negative_values(sample):
    sample.hu = np.maximum(sample.hu, 0)


def scale_to_1(sample):
    sample.hu = np.clip(sample.hu / np.float32(400), -1, 1)


def standardise(sample):
    sample.hu = ((sample.hu - sample.hu.mean()) / sample.hu.std()).astype(np.float32)


def halve(sample):
    sample.hu = sample.hu // 2


def double(sample):
    sample.hu = sample.hu * 2


def drop_air(sample):
    sample.hu = np.maximum(sample.hu, -120)


def scale_from_0_to_1(sample):
    sample.hu = np.clip((sample.hu + 160) / np.float32(400), 0, 1)


def pad_as_unsigned(sample):
    """Padding of 63536 less an offset of 1024."""
    sample.hu = sample.hu.astype(np.float32)
    sample.hu[:10] = 62512


def pad_far_below(sample):
    sample.hu = sample.hu.astype(np.float32)
    sample.hu[:10] = -1e30


def pad_as_if_metal(sample):
    sample.hu[:10] = 31743


def make_mr(sample):
    sample.hu = (np.maximum(sample.hu + 1000, 0) // 2).astype(np.uint16)


def empty(sample):
    sample.hu[:] = 0


def drop_body(sample):
    sample.hu[:] = -1000


@pytest.mark.parametrize(
    ("spoil", "level", "words"),
    [
        (make_8_bit, "error", ["values of 0 to 255", "8-bit", "not HU"]),
        (keep_offset, "error", ["stored with an offset of 1024", "rescale slope and intercept"]),
        (keep_offset_with_padding, "error", ["stored with an offset of 1024"]),
        (keep_offset_without_liver, "error", ["stored with an offset of 1024"]),
        (drop_negative_values, "error", ["none below 0", "not HU"]),
        (keep_offset_with_padding_without_liver, "error", ["stored with an offset of 1024"]),
        (scale_to_1, "error", ["values of -1 to 1: normalised, not HU"]),
        (standardise, "error", ["normalised, not HU"]),
        (halve, "warning", ["hardly any air", "-1100 to -700", "rescale slope"]),
        (double, "warning", ["hardly any air", "-1100 to -700", "rescale slope"]),
        (drop_air, "warning", ["no air"]),
        (scale_from_0_to_1, "error", ["values of 0 to 1: scaled to 0 to 1, not HU"]),
        (pad_as_unsigned, "error", ["to 62512, beyond -33792 to 32767", "16 bits"]),
        (pad_far_below, "error", ["values of -1e+30 to", "beyond -33792 to 32767"]),
        (pad_as_if_metal, "warning", ["of the voxels lie above 3071 HU, more than any metal"]),
        (make_mr, "error", ["none below 0: not HU, in which air is -1000 (is it MR?)"]),
        (empty, "error", ["every voxel is 0: an empty image"]),
        (drop_body, "error", ["hardly any soft tissue"]),
    ],
)
def test_intensities_that_are_no_hu_are_found(tmp_path, sample, verify, spoil, level, words):
    spoil(sample)
    sample.save(tmp_path)
    assert_found(verify(), level, *words)


@pytest.mark.parametrize("metal_hu", [3071, 30710])
def test_metal_may_be_as_bright_as_scanners_can_tell(tmp_path, sample, verify, metal_hu):
    """A clip of 4 x 4 x 1 voxels, by the bounds of 12 bits and of the extended scale."""
    sample.hu[30:34, 30:34, 10] = metal_hu
    sample.save(tmp_path)
    assert verify().verdict == "ok"


@pytest.mark.parametrize("padding_hu", [-2000, -3024])
def test_padding_counts_as_air(tmp_path, sample, verify, padding_hu):
    windows = Preprocessing(((-1024.0, 400.0),), 32, "npz")
    slices = []
    for value in (-1024, padding_hu):
        sample.hu[:12] = value
        sample.save(tmp_path)
        assert verify().verdict == "ok"
        slices.append(build_images(read_scan(tmp_path / "volume-1.nii.gz"), windows)[0])
    assert verify().case.hu_min == padding_hu
    assert np.array_equal(*slices)
