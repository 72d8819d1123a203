"""The layers of Keras that have no weights, as operations of OpenVINO.

The definitions are those of Keras 3 on TensorFlow, at inference.
"""

from functools import reduce

import numpy as np
from openvino import opset1, opset15

from liverseg.inference.layer import (
    Layer,
    Tensor,
    UnsupportedError,
    check_count,
    from_keras,
    list_keras_shape,
    spread_channels,
    to_keras,
)
from liverseg.inference.weighted import PADDINGS


def drop_nothing(_layer: Layer, x: Tensor) -> Tensor:
    """Dropout is of training alone."""
    return x


def pool(layer: Layer, x: Tensor) -> Tensor:
    """The largest value of each window."""
    layer.require(data_format=("channels_last",), padding=("same", "valid"))
    padding = PADDINGS[layer.config["padding"]]
    size, strides = layer.pair("pool_size"), layer.pair("strides")
    return opset1.max_pool(x, strides, [0, 0], [0, 0], size, "floor", padding)


def enlarge(layer: Layer, x: Tensor) -> Tensor:
    """UpSampling2D: a whole number of pixels for each."""
    rows, columns = (
        length * factor for length, factor in zip(x.shape[2:], layer.pair("size"), strict=True)
    )
    return _resize_to(layer, x, [rows, columns])


def resize(layer: Layer, x: Tensor) -> Tensor:
    """To ``height`` × ``width`` pixels; where that is smaller, sampled as Keras does by default."""
    layer.require(antialias=(False,), crop_to_aspect_ratio=(False,), pad_to_aspect_ratio=(False,))
    return _resize_to(layer, x, [layer.count("height"), layer.count("width")])


def _resize_to(layer: Layer, x: Tensor, size: list[int]) -> Tensor:
    layer.require(data_format=("channels_last",), interpolation=("bilinear", "nearest"))
    bilinear = layer.config["interpolation"] == "bilinear"
    return opset15.interpolate(
        x,
        size,
        "linear_onnx" if bilinear else "nearest",
        "sizes",
        coordinate_transformation_mode="half_pixel",
        nearest_mode="round_prefer_ceil",
        axes=[2, 3],
    )


def pad(layer: Layer, x: Tensor) -> Tensor:
    """Zeros around the plane."""
    layer.require(data_format=("channels_last",))
    (top, bottom), (left, right) = layer.config["padding"]
    begins, ends = (
        [0, 0, *(check_count(each, 0) for each in pair)] for pair in ((top, left), (bottom, right))
    )
    return opset15.pad(x, begins, ends, "constant", np.float32(0))


def rescale(layer: Layer, x: Tensor) -> Tensor:
    """Times ``scale``, plus ``offset``: one number or one a channel."""
    for operation, key in ((opset15.multiply, "scale"), (opset15.add, "offset")):
        values = np.asarray(layer.config[key], np.float32)
        if not np.isfinite(values).all() or values.size not in {1, list_keras_shape(x)[-1]}:
            raise ValueError(f"{key} {str(values)[:60]}")
        x = operation(x, spread_channels(values.reshape(-1), x))
    return x


def add(_layer: Layer, *inputs: Tensor) -> Tensor:
    """The sum of all inputs."""
    if len({len(each.shape) for each in inputs}) > 1:
        raise UnsupportedError("inputs of different axes")
    return reduce(opset15.add, inputs)


def concatenate(layer: Layer, *inputs: Tensor) -> Tensor:
    """All channels of all inputs."""
    layer.require(axis=(-1, len(inputs[0].shape) - 1))
    return opset15.concat(list(inputs), 1 if len(inputs[0].shape) == 4 else -1)


def flatten(layer: Layer, x: Tensor) -> Tensor:
    """One axis, in Keras's order."""
    layer.require(data_format=("channels_last",))
    return opset15.reshape(to_keras(x), [x.shape[0], -1], special_zero=False)


def reshape(layer: Layer, x: Tensor) -> Tensor:
    """To ``target_shape``, in Keras's order."""
    shape = [each if each == -1 else check_count(each) for each in layer.config["target_shape"]]
    return from_keras(opset15.reshape(to_keras(x), [x.shape[0], *shape], special_zero=False))
