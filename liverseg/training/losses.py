"""The losses, in float32, over (batch, rows, columns, regions)."""

from collections.abc import Callable

import keras
from keras import ops

Loss = Callable[[keras.KerasTensor, keras.KerasTensor], keras.KerasTensor]


def bce(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy, the mean over pixels and regions."""
    return ops.mean(ops.binary_crossentropy(reference, ops.cast(probabilities, "float32")))


def soft_dice(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Dice of probabilities by region, over the pixels of the whole batch; shape (regions,).

    Pooled over the batch, since single slices often hold no lesion. The added 1 pixel makes it 1
    where reference and prediction are empty (Milletari et al., arXiv 1606.04797, without squares).
    """
    probabilities = ops.cast(probabilities, "float32")
    axes = (0, 1, 2)
    overlap = ops.sum(reference * probabilities, axis=axes)
    total = ops.sum(reference, axis=axes) + ops.sum(probabilities, axis=axes)
    return (2 * overlap + 1) / (total + 1)


def bce_dice(reference: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy plus 1 − soft Dice, the mean over the regions."""
    return bce(reference, probabilities) + 1 - ops.mean(soft_dice(reference, probabilities))


LOSSES: dict[str, Loss] = {"bce": bce, "bce_dice": bce_dice}
