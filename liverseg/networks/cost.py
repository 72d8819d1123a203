"""What a model costs: multiply-accumulates and parameters, computed from its layers."""

import math

import keras
from keras import layers


def count_macs(model: keras.Model) -> int:
    """Multiply-accumulates of one slice, forward.

    Counted are convolutions, transposed convolutions and fully connected layers, as is the custom;
    normalisation, activation, pooling and resizing are left out (a few percent).
    """
    return sum(_count_layer_macs(layer) for layer in model.layers)


def _count_layer_macs(layer: keras.Layer) -> int:
    if isinstance(layer, layers.Conv2DTranspose):
        num_positions = math.prod(layer.input.shape[1:3])  # each input pixel meets the whole kernel
    elif isinstance(layer, layers.Conv2D):
        num_positions = math.prod(layer.output.shape[1:3])
    elif isinstance(layer, layers.Dense):
        num_positions = math.prod(layer.output.shape[1:-1])
    else:
        return 0
    return int(num_positions * math.prod(layer.kernel.shape))
