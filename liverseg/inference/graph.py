"""A saved network as a graph of OpenVINO: its architecture and its weights, put together.

Nothing of the files is run, and what is allocated is bounded by the weights in them.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import openvino
from openvino import opset15

from liverseg.inference import weighted, weightless
from liverseg.inference.layer import (
    Layer,
    Tensor,
    UnsupportedError,
    Weights,
    check_count,
    from_keras,
    list_keras_shape,
    to_keras,
)
from liverseg.networks.architecture import (
    ARCHITECTURE_FILE,
    WEIGHTS_FILE,
    check_output,
    measure_reach,
    read_architecture,
)
from liverseg.networks.weights_file import measure_weights_file

TRANSLATIONS: Mapping[str, Callable[..., Tensor]] = {
    "Activation": weighted.activate,
    "Add": weightless.add,
    "BatchNormalization": weighted.normalize_batch,
    "Concatenate": weightless.concatenate,
    "Conv2D": weighted.convolve,
    "Conv2DTranspose": weighted.convolve_transposed,
    "Dense": weighted.connect,
    "Dropout": weightless.drop_nothing,
    "Flatten": weightless.flatten,
    "GroupNormalization": weighted.normalize_groups,
    "MaxPooling2D": weightless.pool,
    "Rescaling": weightless.rescale,
    "Reshape": weightless.reshape,
    "Resizing": weightless.resize,
    "UpSampling2D": weightless.enlarge,
    "ZeroPadding2D": weightless.pad,
}
"""From a layer and its inputs to its output, by Keras's class."""

_GROUPS = {  # of the weights file, a number added for all but the first of a class
    "Conv2D": "conv2d",
    "Conv2DTranspose": "conv2d_transpose",
    "Dense": "dense",
    "BatchNormalization": "batch_normalization",
    "GroupNormalization": "group_normalization",
}
_OTHER_IN_TRAINING = {"Dropout", "BatchNormalization"}
_REACH = ("kernel_size", "dilation_rate")


def read_graph(folder: Path) -> openvino.Model:
    """The network of a model folder for one slice, from uint8 to float32, axes as Keras has them.

    Raises:
        ModelError: The architecture names a class that is not in ``architecture.SAFE_CLASSES``.
        UnsupportedError: It has a layer or an option that is not translated.
        Exception: Files are missing or do not fit each other, or the weights are not finite: one of
            ``architecture.SIGNS_OF_DAMAGE``.
    """
    num_bytes = measure_weights_file(folder / WEIGHTS_FILE)
    architecture = json.loads(read_architecture(folder / ARCHITECTURE_FILE, num_bytes))
    with h5py.File(folder / WEIGHTS_FILE, "r") as file:
        return _build_graph(architecture["config"], file["layers"])


def _build_graph(config: Mapping[str, Any], file: h5py.Group) -> openvino.Model:
    """All layers in their order, in which each comes after those that it takes."""
    first, *others = config["layers"]
    if first["class_name"] != "InputLayer":
        raise ValueError("a network that begins with another layer than its input")
    rows, columns, channels = map(check_count, first["config"]["batch_shape"][1:])
    slice_shape = (rows, columns, channels)
    parameter = opset15.parameter([1, *slice_shape], np.uint8)
    check_output(first["name"], slice_shape, 0, slice_shape)
    tensors = {first["name"]: from_keras(opset15.convert(parameter, np.float32))}
    counts: Counter[str] = Counter()
    for saved in others:
        class_name, name = saved["class_name"], saved["name"]
        group = None
        if class_name in _GROUPS:
            number = counts[class_name]
            group = file[_GROUPS[class_name] + (f"_{number}" if number else "")]["vars"]
            counts[class_name] += 1
        layer = Layer(name, saved["config"], partial(_read_weights, name, group))
        inputs = [tensors[each] for each in _list_inputs(class_name, saved["inbound_nodes"])]
        if group is not None:
            _check_built_for(saved, inputs[0])
        tensors[name] = _translate(class_name, layer, inputs)
        reach = measure_reach(*(layer.pair(key) if key in layer.config else () for key in _REACH))
        check_output(name, list_keras_shape(tensors[name]), reach, slice_shape)
    output = to_keras(tensors[_find_output(config["output_layers"])])
    return openvino.Model([opset15.result(output)], [parameter], config["name"])


def _check_built_for(saved: Mapping[str, Any], x: Tensor) -> None:
    """Refuse a layer whose weights were counted for another input, as Keras does."""
    _, *shape = saved["build_config"]["input_shape"]
    if tuple(shape) != list_keras_shape(x):
        raise ValueError(f"layer {saved['name'][:60]!r} built for {shape}, not {x.shape}")


def _translate(class_name: str, layer: Layer, inputs: Sequence[Tensor]) -> Tensor:
    try:
        if class_name not in TRANSLATIONS:
            raise UnsupportedError("no such layer")
        return TRANSLATIONS[class_name](layer, *inputs)
    except UnsupportedError as error:
        raise UnsupportedError(f"{class_name} {layer.name[:60]!r} with {error}") from None


def _list_inputs(class_name: str, inbound_nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of the layers whose outputs a layer takes, in its order."""
    (node,) = inbound_nodes
    for key, value in node["kwargs"].items():
        if value and (key != "training" or class_name in _OTHER_IN_TRAINING):
            raise UnsupportedError(f"{class_name} called with {key[:60]}={str(value)[:60]}")
    (taken,) = node["args"]
    return [_find_output(each["config"]["keras_history"]) for each in _list(taken)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _find_output(history: Any) -> str:
    """The name of the layer that a tensor comes from: it has one output, and is called once."""
    name, *indices = history
    if indices != [0, 0]:
        raise UnsupportedError(f"more than one output, {str(history)[:60]}")
    return str(name)


def _read_weights(name: str, group: h5py.Group, **shapes: tuple[int, ...]) -> Weights:
    """The weights of a layer, read only where they have the shapes that its options ask for."""
    received = [tuple(group[key].shape) for key in sorted(group, key=int)]
    if received != list(shapes.values()):
        raise ValueError(f"weights of shapes {received}, not {shapes}, of layer {name[:60]!r}")
    weights = tuple(np.asarray(group[str(index)], np.float32) for index in range(len(shapes)))
    for key, each in zip(shapes, weights, strict=True):
        if not np.isfinite(each).all():
            raise ValueError(f"weights that are no finite numbers, of {f'{name}/{key}'[:60]!r}")
    return weights
