"""What a model file offers: how the model is built, started, fitted, fed and asked."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import keras

from liverseg.errors import ModelError
from liverseg.networks.by_slice import (
    SEEN_BY_SLICE,
    PredictStack,
    ReadSample,
    predict_slices,
    read_slice,
)
from liverseg.params import ModelName, TrainingKeys, TrainParams

BATCH_MOMENTUM = 0.9
"""Of the running statistics of batch normalisation. Keras's 0.99 still holds a third of its start
after 100 steps: the first epochs of a short training would be judged by wrong statistics."""


@dataclass(frozen=True)
class Phase:
    """Consecutive epochs fitted with one optimizer.

    Attributes:
        num_epochs: How many.
        learning_rate: At the start of the phase, or at the end of its warm-up.
        prepare: Changes the model before it is compiled, e.g. freezes layers.
    """

    num_epochs: int
    learning_rate: float
    prepare: Callable[[keras.Model], None] = lambda _model: None


def plan_one_phase(_params: Any, train: TrainParams) -> tuple[Phase, ...]:
    """All epochs in one fit."""
    return (Phase(train.epochs, train.learning_rate),)


@dataclass(frozen=True)
class Start:
    """What a training has before its first step.

    Attributes:
        train: The section ``train``, the model's overrides in place.
        keys: Under which the params file has these and the model's own.
        slices: The folder of the stage preprocess.
        encoder: That of the stage pretrain, for the model that may start from it.
    """

    train: TrainParams
    keys: TrainingKeys
    slices: Path
    encoder: Path | None


def start_from_random(_model: keras.Model, _params: Any, _start: Start) -> str:
    """Leave the initial weights as they are; their origin is ``random``."""
    return "random"


@dataclass(frozen=True)
class Recipe:
    """A model by its questions; the params are those of ``models.<name>``.

    The last two say what the model sees. As they stand it is one slice between its neighbours; a
    model that sees blocks, or a part of the slice, brings its own, and needs no change elsewhere.

    Attributes:
        build_model: (params, input_shape) to an untrained model from uint8 images (batch,
            *input_shape) to float32 probabilities (batch, *labels, 2) in the order of
            ``labels.REGIONS``; every layer has a name.
        plan_phases: (params, train) to the fits that make up the training.
        load_initial_weights: (model, params, start) to a word for the table: where the weights came
            from.
        read_sample: (stack, slice_index, neighbours) to the sample of training at a slice: its
            image (rows, columns, channels), and its labels (rows, columns) or (rows, columns,
            slices).
        predict_stack: (network, images of a stack, neighbours, batch_size) to the probabilities of
            each slice (rows, columns, 2), feet to head. The network takes batches of images; it is
            called with their mirror images too, where these count.
    """

    build_model: Callable[[Any, tuple[int, int, int]], keras.Model]
    plan_phases: Callable[[Any, TrainParams], tuple[Phase, ...]] = plan_one_phase
    load_initial_weights: Callable[[keras.Model, Any, Start], str] = start_from_random
    read_sample: ReadSample = read_slice
    predict_stack: PredictStack = predict_slices


def load_recipe(name: ModelName) -> Recipe:
    """The ``RECIPE`` of a model's own file.

    Imported by name, so that an edit of one model's file is a dependency of that model's stages
    alone.

    Raises:
        ModelError: It predicts in a way of its own, and ``SEEN_BY_SLICE`` says that it does not.
    """
    recipe: Recipe = import_module(f"liverseg.models.{name}").RECIPE
    if name in SEEN_BY_SLICE and recipe.predict_stack is not predict_slices:
        raise ModelError(
            f"model {name}: expected the way of prediction that SEEN_BY_SLICE states. Received: a "
            "predict_stack of its own. Take its name out of liverseg/networks/by_slice.py."
        )
    return recipe
