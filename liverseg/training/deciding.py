"""The callbacks that decide how a training goes and which of its weights are kept."""

import sys
from collections.abc import Sequence
from pathlib import Path

import keras

from liverseg.params import TrainParams
from liverseg.training.averaging import AveragedWeights
from liverseg.training.batches import SliceBatches
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


def settle_monitor(title: str, train: TrainParams, batches: Sequence[SliceBatches]) -> TrainParams:
    """The params with a monitor that the cases define; what they leave undefined is said.

    Where no reference holds a lesion, lesion Dice is 0 until the last false pixel is gone: it would
    keep an early epoch, and lower the learning rate at once.

    Args:
        title: Of the training, for the notes on stderr.
        train: The params of the training.
        batches: For training and for validation.
    """
    training, validation = batches
    if not training.shows_lesion:
        _note(
            f"{title}: no training case shows a lesion: "
            "the liver is learnt, what is said of lesions means nothing"
        )
    if validation.shows_lesion or train.monitor != "val_lesion_dice":
        return train
    _note(
        f"{title}: no validation case shows a lesion, val_lesion_dice is undefined: "
        "val_liver_dice decides"
    )
    return train.model_copy(update={"monitor": "val_liver_dice"})


def _note(text: str) -> None:
    print(f"note: {text}", file=sys.stderr, flush=True)


def is_minimised(monitor: str) -> bool:
    """Whether less is better of a monitored metric."""
    return monitor.endswith("loss")
