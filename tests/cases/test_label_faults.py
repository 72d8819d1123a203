"""Labels that mean something else or lie elsewhere, fault by fault, and the verdict on them."""

import numpy as np
import pytest

from tests.cases.verdicts import assert_found, remove_liver


def store_as_float(sample):
    sample.labels = sample.labels.astype(np.float64)


def store_255(sample):
    sample.labels = np.where(sample.labels, 255, 0).astype(np.uint8)


def store_fractions(sample):
    sample.labels = sample.labels * np.float32(0.5)


def keep_lesions_as_1(sample):
    sample.labels = (sample.labels == 2).astype(np.uint8)


def empty(sample):
    sample.labels[:] = 0


def add_lesion_outside(sample):
    sample.labels[60:63, 30:33, 10:12] = 2


def add_specks(sample):
    inside = np.argwhere(sample.labels == 1)
    sample.labels[tuple(inside[(inside % 3 == 0).all(axis=1)].T)] = 2


def shift_mask(sample):
    sample.labels = np.roll(sample.labels, 4, axis=2)  # 20 mm towards the head: into the lung


def flip_mask(sample):
    sample.labels = sample.labels[::-1]


def shift_mask_far(sample):
    sample.labels = np.roll(sample.labels, 45, axis=1)  # out of the body


def shift_lesions(sample):
    remove_liver(sample)
    sample.labels = np.roll(sample.labels, 12, axis=2)  # 60 mm towards the head: into the lung


def shift_lesions_far(sample):
    remove_liver(sample)
    shift_mask_far(sample)


@pytest.mark.parametrize(
    ("spoil", "level", "words"),
    [
        (store_as_float, "ok", []),
        (store_255, "error", ["Received: 255", "data.label_map", "{255: 2}"]),
        (store_fractions, "error", ["Received: 0.5"]),
        (keep_lesions_as_1, "warning", ["a liver of only", "data.label_map: {1: 2}"]),
        (remove_liver, "warning", ["no voxel of label 1 (liver), only lesions"]),
        (empty, "error", ["the mask is empty"]),
        (add_lesion_outside, "warning", ["1 of 4 lesions touch no liver"]),
        (add_specks, "warning", ["lesions are single voxels"]),
        (shift_mask, "warning", ["of the liver mask", "lung, gas or bone", "shifted"]),
        (flip_mask, "warning", ["of the liver mask", "flipped"]),
        (flip_mask, "warning", ["to the left of the body's centre"]),
        (shift_mask_far, "error", ["HU under the liver mask", "shifted"]),
        (shift_lesions, "error", ["HU under the lesion mask", "shifted"]),
        (shift_lesions_far, "error", ["HU under the lesion mask", "shifted"]),
    ],
)
def test_labels_are_judged(tmp_path, sample, verify, spoil, level, words):
    spoil(sample)
    sample.save(tmp_path)
    if level == "ok":
        assert verify().verdict == "ok"
    else:
        assert_found(verify(), level, *words)


def test_a_label_map_says_what_other_values_stand_for(tmp_path, sample, verify):
    sample.save(tmp_path)
    plain = verify().case
    sample.labels = np.array([0, 255, 7], np.uint8)[sample.labels]
    sample.save(tmp_path)
    check = verify(label_map={255: 1, 7: 2})
    assert check.verdict == "ok"
    assert check.case.label_map == ((7, 2), (255, 1))
    assert check.case.lesion_ml == plain.lesion_ml
    assert check.case.liver_ml == plain.liver_ml


def test_masks_of_lesions_alone_can_be_used_with_a_label_map(tmp_path, sample, verify):
    keep_lesions_as_1(sample)
    sample.save(tmp_path)
    check = verify(label_map={1: 2})
    assert check.case.num_lesions == 3
    assert_found(check, "warning", "only lesions")
