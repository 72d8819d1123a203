"""Metrics by region, over all pixels of an epoch, at a probability of 0.5.

Explicit objects: Keras resolves the word "accuracy" by shape and may fall to an argmax over the
last axis, which means nothing for two sigmoid channels.
"""

import keras
from keras import ops

from liverseg.labels import REGIONS, Region

THRESHOLD = 0.5


class RegionCounts(keras.metrics.Metric):
    """Pixels of one region by outcome; the base of the metrics below.

    Counts are int64: in float32 they would stop growing at 2^24 pixels, a few hundred slices.
    """

    def __init__(self, region: Region, name: str) -> None:
        super().__init__(name=f"{region}_{name}")
        self._channel = REGIONS.index(region)
        self._both = self._add_count("both")
        self._predicted = self._add_count("predicted")
        self._reference = self._add_count("reference")
        self._pixels = self._add_count("pixels")

    def _add_count(self, name: str) -> keras.Variable:
        return self.add_weight(shape=(), initializer="zeros", dtype="int64", name=name)

    def update_state(
        self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor, sample_weight: None = None
    ) -> None:
        """Add a batch (batch, rows, columns, regions); weights are not supported."""
        if sample_weight is not None:
            raise ValueError("expected no sample_weight: every pixel counts once")
        reference = y_true[..., self._channel] > THRESHOLD
        predicted = y_pred[..., self._channel] >= THRESHOLD
        self._both.assign_add(_count(ops.logical_and(reference, predicted)))
        self._predicted.assign_add(_count(predicted))
        self._reference.assign_add(_count(reference))
        self._pixels.assign_add(_count(ops.ones_like(reference)))

    def _divide(
        self, numerator: keras.KerasTensor, divisor: keras.KerasTensor
    ) -> keras.KerasTensor:
        """The quotient in float64, rounded to float32; NaN where the divisor is 0."""
        quotient = ops.cast(numerator, "float64") / ops.cast(divisor, "float64")
        return ops.cast(quotient, "float32")


class RegionAccuracy(RegionCounts):
    """Share of pixels on which prediction and reference agree."""

    def result(self) -> keras.KerasTensor:
        """A value in [0, 1]; NaN before the first batch."""
        wrong = self._predicted + self._reference - 2 * self._both
        return self._divide(self._pixels - wrong, ops.convert_to_tensor(self._pixels))


class RegionPrecision(RegionCounts):
    """Share of predicted pixels that are right."""

    def result(self) -> keras.KerasTensor:
        """A value in [0, 1]; NaN where nothing is predicted."""
        return self._divide(self._both, self._predicted)


class RegionRecall(RegionCounts):
    """Share of the reference's pixels that are predicted."""

    def result(self) -> keras.KerasTensor:
        """A value in [0, 1]; NaN where the reference is empty."""
        return self._divide(self._both, self._reference)


class RegionDice(RegionCounts):
    """Dice over the pooled pixels."""

    def result(self) -> keras.KerasTensor:
        """A value in [0, 1]; 1 where reference and prediction are both empty."""
        total = ops.convert_to_tensor(self._predicted + self._reference)
        is_empty = ops.cast(ops.equal(total, 0), "int64")
        return self._divide(2 * self._both + is_empty, total + is_empty)


class RegionCrossEntropy(keras.metrics.Mean):
    """Mean binary cross-entropy of one region, whatever the training loss is."""

    def __init__(self, region: Region) -> None:
        super().__init__(name=f"{region}_bce")
        self._channel = REGIONS.index(region)

    def update_state(
        self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor, sample_weight: None = None
    ) -> None:
        """Add a batch (batch, rows, columns, regions)."""
        loss = ops.binary_crossentropy(
            y_true[..., self._channel], ops.cast(y_pred[..., self._channel], "float32")
        )
        super().update_state(ops.reshape(loss, (-1,)), sample_weight)


def build_metrics() -> list[keras.metrics.Metric]:
    """New metric objects for both regions, named ``<region>_<metric>``."""
    metrics: list[keras.metrics.Metric] = []
    for region in REGIONS:
        metrics += [
            RegionDice(region, "dice"),
            RegionAccuracy(region, "accuracy"),
            RegionPrecision(region, "precision"),
            RegionRecall(region, "recall"),
            RegionCrossEntropy(region),
        ]
    return metrics


def _count(mask: keras.KerasTensor) -> keras.KerasTensor:
    return ops.sum(ops.cast(mask, "int64"))
