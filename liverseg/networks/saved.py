"""A trained model on disk: weights and architecture, loadable without this repository's params.

Loading runs no code from the files, and takes no more memory than the weights in them.
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from liverseg.errors import ModelError
from liverseg.networks import architecture
from liverseg.networks.architecture import (
    ARCHITECTURE_FILE,
    WEIGHTS_FILE,
    check_classes,
    check_output,
    measure_reach,
    read_architecture,
)
from liverseg.networks.weights_file import measure_weights_file

SIGNS_OF_DAMAGE = (*architecture.SIGNS_OF_DAMAGE, tf.errors.OpError)
"""What Keras and h5py raise at files that are no model."""


def write_model(folder: Path, model: keras.Model) -> None:
    """Write an uncompiled model; a compiled one would save its optimizer too.

    Raises:
        ModelError: As for ``check_layers``.
    """
    check_layers(model, str(folder))
    text = json.dumps(json.loads(model.to_json()), indent=1)
    (folder / ARCHITECTURE_FILE).write_text(f"{text}\n", encoding="utf-8")
    model.save_weights(folder / WEIGHTS_FILE)


def load_model(folder: Path) -> keras.Model:
    """The uncompiled model of a folder.

    Raises:
        ModelError: Files are missing or do not fit each other, the weights are not finite, or the
            architecture names a class that is not in ``architecture.SAFE_CLASSES``.
    """
    try:
        num_bytes = measure_weights_file(folder / WEIGHTS_FILE)
        model = keras.models.model_from_json(
            read_architecture(folder / ARCHITECTURE_FILE, num_bytes)
        )
        _check_outputs(model)
        model.load_weights(folder / WEIGHTS_FILE)
        _check_finite(model)
    except SIGNS_OF_DAMAGE as error:
        raise ModelError(
            f"{folder}: expected {ARCHITECTURE_FILE} and {WEIGHTS_FILE} of one model. "
            f"Received: {' '.join(str(error).split())[:300]}. Train it again with `dvc repro`."
        ) from None
    return model


def check_layers(model: keras.Model, subject: str) -> None:
    """Check that a model can be loaded once it is saved; before it is trained.

    Raises:
        ModelError: It has a layer or another object whose class is not in
            ``architecture.SAFE_CLASSES``, or a layer whose output is larger than one may be.
    """
    check_classes(json.loads(model.to_json()), subject)
    try:
        _check_outputs(model)
    except ValueError as error:
        raise ModelError(
            f"{subject}: expected layers that fit into memory. Received: {error}. "
            "Give it fewer filters or smaller slices."
        ) from None


def _check_outputs(model: keras.Model) -> None:
    """Refuse layers whose outputs would fill the memory; their shapes alone exist yet."""
    for layer in model.layers:
        lengths = getattr(layer, "kernel_size", ())
        steps = getattr(layer, "dilation_rate", (1,) * len(lengths))
        reach = measure_reach(lengths, steps)
        check_output(layer.name, layer.output.shape[1:], reach, model.input_shape[1:])


def _check_finite(model: keras.Model) -> None:
    for weight in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            raise ValueError(f"weights that are no finite numbers, of {weight.path[:60]!r}")
