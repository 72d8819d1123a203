"""The running average of a model's weights, which is what is validated and kept."""

from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np
from keras import ops

from liverseg.training.callbacks import KeepsState, Logs


class AveragedWeights(KeepsState):
    """Averages the weights after each step, and lends the average to validation and checkpoint.

    The average of step n moves by 1 − min(momentum, (1 + n) / (10 + n)) towards the weights, as
    ``tf.train.ExponentialMovingAverage`` does it, so that a short training is soon rid of its
    initial weights. The statistics of normalisations are averaged too, or they would belong to
    other weights (Keras's ``use_ema`` leaves them out, and ``SwapEMAWeights`` rounds the weights).

    From the beginning of validation to this callback's end of the epoch the model holds the
    average, then its own weights again to the bit. So put it behind what saves the average.
    """

    STATE = ("num_steps",)

    def __init__(self, momentum: float) -> None:
        super().__init__()
        self._momentum = momentum
        self._averages: list[keras.KerasTensor] = []
        self._own: list[keras.KerasTensor] = []
        self.num_steps = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Begin with the weights as they are, unless an average is there."""
        super().on_train_begin(logs)
        self._averages = self._averages or _copy_weights(self.model)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the average towards the weights of the step."""
        del batch, logs
        momentum = min(self._momentum, (1 + self.num_steps) / (10 + self.num_steps))
        self._averages = [
            momentum * average + (1 - momentum) * weight
            for average, weight in zip(self._averages, self.model.weights, strict=True)
        ]
        self.num_steps += 1

    def on_test_begin(self, logs: Logs = None) -> None:
        """Give the model the average."""
        del logs
        self._own = _copy_weights(self.model)
        _assign(self.model, self._averages)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Give the model its own weights back."""
        del epoch, logs
        _assign(self.model, self._own)

    def write_average(self, path: Path) -> None:
        """Write the average as NPZ, an array a weight in the order of the model."""
        np.savez(path, *map(ops.convert_to_numpy, self._averages))

    def read_average(self, path: Path, model: keras.Model) -> None:
        """Go on from an average that ``write_average`` wrote.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is damaged, or does not fit the model.
        """
        try:
            with path.open("rb") as file, np.load(file) as arrays:
                averages = [arrays[name] for name in arrays.files]
        except (BadZipFile, EOFError) as error:
            raise ValueError(f"{path.name}: {error}") from None
        if [each.shape for each in averages] != [each.shape for each in model.weights]:
            raise ValueError(f"{path.name}: weights of another model")
        self._averages = [ops.convert_to_tensor(each) for each in averages]


def _copy_weights(model: keras.Model) -> list[keras.KerasTensor]:
    # Not by convert_to_tensor: TensorFlow's hands out the variable, which moves on.
    return [ops.copy(weight) for weight in model.weights]


def _assign(model: keras.Model, values: list[keras.KerasTensor]) -> None:
    for weight, value in zip(model.weights, values, strict=True):
        weight.assign(value)
