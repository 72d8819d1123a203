"""What a model file offers to training: how the model is built, started and fitted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from liverseg.params import TrainParams

BATCH_MOMENTUM = 0.9
"""Of the running statistics of batch normalisation. Keras's 0.99 still holds a third of its start
after 100 steps: the first epochs of a short training would be judged by wrong statistics."""


@dataclass(frozen=True)
class Phase:
    """Consecutive epochs fitted with one optimizer.

    Attributes:
        num_epochs: How many.
        learning_rate: Of Adam, at the start of the phase.
        prepare: Changes the model before it is compiled, e.g. freezes layers.
    """

    num_epochs: int
    learning_rate: float
    prepare: Callable[[keras.Model], None] = lambda _model: None


def plan_one_phase(_params: Any, train: TrainParams) -> tuple[Phase, ...]:
    """All epochs in one fit."""
    return (Phase(train.epochs, train.learning_rate),)


def start_from_random(_model: keras.Model, _params: Any, _encoder: Path | None) -> str:
    """Leave the initial weights as they are; their origin is ``random``."""
    return "random"


@dataclass(frozen=True)
class Recipe:
    """A model by its three questions; the params are those of ``models.<name>``.

    Attributes:
        build_model: (params, input_shape) to an untrained model from uint8 slices (batch, rows,
            columns, channels) to float32 probabilities (batch, rows, columns, 2) in the order of
            ``labels.REGIONS``; every layer has a name.
        plan_phases: (params, train) to the fits that make up the training.
        load_initial_weights: (model, params, folder of the pre-trained encoder or None) to a word
            for the table: where the weights came from.
    """

    build_model: Callable[[Any, tuple[int, int, int]], keras.Model]
    plan_phases: Callable[[Any, TrainParams], tuple[Phase, ...]] = plan_one_phase
    load_initial_weights: Callable[[keras.Model, Any, Path | None], str] = start_from_random
