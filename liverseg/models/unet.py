"""U-Net: encoder, decoder and skip connections (Ronneberger et al., arXiv 1505.04597)."""

import keras
from keras import layers

from liverseg.labels import REGIONS
from liverseg.networks.recipe import BATCH_MOMENTUM, Recipe
from liverseg.networks.start import load_named_weights
from liverseg.params import UnetShape


def build_model(params: UnetShape, input_shape: tuple[int, int, int]) -> keras.Model:
    """A U-Net whose filters double at each of ``depth`` levels.

    Against the paper: padded convolutions, so that the mask has the size of the slice;
    normalisation; dropout at the two deepest levels; transposed convolutions on the way up.

    Args:
        params: ``models.unet``.
        input_shape: (rows, columns, channels), uint8; rows and columns divisible by 2^depth.
    """
    inputs = keras.Input(input_shape, dtype="uint8", name="slices")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    skips = []
    for level in range(params.depth):
        x = _double_convolution(x, params.filters * 2**level, params, f"down_{level}")
        skips.append(x)
        x = layers.MaxPooling2D(name=f"down_{level}_pool")(x)
        if level == params.depth - 1:
            x = layers.Dropout(params.dropout, name=f"down_{level}_dropout")(x)
    x = _double_convolution(x, params.filters * 2**params.depth, params, "bottom")
    x = layers.Dropout(params.dropout, name="bottom_dropout")(x)
    for level in reversed(range(params.depth)):
        filters = params.filters * 2**level
        x = layers.Conv2DTranspose(filters, 2, strides=2, name=f"up_{level}_transpose")(x)
        x = layers.Concatenate(name=f"up_{level}_skip")([skips[level], x])
        x = _double_convolution(x, filters, params, f"up_{level}")
    x = layers.Conv2D(len(REGIONS), 1, name="scores")(x)
    outputs = layers.Activation("sigmoid", dtype="float32", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="unet")


def _double_convolution(
    entering: keras.KerasTensor, filters: int, params: UnetShape, name: str
) -> keras.KerasTensor:
    """Two convolutions; a residual pair adds to what enters, brought to as many filters."""
    x = _convolve(entering, filters, 3, params, f"{name}_a")
    x = layers.Activation("relu", name=f"{name}_a_relu")(x)
    x = _convolve(x, filters, 3, params, f"{name}_b")
    if params.residual:
        if entering.shape[-1] != filters:
            entering = _convolve(entering, filters, 1, params, f"{name}_across")
        x = layers.Add(name=f"{name}_add")([x, entering])
    return layers.Activation("relu", name=f"{name}_b_relu")(x)


def _convolve(
    x: keras.KerasTensor, filters: int, width: int, params: UnetShape, name: str
) -> keras.KerasTensor:
    """A normalised convolution."""
    use_bias = params.normalization == "none"  # else the normalisation brings its own
    x = layers.Conv2D(filters, width, padding="same", use_bias=use_bias, name=f"{name}_conv")(x)
    if params.normalization == "batch":
        return layers.BatchNormalization(momentum=BATCH_MOMENTUM, name=f"{name}_norm")(x)
    if params.normalization == "instance":
        # A group a filter. Keras's epsilon of 1e-3 is as large as variances in early layers are.
        return layers.GroupNormalization(-1, epsilon=1e-5, name=f"{name}_norm")(x)
    if params.normalization == "group":
        return layers.GroupNormalization(_count_groups(filters), name=f"{name}_norm")(x)
    return x


def _count_groups(filters: int) -> int:
    """The most groups, of at most 8, that divide the filters evenly."""
    return max(groups for groups in range(1, 9) if filters % groups == 0)


RECIPE = Recipe(build_model, load_initial_weights=load_named_weights)
