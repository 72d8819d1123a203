"""Simple CNN: convolutions, pooling and fully connected layers. The honest baseline."""

import keras
from keras import layers

from liverseg.labels import REGIONS
from liverseg.networks.recipe import Recipe
from liverseg.params import SimpleCnnParams


def build_model(params: SimpleCnnParams, input_shape: tuple[int, int, int]) -> keras.Model:
    """A classifier of the cells of a coarse grid, brought up to the slice.

    A stack of convolution and 2×2 pooling, then two fully connected layers whose outputs are the
    liver and lesion scores of ``grid_size``² cells, resized bilinearly to the slice. It sees where
    in the slice something is, but no detail below one cell.

    Args:
        params: ``models.simple_cnn``.
        input_shape: (rows, columns, channels), uint8.
    """
    rows, columns, _ = input_shape
    inputs = keras.Input(input_shape, dtype="uint8", name="slices")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    for level, filters in enumerate(params.filters):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv_{level}")(x)
        x = layers.MaxPooling2D(name=f"pool_{level}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(params.dense_units, activation="relu", name="dense")(x)
    x = layers.Dropout(params.dropout, name="dropout")(x)
    size = params.grid_size
    x = layers.Dense(size * size * len(REGIONS), name="cells")(x)
    x = layers.Reshape((size, size, len(REGIONS)), name="coarse_mask")(x)
    x = layers.Resizing(rows, columns, interpolation="bilinear", name="to_slice")(x)
    outputs = layers.Activation("sigmoid", dtype="float32", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="simple_cnn")


RECIPE = Recipe(build_model)
