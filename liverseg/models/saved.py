"""A trained model on disk: weights and architecture, loadable without this repository's params.

Loading runs no code from the files: the architecture may name only classes that are listed here.
Nor does it take more memory than the weights need: they are counted before a layer is built.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from liverseg.errors import ModelError

WEIGHTS_FILE = "model.weights.h5"
ARCHITECTURE_FILE = "architecture.json"

SAFE_CLASSES = frozenset(
    (
        *("Functional", "InputLayer", "DTypePolicy", "Activation", "Dropout"),
        *("Constant", "GlorotUniform", "Ones", "Zeros"),
        *("Conv2D", "Conv2DTranspose", "Dense", "BatchNormalization", "GroupNormalization"),
        *("MaxPooling2D", "UpSampling2D", "ZeroPadding2D", "Rescaling", "Resizing"),
        *("Add", "Concatenate", "Flatten", "Reshape"),
    )
)
"""Keras's classes that the three models are made of. Before a class is added: one that carries code
(Lambda) or reads files (TFSMLayer, StringLookup) would run for whoever loads the model."""


CLASSES_WITH_WEIGHTS = frozenset(
    ("Conv2D", "Conv2DTranspose", "Dense", "BatchNormalization", "GroupNormalization")
)
"""Those of ``SAFE_CLASSES``."""

SIGNS_OF_DAMAGE = (
    *(OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(RecursionError, tf.errors.OpError),
)


def write_model(folder: Path, model: keras.Model) -> None:
    """Write an uncompiled model; a compiled one would save its optimizer too.

    Raises:
        ModelError: As for ``check_layers``.
    """
    check_layers(model, str(folder))
    architecture = json.dumps(json.loads(model.to_json()), indent=1)
    (folder / ARCHITECTURE_FILE).write_text(f"{architecture}\n", encoding="utf-8")
    model.save_weights(folder / WEIGHTS_FILE)


def load_model(folder: Path) -> keras.Model:
    """The uncompiled model of a folder.

    Raises:
        ModelError: Files are missing or do not fit each other, or the architecture names a class
            that is not in ``SAFE_CLASSES``.
    """
    try:
        architecture = (folder / ARCHITECTURE_FILE).read_text(encoding="utf-8")
        nodes = json.loads(architecture)
        _check_classes(nodes, str(folder / ARCHITECTURE_FILE))
        _check_size(nodes, (folder / WEIGHTS_FILE).stat().st_size)
        model = keras.models.model_from_json(architecture)
        model.load_weights(folder / WEIGHTS_FILE)
    except SIGNS_OF_DAMAGE as error:
        raise ModelError(
            f"{folder}: expected {ARCHITECTURE_FILE} and {WEIGHTS_FILE} of one model. "
            f"Received: {' '.join(str(error).split())[:300]}. Train it again with `dvc repro`."
        ) from None
    return model


def check_layers(model: keras.Model, subject: str) -> None:
    """Check that a model can be loaded once it is saved; before it is trained.

    Raises:
        ModelError: It has a layer or another object whose class is not in ``SAFE_CLASSES``.
    """
    _check_classes(json.loads(model.to_json()), subject)


def _check_classes(architecture: object, subject: str) -> None:
    """Refuse what Keras would import or unpack to make an object of."""
    for node in _walk(architecture):
        name, module = str(node.get("class_name")), str(node.get("module"))
        is_safe = name in SAFE_CLASSES and (module == "keras" or module.startswith("keras."))
        if "class_name" in node and not is_safe and name != "__keras_tensor__":
            raise ModelError(
                f"{subject}: expected layers that carry no code of their own. Received: {name!r} "
                f"of {module!r}. Load only models that this project trained; a layer of Keras "
                "that you gave to one yourself has to be named in SAFE_CLASSES of "
                "liverseg/models/saved.py."
            )


def _check_size(architecture: object, num_bytes: int) -> None:
    """Refuse more weights than their file can hold.

    Keras builds a layer from its ``build_config`` before it looks at the weights, and refuses one
    whose inputs have another shape than it was built for.
    """
    layers = (
        each for each in _walk(architecture) if each.get("class_name") in CLASSES_WITH_WEIGHTS
    )
    num_weights = sum(
        abs(_count_weights(layer["config"], layer["build_config"]["input_shape"]))
        for layer in layers
    )
    if num_weights > num_bytes:
        raise ValueError(f"{num_weights} weights for a file of {num_bytes} bytes")


def _count_weights(config: dict[str, Any], input_shape: list[int]) -> int:
    """Weights of the kernel of a layer, or of one of the vectors of a normalisation."""
    axis = config.get("axis", 1 if config.get("data_format") == "channels_first" else -1)
    outputs = config.get("filters", config.get("units", 1))
    kernel = math.prod(int(length) for length in config.get("kernel_size", ()))
    return kernel * int(outputs) * int(input_shape[axis])


def _walk(architecture: object) -> Iterator[dict[str, Any]]:
    """All objects of a JSON value, however deep they lie."""
    nodes = [architecture]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes.extend(node)
        if isinstance(node, dict):
            nodes.extend(node.values())
            yield node
