import math

import numpy as np
import pytest
import sklearn.metrics

from liverseg.training.losses import LOSSES, bce, bce_dice, soft_dice


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


def test_the_sum_is_cross_entropy_plus_1_minus_the_mean_dice(batch):
    expected = float(bce(*batch)) + 1 - soft_dice(*batch).numpy().mean()
    assert float(bce_dice(*batch)) == pytest.approx(expected, rel=1e-6)


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
