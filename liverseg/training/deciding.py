"""The callbacks that decide how a training goes and which of its weights are kept."""

from pathlib import Path

import keras

from liverseg.params import TrainParams
from liverseg.training.averaging import AveragedWeights
from liverseg.training.callbacks import (
    EarlyStopping,
    LearningRate,
    ModelCheckpoint,
    ReduceLROnPlateau,
)


def build_deciding_callbacks(
    train: TrainParams, best_weights: Path
) -> list[keras.callbacks.Callback]:
    """Checkpoint, average, schedule and early stopping, as far as the params ask for them.

    Args:
        train: The params of the training.
        best_weights: The file to which the checkpoint writes the weights of the best epoch, of the
            average where there is one.
    """
    mode = "min" if is_minimised(train.monitor) else "max"
    callbacks: list[keras.callbacks.Callback] = [
        ModelCheckpoint(
            best_weights,
            monitor=train.monitor,
            mode=mode,
            save_best_only=True,
            save_weights_only=True,
        )
    ]
    if train.ema is not None:
        callbacks.append(AveragedWeights(train.ema))
    if train.schedule == "plateau":
        plateau = ReduceLROnPlateau(
            monitor=train.monitor,
            mode=mode,
            factor=train.plateau.factor,
            patience=train.plateau.patience,
            min_lr=train.plateau.min_learning_rate,
            min_delta=0,
        )
        callbacks.append(plateau)
    else:
        callbacks.append(LearningRate())
    if train.early_stopping_patience is not None:
        stopping = EarlyStopping(
            monitor=train.monitor, mode=mode, patience=train.early_stopping_patience
        )
        callbacks.append(stopping)
    return callbacks


def is_minimised(monitor: str) -> bool:
    """Whether less is better of a monitored metric."""
    return monitor.endswith("loss")
