"""A trained model on disk: weights and architecture, loadable without this repository's params.

Loading runs no code from the files, and takes no more memory than the weights in them.
"""

import json
import math
from pathlib import Path

import h5py
import keras
import numpy as np
import tensorflow as tf

from liverseg.errors import ModelError
from liverseg.networks.architecture import (
    ARCHITECTURE_FILE,
    WEIGHTS_FILE,
    check_classes,
    read_architecture,
)

LARGEST_OUTPUT = 2**26
"""Values that one layer gives for one slice: 64 filters on a slice of 1024² pixels."""

WIDEST_PADDING = 16
"""Pixels that a layer may add to the sides of the slice; a ResNet's add 6."""

SIGNS_OF_DAMAGE = (
    *(OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(RecursionError, RuntimeError, AssertionError, tf.errors.OpError),
)
"""What Keras and h5py raise at files that are no model."""


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
        ModelError: Files are missing or do not fit each other, the weights are not finite, or the
            architecture names a class that is not in ``architecture.SAFE_CLASSES``.
    """
    try:
        _check_weights_file(folder / WEIGHTS_FILE)
        num_bytes = (folder / WEIGHTS_FILE).stat().st_size
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


def _check_weights_file(path: Path) -> None:
    """Refuse what would be read from elsewhere, or is larger once it is read."""
    num_bytes = path.stat().st_size
    if not path.is_file():  # opening a pipe would wait for ever
        raise ValueError(f"{path.name} is no regular file")
    sizes: list[int] = []

    def find_link(name: str, link: h5py.HardLink | h5py.SoftLink | h5py.ExternalLink) -> str | None:
        return None if isinstance(link, h5py.HardLink) else name

    def measure(name: str, item: h5py.Dataset | h5py.Group) -> str | None:
        if isinstance(item, h5py.Dataset):
            sizes.append(math.prod(item.shape) * item.dtype.itemsize)
            return name if item.external or item.is_virtual else None
        return None

    with h5py.File(path, "r") as file:  # h5py crashes at an error in a visit
        elsewhere = file.visititems_links(find_link) or file.visititems(measure)
    if elsewhere:
        raise ValueError(f"{elsewhere[:60]!r} in {path.name} lies elsewhere")
    if sum(sizes) > num_bytes:
        raise ValueError(f"{sum(sizes):.6g} bytes of weights in a file of {num_bytes}")


def _check_outputs(model: keras.Model) -> None:
    """Refuse layers whose outputs would fill the memory; their shapes alone exist yet.

    No layer enlarges a slice beyond its own size, but for the padding of convolutions, which goes
    as far as a kernel reaches.
    """
    rows, columns, _ = model.input_shape[1:]
    most_pixels = (rows + WIDEST_PADDING) * (columns + WIDEST_PADDING)
    for layer in model.layers:
        shape = layer.output.shape[1:]
        if math.prod(shape) > LARGEST_OUTPUT:
            raise ValueError(f"an output of {shape} for a slice, of layer {layer.name[:60]!r}")
        if len(shape) == 3 and math.prod(shape[:2]) > most_pixels:
            raise ValueError(f"a slice enlarged to {shape[:2]}, by layer {layer.name[:60]!r}")
        if _measure_reach(layer) > max(rows, columns):
            raise ValueError(f"a kernel wider than the slice, of layer {layer.name[:60]!r}")


def _measure_reach(layer: keras.Layer) -> int:
    """Pixels along the longer side of a kernel, with those that its dilation leaves out."""
    lengths = getattr(layer, "kernel_size", ())
    steps = getattr(layer, "dilation_rate", (1,) * len(lengths))
    return max((length * step for length, step in zip(lengths, steps, strict=True)), default=0)


def _check_finite(model: keras.Model) -> None:
    for weight in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            raise ValueError(f"weights that are no finite numbers, of {weight.path[:60]!r}")
