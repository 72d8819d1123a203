"""The start of a training from the weights of a trained model."""

import json
from pathlib import Path
from typing import Any

import keras

from liverseg.errors import ModelError
from liverseg.hashing import hash_files
from liverseg.networks.architecture import WEIGHTS_FILE
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.recipe import Start
from liverseg.params import Section, UnetShape
from liverseg.ready_model import READY, find_ready_model
from liverseg.slices.stacks import read_preprocessing

SHAPELESS = frozenset({"dropout", "train", "weights", "weights_sha256"})
"""Keys of a model's section that change no layer's weights."""


def load_named_weights(model: keras.Model, params: UnetShape, start: Start) -> str:
    """Start where ``weights`` says; returns the word for the table.

    Raises:
        DataError: The ready model is meant, and the package has none.
        ModelError: The weights have another checksum, or do not fit: see ``start_from_model``.
    """
    if params.weights == "none":
        return "random"
    is_ready = params.weights == READY
    folder = find_ready_model() if is_ready else Path(params.weights)
    if params.weights_sha256 is not None:  # of the ready model the plan of the run knows it
        check_sha256(
            f"{start.keys.own}.weights_sha256", folder / WEIGHTS_FILE, params.weights_sha256
        )
    start_from_model(model, params, start, ModelFolder(folder))
    return READY if is_ready else folder.name


def start_from_model(
    model: keras.Model, params: Section, start: Start, folder: ModelFolder
) -> None:
    """Give a model all weights of a trained one that has the same layers and sees the same slices.

    Args:
        model: As it was built.
        params: Its section.
        start: What the model is going to see.
        folder: Of the trained one.

    Raises:
        DataError: It cannot be read how the slices of the training were made.
        ModelError: The folder holds no model, or one of other layers, context or windows: the
            message names the params that differ, with both values.
    """
    trained = folder.load()
    has_same_layers = _list_layers(trained) == _list_layers(model)
    differing = _compare_slices(start, folder)
    if not has_same_layers:
        differing += _compare_sections(start.keys.own, model.name, params, folder)
    if differing or not has_same_layers:
        raise ModelError(
            f"{start.keys.own}.weights: expected a model of the same layers that sees the same "
            f"slices. Received: {folder.path}, with {', '.join(differing) or 'other layers'}. "
            "Set these params to its own, or take weights: none."
        )
    for layer in trained.layers:
        model.get_layer(layer.name).set_weights(layer.get_weights())


def check_sha256(key: str, path: Path, expected: str | None) -> None:
    """Check that a file of weights is the one that was meant.

    Args:
        key: The param that says which.
        path: Of the file.
        expected: Its SHA-256.

    Raises:
        ModelError: It has another, or cannot be read.
    """
    try:
        received = hash_files([path], "sha256")
    except OSError as error:
        received = str(error.strerror)
    if received != expected:
        raise ModelError(
            f"{key}: expected {expected} of {path}. "
            f"Received: {received}. Name the file that was meant, or its own checksum."
        )


def _list_layers(model: keras.Model) -> dict[str, tuple[object, ...]]:
    """What decides whether one layer's weights mean the same in another, by its name."""
    return {
        layer.name: (
            type(layer).__name__,
            [tuple(weight.shape) for weight in layer.weights],
            getattr(layer, "groups", None),  # a normalisation's do not show in its weights
        )
        for layer in model.layers
    }


def _compare_slices(start: Start, folder: ModelFolder) -> list[str]:
    """Where the slices of a trained model differ from those of the training."""
    description = folder.read_description()
    if description is None:
        raise ModelError(
            f"{folder.path}: expected a trained model. Received: a model that is not part of the "
            "run that wrote it. Name another folder."
        )
    theirs, ours = folder.read_preprocessing(), read_preprocessing(start.slices)
    keys = start.keys
    compared = (
        (keys.name_train("context"), description.context, start.train.context),
        (keys.name_train("context_mm"), description.context_mm, start.train.context_mm),
        (f"{keys.slices}.windows_hu", theirs.windows_hu, ours.windows_hu),
    )
    return [_tell(*each) for each in compared if each[1] != each[2]]


def _compare_sections(key: str, name: str, params: Section, folder: ModelFolder) -> list[str]:
    """Where the section of a model that was trained, under its name, differs from the present."""
    recorded: dict[str, Any] = folder.read_causes().params.get(f"models.{name}", {})
    own = params.model_dump(mode="json", exclude=set(SHAPELESS))
    return [
        _tell(f"{key}.{each}", recorded.get(each), value)
        for each, value in own.items()
        if recorded.get(each) != value
    ]


def _tell(key: str, theirs: object, ours: object) -> str:
    return f"{key} {json.dumps(theirs)} instead of {json.dumps(ours)}"
