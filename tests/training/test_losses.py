import math
from typing import get_args

import numpy as np
import pytest
import sklearn.metrics

from liverseg.params import LossName
from liverseg.training.losses import (
    LOSSES,
    bce,
    bce_dice,
    bce_focal,
    bce_tversky,
    soft_dice,
    tversky,
)


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    reference = (generator.random((3, 4, 5, 2)) < 0.3).astype(np.float32)
    return reference, generator.uniform(0.05, 0.95, reference.shape).astype(np.float32)


def stack(liver: list[float], lesion: list[float]) -> np.ndarray:
    """One slice of one row, (1, 1, columns, 2)."""
    return np.stack([liver, lesion], axis=-1)[None, None].astype(np.float32)


def test_binary_cross_entropy_is_that_of_scikit_learn(batch):
    reference, probabilities = batch
    expected = sklearn.metrics.log_loss(reference.ravel(), probabilities.ravel().astype(float))
    assert float(bce(reference, probabilities)) == pytest.approx(expected, rel=1e-5)


def test_binary_cross_entropy_by_hand():
    """−(ln 0.8 + ln 0.6 + ln 0.5 + ln 0.9) / 4."""
    loss = float(bce(stack([1, 0], [1, 0]), stack([0.8, 0.4], [0.5, 0.1])))
    assert loss == pytest.approx(-math.log(0.8 * 0.6 * 0.5 * 0.9) / 4, rel=1e-6)


def test_soft_dice_by_hand():
    """Liver: overlap 0.5 + 1, sums 2 and 1.75, so (2·1.5 + 1) / (3.75 + 1).
    Lesion: nothing there, 0.25 predicted, so 1 / 1.25."""
    dice = soft_dice(stack([1, 1, 0], [0, 0, 0]), stack([0.5, 1, 0.25], [0.25, 0, 0]))
    assert dice.numpy().tolist() == pytest.approx([4 / 4.75, 0.8])


def test_soft_dice_is_pooled_over_the_batch():
    """In one slice all 4 pixels are found, in the other none is there and 4 are predicted:
    pooled (2·4 + 1) / (4 + 8 + 1), whereas the slices' own are 1 and 1/5."""
    reference = np.stack([np.ones((2, 2, 2)), np.zeros((2, 2, 2))]).astype(np.float32)
    assert soft_dice(reference, np.ones_like(reference)).numpy() == pytest.approx([9 / 13] * 2)


def test_soft_dice_is_1_where_both_are_empty():
    empty = np.zeros((1, 2, 2, 2), np.float32)
    assert soft_dice(empty, empty).numpy().tolist() == [1, 1]


def test_every_loss_of_the_params_is_there():
    assert tuple(LOSSES) == get_args(LossName)


def test_soft_dice_counts_voxels_of_blocks_as_it_counts_pixels():
    """Of 2 blocks 2 of 2·2·2 voxels each: all found (2·4 + 1)/(4 + 4 + 1), none (0 + 1)/(4 + 1)."""
    reference = np.zeros((2, 2, 2, 2, 2), np.float32)
    reference[:, 0, 0] = 1
    assert soft_dice(reference, reference).numpy().tolist() == [1, 1]
    assert soft_dice(reference, 0 * reference).numpy() == pytest.approx([1 / 5] * 2)


def test_the_sum_is_cross_entropy_plus_1_minus_the_mean_dice(batch):
    expected = float(bce(*batch)) + 1 - soft_dice(*batch).numpy().mean()
    assert float(bce_dice(*batch)) == pytest.approx(expected, rel=1e-6)


def test_tversky_by_hand():
    """Liver: found 0.5 + 1, false 0.25, missed 0.5, so 2 / (2 + 0.3·0.25 + 0.7·0.5).
    Lesion: nothing there, 0.25 predicted, so 0.5 / (0.5 + 0.3·0.25)."""
    batch = stack([1, 1, 0], [0, 0, 0]), stack([0.5, 1, 0.25], [0.25, 0, 0])
    index = tversky(*batch, alpha=0.3, beta=0.7)
    assert index.numpy().tolist() == pytest.approx([2 / 2.425, 0.5 / 0.575])
    expected = float(bce(*batch)) + 1 - (2 / 2.425 + 0.5 / 0.575) / 2
    assert float(bce_tversky(*batch)) == pytest.approx(expected, rel=1e-6)


def test_tversky_at_a_half_each_is_soft_dice(batch):
    index = tversky(*batch, alpha=0.5, beta=0.5)
    assert index.numpy() == pytest.approx(soft_dice(*batch).numpy(), rel=1e-6)


def test_half_a_missed_pixel_costs_more_than_half_a_false_one():
    """Four pixels are there; bce takes both for ln 2. Found 3.5 of 4, missed 0.5; or found 4."""
    there = np.array([1.0] * 4 + [0] * 6)
    missed, false = there.copy(), there.copy()
    missed[3] = false[4] = 0.5
    costs = [float(bce_tversky(stack(there, there), stack(each, each))) for each in (missed, false)]
    assert costs[0] - costs[1] == pytest.approx(4.5 / 4.65 - 4 / 4.35, rel=1e-4)


def test_focal_by_hand():
    """Of what is true the probabilities are 0.8, 0.6, 0.5 and 0.9."""
    loss = float(bce_focal(stack([1, 0], [1, 0]), stack([0.8, 0.4], [0.5, 0.1])))
    weighed = [(1 + (1 - p) ** 2) * -math.log(p) for p in (0.8, 0.6, 0.5, 0.9)]
    assert loss == pytest.approx(sum(weighed) / 4, rel=1e-6)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_perfect_prediction_costs_nothing(batch, loss):
    reference, _ = batch
    assert 0 <= float(loss(reference, reference)) < 1e-5


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_half_precision_predictions_are_summed_in_float32(loss):
    """128² pixels: a float16 sum of 16384 · 0.7 = 11468.8 would be rounded to a multiple of 8."""
    reference = np.ones((1, 128, 128, 2), np.float32)
    halves = np.full_like(reference, 0.7, np.float16)
    value = loss(reference, halves)
    assert value.dtype == "float32"
    assert float(value) == pytest.approx(float(loss(reference, halves.astype(np.float32))))
