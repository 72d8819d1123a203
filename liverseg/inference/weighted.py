"""Activations, and the layers of Keras that have weights, as operations of OpenVINO.

The definitions are those of Keras 3 on TensorFlow, at inference.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from openvino import opset15

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

PADDINGS = {"same": "same_upper", "valid": "valid"}
"""OpenVINO's words for Keras's."""

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": opset15.relu,
    "sigmoid": opset15.sigmoid,
    "tanh": opset15.tanh,
    "exponential": opset15.exp,
    "softplus": opset15.softplus,
    "silu": opset15.swish,
    "elu": partial(opset15.elu, alpha=1.0),
    "gelu": partial(opset15.gelu, approximation_mode="erf"),
}


def activate(layer: Layer, x: Tensor) -> Tensor:
    """The function that ``activation`` names."""
    name = layer.config["activation"]
    if name == "softmax":
        return opset15.softmax(x, 1 if len(x.shape) == 4 else -1)
    if not isinstance(name, str) or name not in _ACTIVATIONS:
        raise UnsupportedError(f"activation {name!r}")
    return _ACTIVATIONS[name](x)


def _finish(layer: Layer, x: Tensor, bias: Sequence[npt.NDArray[np.float32]]) -> Tensor:
    """Add a bias, where there is one, to the last axis of Keras's, and activate."""
    for each in bias:
        x = opset15.add(x, spread_channels(each, x))
    return activate(layer, x)


def convolve(layer: Layer, x: Tensor) -> Tensor:
    """Convolution, in groups of channels too."""
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
        PADDINGS[layer.config["padding"]],
    )
    return _finish(layer, x, bias)


def convolve_transposed(layer: Layer, x: Tensor) -> Tensor:
    """Transposed convolution: ``same`` gives strides × rows and columns, as Keras has it."""
    layer.require(
        data_format=("channels_last",),
        padding=("same", "valid"),
        output_padding=(None,),
        dilation_rate=([1, 1],),
        groups=(1,),
    )
    filters, size, strides = (
        layer.count("filters"),
        layer.pair("kernel_size"),
        layer.pair("strides"),
    )
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


def connect(layer: Layer, x: Tensor) -> Tensor:
    """A fully connected layer on the last axis of Keras's."""
    units = layer.count("units")
    bias_shape = {"bias": (units,)} if layer.config["use_bias"] else {}
    kernel, *bias = layer.read(kernel=(list_keras_shape(x)[-1], units), **bias_shape)
    return _finish(layer, from_keras(opset15.matmul(to_keras(x), kernel, False, False)), bias)


def normalize_batch(layer: Layer, x: Tensor) -> Tensor:
    """By the running statistics; weights are gamma and beta, where used, mean and variance."""
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


def normalize_groups(layer: Layer, x: Tensor) -> Tensor:
    """Over the pixels of each group of channels; -1 groups are one a channel."""
    layer.require(axis=(-1, 3))
    if len(x.shape) != 4:
        raise UnsupportedError(f"{len(x.shape)} axes")
    channels = x.shape[1]
    groups = layer.config["groups"]
    groups = channels if groups == -1 else check_count(groups)
    names = [name for key, name in (("scale", "gamma"), ("center", "beta")) if layer.config[key]]
    read = dict(zip(names, layer.read(**dict.fromkeys(names, (channels,))), strict=True))
    return opset15.group_normalization(
        x,
        read.get("gamma", np.ones(channels, np.float32)),
        read.get("beta", np.zeros(channels, np.float32)),
        groups,
        layer.number("epsilon"),
    )
