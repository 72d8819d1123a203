"""What each of Keras's layers does at inference, as operations of OpenVINO.

Tensors of four axes are held as (batch, channels, rows, columns), all others in Keras's own order.
The definitions are those of Keras 3 on TensorFlow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import opset1, opset15

Tensor = Any
"""A node of OpenVINO, which has no types."""

Weights = tuple[npt.NDArray[np.float32], ...]
ReadWeights = Callable[..., Weights]
"""The shape of each weight by its name, in Keras's order, to the weights."""

LARGEST_COUNT = 2**31 - 1
"""Of filters, units and pixels in one direction: what OpenVINO can compute with."""


class UnsupportedError(ValueError):
    """A layer of Keras, or one of its options, that has no translation here."""


@dataclass(frozen=True)
class Layer:
    """A layer as it was saved.

    Attributes:
        name: Its own.
        config: Its options.
        read: Its weights.
    """

    name: str
    config: Mapping[str, Any]
    read: ReadWeights

    def count(self, key: str, lowest: int = 1) -> int:
        """A whole number of the options."""
        return _count(self.config[key], lowest)

    def pair(self, key: str) -> list[int]:
        """Rows and columns, of the options."""
        first, second = self.config[key]
        return [_count(first), _count(second)]

    def number(self, key: str) -> float:
        """A finite number of the options."""
        value = np.float32(self.config[key])
        if not np.isfinite(value):
            raise ValueError(f"{key} {value}")
        return float(value)

    def require(self, **accepted: tuple[object, ...]) -> None:
        """Refuse options whose other values would mean something else; where absent, they do not.

        Raises:
            UnsupportedError: One has a value that is not accepted.
        """
        for key, values in accepted.items():
            received = self.config.get(key, values[0])
            if received not in values:
                raise UnsupportedError(f"{key} {received!r}")


def list_keras_shape(x: Tensor) -> tuple[int, ...]:
    """The shape of a tensor without the batch, in Keras's order."""
    _, *shape = x.shape
    return (*shape[1:], shape[0]) if len(shape) == 3 else tuple(shape)


def to_keras(x: Tensor) -> Tensor:
    """A tensor in Keras's order."""
    return opset15.transpose(x, [0, 2, 3, 1]) if len(x.shape) == 4 else x


def from_keras(x: Tensor) -> Tensor:
    """A tensor in Keras's order as it is held here."""
    return opset15.transpose(x, [0, 3, 1, 2]) if len(x.shape) == 4 else x


def _count(value: object, lowest: int = 1) -> int:
    if type(value) is not int or not lowest <= value <= LARGEST_COUNT:
        raise ValueError(f"{str(value)[:60]} for a number from {lowest} to {LARGEST_COUNT}")
    return value


def _pass(_layer: Layer, x: Tensor) -> Tensor:
    return x


def _activate(layer: Layer, x: Tensor) -> Tensor:
    name = layer.config["activation"]
    if name == "softmax":
        return opset15.softmax(x, 1 if len(x.shape) == 4 else -1)
    if not isinstance(name, str) or name not in _ACTIVATIONS:
        raise UnsupportedError(f"activation {name!r}")
    return _ACTIVATIONS[name](x)


def _finish(layer: Layer, x: Tensor, bias: Sequence[npt.NDArray[np.float32]]) -> Tensor:
    """Add a bias, where there is one, to the last axis of Keras's, and activate."""
    for each in bias:
        x = opset15.add(x, _spread(each, x))
    return _activate(layer, x)


def _spread(values: npt.NDArray[np.float32], x: Tensor) -> npt.NDArray[np.float32]:
    """A value a channel, for a tensor as it is held here."""
    return values.reshape(-1, 1, 1) if len(x.shape) == 4 else values


def _convolve(layer: Layer, x: Tensor) -> Tensor:
    layer.require(data_format=("channels_last",), padding=("same", "valid"))
    filters, groups = layer.count("filters"), layer.count("groups")
    (_, channels, _, _), size = x.shape, layer.pair("kernel_size")
    bias_shape = {"bias": (filters,)} if layer.config["use_bias"] else {}
    kernel, *bias = layer.read(kernel=(*size, channels // groups, filters), **bias_shape)
    kernel = kernel.transpose(3, 2, 0, 1)  # to (filters, channels, rows, columns)
    convolve = opset15.convolution
    if groups > 1:
        convolve = opset15.group_convolution
        kernel = kernel.reshape(groups, filters // groups, *kernel.shape[1:])
    x = convolve(
        x,
        kernel,
        layer.pair("strides"),
        [0, 0],
        [0, 0],
        layer.pair("dilation_rate"),
        _PADDINGS[layer.config["padding"]],
    )
    return _finish(layer, x, bias)


def _convolve_transposed(layer: Layer, x: Tensor) -> Tensor:
    layer.require(
        data_format=("channels_last",),
        padding=("same", "valid"),
        output_padding=(None,),
        dilation_rate=([1, 1],),
        groups=(1,),
    )
    filters, size, strides = layer.count("filters"), layer.pair("kernel_size"), layer.pair("strides")
    bias_shape = {"bias": (filters,)} if layer.config["use_bias"] else {}
    kernel, *bias = layer.read(kernel=(*size, filters, x.shape[1]), **bias_shape)
    rest = [length - step for length, step in zip(size, strides, strict=True)]
    # "same" gives a stride for each pixel: what a longer kernel adds is cut off, more of it behind.
    cut = [max(each, 0) if layer.config["padding"] == "same" else 0 for each in rest]
    x = opset15.convolution_backprop_data(
        x,
        kernel.transpose(3, 2, 0, 1),  # to (channels, filters, rows, columns)
        strides,
        pads_begin=[each // 2 for each in cut],
        pads_end=[each - each // 2 for each in cut],
        output_padding=[max(-each, 0) for each in rest],
    )
    return _finish(layer, x, bias)


def _connect(layer: Layer, x: Tensor) -> Tensor:
    units = layer.count("units")
    bias_shape = {"bias": (units,)} if layer.config["use_bias"] else {}
    kernel, *bias = layer.read(kernel=(list_keras_shape(x)[-1], units), **bias_shape)
    return _finish(layer, from_keras(opset15.matmul(to_keras(x), kernel, False, False)), bias)


def _normalize_batch(layer: Layer, x: Tensor) -> Tensor:
    layer.require(axis=(-1, len(x.shape) - 1))
    if len(x.shape) not in {2, 4}:
        raise UnsupportedError(f"{len(x.shape)} axes")
    channels = x.shape[1]
    names = [name for key, name in (("scale", "gamma"), ("center", "beta")) if layer.config[key]]
    names += ["moving_mean", "moving_variance"]
    read = dict(zip(names, layer.read(**dict.fromkeys(names, (channels,))), strict=True))
    return opset15.batch_norm_inference(
        x,
        read.get("gamma", np.ones(channels, np.float32)),
        read.get("beta", np.zeros(channels, np.float32)),
        read["moving_mean"],
        read["moving_variance"],
        layer.number("epsilon"),
    )


def _normalize_groups(layer: Layer, x: Tensor) -> Tensor:
    layer.require(axis=(-1, 3))
    if len(x.shape) != 4:
        raise UnsupportedError(f"{len(x.shape)} axes")
    channels = x.shape[1]
    groups = layer.config["groups"]
    groups = channels if groups == -1 else _count(groups)
    names = [name for key, name in (("scale", "gamma"), ("center", "beta")) if layer.config[key]]
    read = dict(zip(names, layer.read(**dict.fromkeys(names, (channels,))), strict=True))
    return opset15.group_normalization(
        x,
        read.get("gamma", np.ones(channels, np.float32)),
        read.get("beta", np.zeros(channels, np.float32)),
        groups,
        layer.number("epsilon"),
    )


def _pool(layer: Layer, x: Tensor) -> Tensor:
    layer.require(data_format=("channels_last",), padding=("same", "valid"))
    padding = _PADDINGS[layer.config["padding"]]
    size, strides = layer.pair("pool_size"), layer.pair("strides")
    return opset1.max_pool(x, strides, [0, 0], [0, 0], size, "floor", padding)


def _enlarge(layer: Layer, x: Tensor) -> Tensor:
    rows, columns = (
        length * factor for length, factor in zip(x.shape[2:], layer.pair("size"), strict=True)
    )
    return _resize_to(layer, x, [rows, columns])


def _resize(layer: Layer, x: Tensor) -> Tensor:
    layer.require(
        antialias=(False,), crop_to_aspect_ratio=(False,), pad_to_aspect_ratio=(False,)
    )
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


def _pad(layer: Layer, x: Tensor) -> Tensor:
    layer.require(data_format=("channels_last",))
    (top, bottom), (left, right) = layer.config["padding"]
    begins, ends = ([0, 0, *(_count(each, 0) for each in pair)] for pair in ((top, left), (bottom, right)))
    return opset15.pad(x, begins, ends, "constant", np.float32(0))


def _rescale(layer: Layer, x: Tensor) -> Tensor:
    for operation, key in ((opset15.multiply, "scale"), (opset15.add, "offset")):
        values = np.asarray(layer.config[key], np.float32)
        if not np.isfinite(values).all() or values.size not in {1, list_keras_shape(x)[-1]}:
            raise ValueError(f"{key} {str(values)[:60]}")
        x = operation(x, _spread(values.reshape(-1), x))
    return x


def _add(_layer: Layer, *inputs: Tensor) -> Tensor:
    if len({len(each.shape) for each in inputs}) > 1:
        raise UnsupportedError("inputs of different axes")
    return reduce(opset15.add, inputs)


def _concatenate(layer: Layer, *inputs: Tensor) -> Tensor:
    layer.require(axis=(-1, len(inputs[0].shape) - 1))
    return opset15.concat(list(inputs), 1 if len(inputs[0].shape) == 4 else -1)


def _flatten(layer: Layer, x: Tensor) -> Tensor:
    layer.require(data_format=("channels_last",))
    return opset15.reshape(to_keras(x), [x.shape[0], -1], special_zero=False)


def _reshape(layer: Layer, x: Tensor) -> Tensor:
    shape = [each if each == -1 else _count(each) for each in layer.config["target_shape"]]
    return from_keras(opset15.reshape(to_keras(x), [x.shape[0], *shape], special_zero=False))


_PADDINGS = {"same": "same_upper", "valid": "valid"}

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": opset15.relu,
    "sigmoid": opset15.sigmoid,
    "tanh": opset15.tanh,
    "exponential": opset15.exp,
    "softplus": lambda x: opset15.softplus(x),
    "silu": lambda x: opset15.swish(x),
    "elu": partial(opset15.elu, alpha=1.0),
    "gelu": partial(opset15.gelu, approximation_mode="erf"),
}

TRANSLATIONS: dict[str, Callable[..., Tensor]] = {
    "Activation": _activate,
    "Dropout": _pass,
    "Conv2D": _convolve,
    "Conv2DTranspose": _convolve_transposed,
    "Dense": _connect,
    "BatchNormalization": _normalize_batch,
    "GroupNormalization": _normalize_groups,
    "MaxPooling2D": _pool,
    "UpSampling2D": _enlarge,
    "ZeroPadding2D": _pad,
    "Rescaling": _rescale,
    "Resizing": _resize,
    "Add": _add,
    "Concatenate": _concatenate,
    "Flatten": _flatten,
    "Reshape": _reshape,
}
"""From a layer and its inputs to its output, by Keras's class."""
