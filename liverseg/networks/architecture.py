"""The architecture of a saved model, looked at before Keras makes anything of it.

It may come from elsewhere, and Keras would import what it names and allocate what it asks for.
"""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from liverseg.errors import ModelError
from liverseg.regular_files import read_regular

ARCHITECTURE_FILE = "architecture.json"
WEIGHTS_FILE = "model.weights.h5"

LARGEST_BYTES = 4 * 2**20
"""Five times that of a ResNet-152."""

MOST_LAYERS = 2000
"""Four times those of a ResNet-152."""

LARGEST_OUTPUT = 2**26
"""Values that one layer gives for one slice: 64 filters on a slice of 1024² pixels."""

WIDEST_PADDING = 16
"""Pixels that a layer may add to the sides of the slice; a ResNet's add 6."""

SIGNS_OF_DAMAGE = (
    *(OSError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(RecursionError, RuntimeError, AssertionError),
)
"""What is raised, here and where a network is built, at files that are no model."""

SAFE_CLASSES = frozenset(
    (
        *("Functional", "InputLayer", "DTypePolicy", "Activation", "Dropout"),
        *("Constant", "GlorotUniform", "Ones", "Zeros"),
        *("Conv2D", "Conv2DTranspose", "Dense", "BatchNormalization", "GroupNormalization"),
        *("MaxPooling2D", "UpSampling2D", "ZeroPadding2D", "Rescaling", "Resizing"),
        *("Add", "Concatenate", "Flatten", "Reshape"),
    )
)
"""Keras's classes that the models are made of. Before a class is added: one that carries code
(Lambda) or reads files (TFSMLayer, StringLookup) would run for whoever loads the model."""

CLASSES_WITH_WEIGHTS = frozenset(
    ("Conv2D", "Conv2DTranspose", "Dense", "BatchNormalization", "GroupNormalization")
)
"""Those of ``SAFE_CLASSES``."""


def read_architecture(path: Path, num_weight_bytes: int) -> str:
    """The JSON text of an architecture that Keras may build.

    Args:
        path: Of the file.
        num_weight_bytes: Size of the file of its weights.

    Raises:
        ModelError: It names a class that is not in ``SAFE_CLASSES``.
        OSError: It cannot be read.
        Exception: It is no architecture, or asks for more than the weights need: of any kind that
            the wrong type of a value leads to.
    """
    text = read_regular(path, LARGEST_BYTES).decode("utf-8")
    architecture = json.loads(text)
    check_classes(architecture, str(path))
    _check_layers(architecture)
    _check_size(architecture, num_weight_bytes)
    return text


def check_classes(architecture: object, subject: str) -> None:
    """Refuse what Keras would import or unpack to make an object of.

    Raises:
        ModelError: A class is not in ``SAFE_CLASSES``.
    """
    for node in _walk(architecture):
        name, module = str(node.get("class_name")), str(node.get("module"))
        is_safe = name in SAFE_CLASSES and (module == "keras" or module.startswith("keras."))
        if "class_name" in node and not is_safe and name != "__keras_tensor__":
            raise ModelError(
                f"{subject}: expected layers that carry no code of their own. Received: "
                f"{name[:60]!r} of {module[:60]!r}. Load only models that this project trained; a "
                "layer of Keras that you gave to one yourself has to be named in SAFE_CLASSES of "
                "liverseg/networks/architecture.py."
            )


def check_output(
    name: str, shape: Sequence[int], reach: int, slice_shape: tuple[int, int, int]
) -> None:
    """Refuse a layer whose output would fill the memory.

    No layer enlarges a slice beyond its own size, but for the padding of convolutions, which goes
    as far as a kernel reaches.

    Args:
        name: Of the layer.
        shape: Of its output, without the batch.
        reach: Of its kernel, see ``measure_reach``.
        slice_shape: (rows, columns, channels) of the input of the network.

    Raises:
        ValueError: It is too large.
    """
    rows, columns, _ = slice_shape
    if math.prod(shape) > LARGEST_OUTPUT:
        raise ValueError(f"an output of {shape} for a slice, of layer {name[:60]!r}")
    most_pixels = (rows + WIDEST_PADDING) * (columns + WIDEST_PADDING)
    if len(shape) == 3 and math.prod(shape[:2]) > most_pixels:
        raise ValueError(f"a slice enlarged to {shape[:2]}, by layer {name[:60]!r}")
    if reach > max(rows, columns):
        raise ValueError(f"a kernel wider than the slice, of layer {name[:60]!r}")


def measure_reach(lengths: Sequence[int], steps: Sequence[int]) -> int:
    """Pixels along the longer side of a kernel, with those that its dilation leaves out."""
    return max((length * step for length, step in zip(lengths, steps, strict=True)), default=0)


def _check_layers(architecture: Any) -> None:
    """Each layer once, in one model: else a few lines could stand for any number of outputs."""
    layers = architecture["config"]["layers"]
    if len(layers) > MOST_LAYERS:
        raise ValueError(f"{len(layers)} layers, more than {MOST_LAYERS}")
    if sum(node.get("class_name") == "Functional" for node in _walk(architecture)) != 1:
        raise ValueError("a model within the model")
    for layer in layers:
        if len(layer["inbound_nodes"]) > 1:
            raise ValueError(f"layer {str(layer['config']['name'])[:60]!r} used more than once")


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
        raise ValueError(f"{num_weights:.6g} weights for a file of {num_bytes} bytes")


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
