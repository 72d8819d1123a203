"""A check before the first step: what goes in is what the metrics mean."""

import keras
import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.labels import LESION, REGIONS
from liverseg.training.batches import SliceBatches
from liverseg.training.metrics import RegionAccuracy, RegionDice


def check_first_batch(model: keras.Model, batches: SliceBatches) -> None:
    """Raise where labels, shapes or metrics are not what training takes them for.

    On the first batch: labels are 0, 1 or 2; the model answers in the shape of the targets; a
    perfect prediction scores 1; an all-background one scores 1 − share of the region in accuracy,
    and a Dice of 0 where the region occurs.

    Raises:
        DataError: The slices hold other labels, or do not fit the model.
        RuntimeError: A metric contradicts arithmetic, which is a bug.
    """
    labels = batches.read_labels(0)
    if labels.max() > LESION:
        raise DataError(
            "training slices",
            expected="labels 0, 1 and 2",
            received=f"labels up to {labels.max()}",
            next_step="Write them again with `dvc repro preprocess`.",
        )
    _, targets = batches[0]
    if model.output_shape[1:] != targets.shape[1:]:
        raise DataError(
            "training slices",
            expected=f"targets of shape {model.output_shape[1:]} for the model {model.name}",
            received=f"{targets.shape[1:]}",
            next_step="Write them again with `dvc repro preprocess`.",
        )
    for channel, region in enumerate(REGIONS):
        share = float(targets[..., channel].mean(dtype=np.float64))
        expectations = [
            (RegionDice(region, "dice"), targets, 1.0),
            (RegionAccuracy(region, "accuracy"), targets, 1.0),
            (RegionDice(region, "dice"), np.zeros_like(targets), 0.0 if share else 1.0),
            (RegionAccuracy(region, "accuracy"), np.zeros_like(targets), 1 - share),
        ]
        for metric, prediction, expected in expectations:
            _check_metric(metric, targets, prediction, expected)


def _check_metric(
    metric: keras.metrics.Metric,
    targets: npt.NDArray[np.float32],
    prediction: npt.NDArray[np.float32],
    expected: float,
) -> None:
    metric.update_state(targets, prediction)
    received = float(metric.result())
    if abs(received - expected) > 1e-6:
        raise RuntimeError(f"{metric.name}: arithmetic says {expected}, the metric {received}")
