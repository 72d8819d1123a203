"""The losses, in float32, over (batch, ..., regions); the batch is that of all devices together."""

import keras
from keras import ops

from liverseg.params import LossName
from liverseg.training.devices import Loss, count_devices, sum_over_devices


def bce(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy, the mean over pixels and regions."""
    return _mean(ops.binary_crossentropy(reference, ops.cast(probabilities, "float32")))


def soft_dice(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Dice of probabilities by region, over the pixels of the whole batch; shape (regions,).

    Pooled over the batch, since single slices often hold no lesion. The added 1 pixel makes it 1
    where reference and prediction are empty (Milletari et al., arXiv 1606.04797, without squares).
    """
    probabilities = ops.cast(probabilities, "float32")
    axes = tuple(range(len(reference.shape) - 1))
    overlap = sum_over_devices(ops.sum(reference * probabilities, axis=axes))
    total = ops.sum(reference, axis=axes) + ops.sum(probabilities, axis=axes)
    return (2 * overlap + 1) / (sum_over_devices(total) + 1)


def bce_dice(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy plus 1 − soft Dice, the mean over the regions."""
    return bce(reference, probabilities) + 1 - ops.mean(soft_dice(reference, probabilities))


def tversky(
    reference: keras.KerasTensor, probabilities: keras.KerasTensor, alpha: float, beta: float
) -> keras.KerasTensor:
    """Tversky index by region, over the pixels of the whole batch; shape (regions,).

    TP / (TP + α FP + β FN) of Salehi et al., arXiv 1706.05721, with soft counts. Half a pixel is
    added, so that at α = β = 0.5 it is the soft Dice above. (``keras.losses.tversky`` has the roles
    of α and β the other way round.)
    """
    probabilities = ops.cast(probabilities, "float32")
    axes = tuple(range(len(reference.shape) - 1))
    found = sum_over_devices(ops.sum(reference * probabilities, axis=axes))
    false = sum_over_devices(ops.sum((1 - reference) * probabilities, axis=axes))
    missed = sum_over_devices(ops.sum(reference * (1 - probabilities), axis=axes))
    return (found + 0.5) / (found + alpha * false + beta * missed + 0.5)


def bce_tversky(
    reference: keras.KerasTensor, probabilities: keras.KerasTensor
) -> keras.KerasTensor:
    """Binary cross-entropy plus 1 − Tversky index, the mean over the regions.

    α = 0.3 and β = 0.7, the best of the source's: what is missed costs more than what is false.
    """
    index = tversky(reference, probabilities, alpha=0.3, beta=0.7)
    return bce(reference, probabilities) + 1 - ops.mean(index)


def bce_focal(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy plus focal loss, the mean over pixels and regions.

    −(1 − p)² ln p of Lin et al., arXiv 1708.02002, where p is the probability of what is true: a
    pixel counts up to twice, the more the less it is known.
    """
    focal = keras.losses.binary_focal_crossentropy(
        reference, ops.cast(probabilities, "float32"), gamma=2.0
    )
    return bce(reference, probabilities) + _mean(focal)


LOSSES: dict[LossName, Loss] = {
    "bce": bce,
    "bce_dice": bce_dice,
    "bce_tversky": bce_tversky,
    "bce_focal": bce_focal,
}


def _mean(values: keras.KerasTensor) -> keras.KerasTensor:
    if count_devices() == 1:
        return ops.mean(values)
    number = ops.cast(ops.size(values), "float32")
    return sum_over_devices(ops.sum(values)) / sum_over_devices(number)
