"""Metrics of an epoch against counts by hand and against scikit-learn."""

import math

import keras
import numpy as np
import pytest
import sklearn.metrics

from liverseg.training.metrics import (
    RegionAccuracy,
    RegionCrossEntropy,
    RegionDice,
    RegionPrecision,
    RegionRecall,
    build_metrics,
)

PERFECT = {"dice": 1.0, "accuracy": 1.0, "precision": 1.0, "recall": 1.0}


def compute(reference: np.ndarray, predicted: np.ndarray, num_batches: int = 1) -> dict[str, float]:
    """All metrics by name, the batch given in parts."""
    metrics = build_metrics()
    for metric in metrics:
        for part in zip(
            np.array_split(reference, num_batches),
            np.array_split(predicted, num_batches),
            strict=True,
        ):
            metric.update_state(*part)
    return {metric.name: float(metric.result()) for metric in metrics}


def stack(liver: list[float], lesion: list[float]) -> np.ndarray:
    """One slice of one row, (1, 1, columns, 2)."""
    return np.stack([liver, lesion], axis=-1)[None, None].astype(np.float32)


@pytest.fixture
def random_masks() -> tuple[np.ndarray, np.ndarray]:
    """References and probabilities (slices, rows, columns, 2)."""
    generator = np.random.default_rng(0)
    reference = (generator.random((6, 8, 8, 2)) < [0.5, 0.1]).astype(np.float32)
    predicted = np.clip(0.4 * reference + generator.uniform(0.01, 0.59, reference.shape), 0, 1)
    return reference, predicted.astype(np.float32)


def test_counts_by_hand():
    """Liver: 4 of 5 predicted right, 1 of 5 missed: Dice 2·4 / (5 + 5), accuracy 6/8.
    Lesion: 1 of 3 predicted right, 1 of 2 missed: Dice 2·1 / (3 + 2), accuracy 5/8."""
    reference = stack([1, 1, 1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0])
    predicted = stack(
        [0.9, 0.8, 0.7, 0.5, 0.4, 0.6, 0.1, 0], [0.6, 0.2, 0.9, 0.5, 0.4, 0.1, 0.1, 0]
    )
    metrics = compute(reference, predicted)
    expected = {
        "liver_dice": 0.8,
        "liver_accuracy": 0.75,
        "liver_precision": 0.8,
        "liver_recall": 0.8,
        "lesion_dice": 0.4,
        "lesion_accuracy": 0.625,
        "lesion_precision": 1 / 3,
        "lesion_recall": 0.5,
    }
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("num_batches", [1, 4])
def test_all_metrics_agree_with_scikit_learn_over_the_pooled_pixels(random_masks, num_batches):
    """Pooled: the mean over batches of unequal size would be another figure."""
    reference, predicted = random_masks
    metrics = compute(reference, predicted, num_batches)
    for channel, region in enumerate(("liver", "lesion")):
        truth = reference[..., channel].ravel()
        probabilities = predicted[..., channel].ravel().astype(float)
        mask = probabilities >= 0.5
        expected = {
            f"{region}_dice": sklearn.metrics.f1_score(truth, mask),
            f"{region}_accuracy": sklearn.metrics.accuracy_score(truth, mask),
            f"{region}_precision": sklearn.metrics.precision_score(truth, mask),
            f"{region}_recall": sklearn.metrics.recall_score(truth, mask),
            f"{region}_bce": sklearn.metrics.log_loss(truth, probabilities),
        }
        assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_a_perfect_prediction_scores_1(random_masks):
    reference, _ = random_masks
    metrics = compute(reference, reference)
    for region in ("liver", "lesion"):
        assert {name: metrics[f"{region}_{name}"] for name in PERFECT} == PERFECT
        assert metrics[f"{region}_bce"] < 1e-6


def test_an_all_background_prediction_scores_what_arithmetic_says():
    """Of 8 pixels 2 are liver: accuracy 6/8, recall 0, Dice 0; nothing predicted, no precision."""
    reference = stack([1, 1, 0, 0, 0, 0, 0, 0], [0] * 8)
    metrics = compute(reference, np.zeros_like(reference))
    assert metrics["liver_accuracy"] == 0.75
    assert metrics["liver_recall"] == 0
    assert metrics["liver_dice"] == 0
    assert math.isnan(metrics["liver_precision"])


def test_where_a_region_occurs_nowhere_dice_is_1_and_precision_and_recall_are_undefined():
    empty = np.zeros((1, 2, 2, 2), np.float32)
    metrics = compute(empty, empty)
    assert metrics["lesion_dice"] == 1
    assert metrics["lesion_accuracy"] == 1
    assert math.isnan(metrics["lesion_precision"])
    assert math.isnan(metrics["lesion_recall"])


def test_one_region_does_not_touch_the_other(random_masks):
    reference, predicted = random_masks
    before = compute(reference, predicted)
    predicted[..., 1] = 1 - predicted[..., 1]
    after = compute(reference, predicted)
    assert [name for name in before if before[name] != after[name]] == [
        "lesion_dice",
        "lesion_accuracy",
        "lesion_precision",
        "lesion_recall",
        "lesion_bce",
    ]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (RegionRecall("liver", "recall"), 1 - 3 / (2**24 + 3)),
        (RegionAccuracy("liver", "accuracy"), 1 - 3 / (2**24 + 3)),
        (RegionDice("liver", "dice"), 1 - 1.5 / (2**24 + 1.5)),
    ],
)
def test_single_pixels_count_beyond_2_to_the_24(metric, expected):
    """A float32 counter would stay at 2^24 = 16 · 1024² pixels, and the result at exactly 1."""
    right = np.ones((1, 1024, 1024, 2), np.float32)
    missed = np.ones((1, 1, 1, 2), np.float32)
    for _ in range(16):
        metric.update_state(right, right)
    for _ in range(3):
        metric.update_state(missed, np.zeros_like(missed))
    assert float(metric.result()) == np.float32(expected) < 1


def test_half_precision_predictions_are_counted_alike(random_masks):
    reference, predicted = random_masks
    halves = predicted.astype(np.float16)
    expected = compute(reference, halves.astype(np.float32))
    assert compute(reference, halves) == pytest.approx(expected, rel=1e-6)


def test_an_epoch_begins_with_no_counts(random_masks):
    reference, _predicted = random_masks
    metric = RegionDice("liver", "dice")
    metric.update_state(reference, 1 - reference)
    metric.reset_state()
    metric.update_state(reference, reference)
    assert float(metric.result()) == 1
    assert float(RegionPrecision("liver", "precision").result()) != 0  # undefined, not 0


def test_weights_of_samples_are_refused(random_masks):
    with pytest.raises(ValueError, match="every pixel counts once"):
        RegionDice("liver", "dice").update_state(*random_masks, np.ones(6))


def test_the_metrics_work_inside_a_compiled_model(random_masks):
    """Keras passes the loss's targets and predictions through them in graph mode."""
    reference, predicted = random_masks
    inputs = keras.Input(reference.shape[1:])
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    model.compile(loss="binary_crossentropy", metrics=build_metrics())
    received = model.evaluate(predicted, reference, batch_size=4, verbose=0, return_dict=True)
    expected = compute(reference, predicted)
    assert {name: received[name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_every_metric_has_its_region_in_its_name():
    names = [metric.name for metric in build_metrics()]
    assert names == [
        f"{region}_{metric}"
        for region in ("liver", "lesion")
        for metric in ("dice", "accuracy", "precision", "recall", "bce")
    ]
    assert RegionCrossEntropy("lesion").name == "lesion_bce"
