"""ResNet: a pre-trained encoder of keras.applications with a segmentation head of our own."""

from functools import partial
from pathlib import Path

import keras
from keras import layers

from liverseg.errors import ModelError
from liverseg.labels import REGIONS
from liverseg.networks.recipe import BATCH_MOMENTUM, Phase, Recipe, Start
from liverseg.networks.start import check_sha256
from liverseg.params import EncoderParams, ResnetParams, TrainParams

_BACKBONES = {
    50: keras.applications.ResNet50,
    101: keras.applications.ResNet101,
    152: keras.applications.ResNet152,
}
_BLOCKS = {  # residual blocks of conv2, conv3, conv4, conv5 (He et al., arXiv 1512.03385, table 1)
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
IMAGENET_BGR = (103.939, 116.779, 123.68)  # keras.applications.imagenet_utils, mode "caffe"
ENCODER_FILE = "encoder.weights.h5"
ENCODER_PREFIXES = ("conv1_", "conv2_", "conv3_", "conv4_", "conv5_")


def build_model(params: ResnetParams, input_shape: tuple[int, int, int]) -> keras.Model:
    """An encoder with features at strides 2, 4, 8, ..., and a head that merges them upwards.

    The head is a light decoder: each coarser feature is brought to ``head_filters`` channels,
    enlarged bilinearly and added to the next finer one, as in a feature pyramid (Lin et al.,
    arXiv 1612.03144); a last convolution at stride 2 is enlarged to the slice.

    Args:
        params: ``models.resnet``.
        input_shape: (rows, columns, channels), uint8; rows and columns divisible by the stride of
            ``last_stage``.
    """
    encoder = build_encoder(params, input_shape)
    features = encoder.outputs
    x = _lateral(features[-1], params, len(features) - 1)
    for level in reversed(range(len(features) - 1)):
        x = layers.UpSampling2D(interpolation="bilinear", name=f"head_{level}_enlarge")(x)
        x = layers.Add(name=f"head_{level}_merge")([x, _lateral(features[level], params, level)])
        x = _convolution(x, params.head_filters, 3, f"head_{level}")
    x = layers.Dropout(params.dropout, name="head_dropout")(x)
    x = layers.Conv2D(len(REGIONS), 1, name="scores")(x)
    x = layers.UpSampling2D(interpolation="bilinear", name="to_slice")(x)
    outputs = layers.Activation("sigmoid", dtype="float32", name="probabilities")(x)
    return keras.Model(encoder.input, outputs, name="resnet")


def build_encoder(params: EncoderParams, input_shape: tuple[int, int, int]) -> keras.Model:
    """The ResNet up to ``last_stage``; its outputs are the features at strides 2, 4, 8, ....

    Any number of channels reaches the ResNet's three through a 1×1 convolution that begins as the
    mean of the channels, a grey image. ImageNet weights see it as Keras's preprocessing leaves it:
    0 to 255 as blue, green and red, minus their means over ImageNet.
    """
    inputs = keras.Input(input_shape, dtype="uint8", name="slices")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    mean = keras.initializers.Constant(1 / input_shape[-1])
    x = layers.Conv2D(3, 1, kernel_initializer=mean, name="to_rgb")(x)
    if uses_imagenet(params):
        x = layers.Rescaling(255, [-value for value in IMAGENET_BGR], name="imagenet_range")(x)
    backbone = _BACKBONES[params.depth](include_top=False, weights=None, input_tensor=x)
    for layer in backbone.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = BATCH_MOMENTUM
    _, conv3, conv4, conv5 = _BLOCKS[params.depth]
    names = [
        "conv1_relu",
        "conv2_block3_out",
        f"conv3_block{conv3}_out",
        f"conv4_block{conv4}_out",
        f"conv5_block{conv5}_out",
    ]
    used = names[: int(params.last_stage.removeprefix("conv"))]
    return keras.Model(inputs, [backbone.get_layer(name).output for name in used], name="encoder")


def build_slice_classifier(
    params: EncoderParams, input_shape: tuple[int, int, int], num_questions: int
) -> keras.Model:
    """The encoder with yes/no questions about the whole slice on top, to pre-train it."""
    encoder = build_encoder(params, input_shape)
    x = layers.GlobalAveragePooling2D(name="mean_feature")(encoder.outputs[-1])
    outputs = layers.Dense(num_questions, activation="sigmoid", dtype="float32", name="answers")(x)
    return keras.Model(encoder.input, outputs, name="slice_classifier")


def uses_imagenet(params: EncoderParams) -> bool:
    """Whether the encoder starts from ImageNet: Keras's download, or its file given as a path.

    A path ending in ``.weights.h5`` is an encoder saved by the pretrain stage; any other is taken
    for the file of keras.applications, without top.
    """
    weights = params.weights
    return weights == "imagenet" or (
        weights not in ("none", "slices") and not weights.endswith(".weights.h5")
    )


def plan_phases(params: ResnetParams, train: TrainParams) -> tuple[Phase, ...]:
    """First the head on a frozen encoder, then both; a random encoder is never frozen."""
    if params.weights == "none":
        return (Phase(train.epochs, train.learning_rate),)
    num_frozen = min(params.frozen_epochs, train.epochs)
    num_tuned = train.epochs - num_frozen
    freeze, thaw = (partial(set_encoder_trainable, is_trainable=value) for value in (False, True))
    phases = (
        Phase(num_frozen, train.learning_rate, freeze),
        Phase(num_tuned, params.fine_tune_learning_rate, thaw),
    )
    return tuple(phase for phase in phases if phase.num_epochs > 0)


def set_encoder_trainable(model: keras.Model, is_trainable: bool) -> None:
    """Freeze or thaw the pre-trained layers; a frozen batch normalisation keeps its statistics.

    The model must be compiled again afterwards.
    """
    for layer in _encoder_layers(model):
        layer.trainable = is_trainable


def load_initial_weights(model: keras.Model, params: ResnetParams, encoder: Path | None) -> str:
    """Give the encoder its pre-trained weights; returns their origin for the table.

    Args:
        model: What ``build_model`` returned.
        params: ``models.resnet``.
        encoder: The folder that the stage pretrain wrote; used by ``weights: slices``.

    Raises:
        ModelError: The weights are not there, have another checksum, or do not fit.
    """
    weights = params.weights
    if weights == "none":
        return "random"
    if weights == "imagenet":
        _copy_imagenet(model, params, "imagenet")
        return weights
    path = Path(weights)
    if weights == "slices":
        if encoder is None:
            raise ModelError("models.resnet.weights: slices needs the folder of the stage pretrain")
        path = encoder / ENCODER_FILE
    else:
        check_sha256("models.resnet.weights_sha256", path, params.weights_sha256)
    if uses_imagenet(params):
        _copy_imagenet(model, params, str(path))
    else:
        _copy_encoder(model, params, path)
    return weights if weights == "slices" else path.name


def _copy_imagenet(model: keras.Model, params: ResnetParams, weights: str) -> None:
    try:
        backbone = _BACKBONES[params.depth](include_top=False, weights=weights)
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise ModelError(
            f"models.resnet.weights: expected ImageNet weights of ResNet{params.depth}. "
            f"Received: {' '.join(str(error).split())[:300]}. Ways out: give this machine a "
            "network once, so that Keras's cache holds the file; copy the file here and name it as "
            "weights with its weights_sha256; or take weights: slices or none."
        ) from None
    for layer in _encoder_layers(model):
        layer.set_weights(backbone.get_layer(layer.name).get_weights())


def _copy_encoder(model: keras.Model, params: ResnetParams, path: Path) -> None:
    rows, columns, channels = model.input_shape[1:]
    encoder = build_encoder(params, (rows, columns, channels))
    try:
        encoder.load_weights(path)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"models.resnet.weights: expected an encoder of ResNet{params.depth} up to "
            f"{params.last_stage} for {channels} channels in {path}. "
            f"Received: {' '.join(str(error).split())[:300]}. Train it with the stage pretrain."
        ) from None
    for layer in encoder.layers:
        model.get_layer(layer.name).set_weights(layer.get_weights())


def _encoder_layers(model: keras.Model) -> list[keras.Layer]:
    return [
        layer for layer in model.layers if layer.weights and layer.name.startswith(ENCODER_PREFIXES)
    ]


def _lateral(feature: keras.KerasTensor, params: ResnetParams, level: int) -> keras.KerasTensor:
    return _convolution(feature, params.head_filters, 1, f"lateral_{level}")


def _convolution(
    x: keras.KerasTensor, filters: int, kernel_size: int, name: str
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel_size, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=BATCH_MOMENTUM, name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _start_encoder(model: keras.Model, params: ResnetParams, start: Start) -> str:
    return load_initial_weights(model, params, start.encoder)


RECIPE = Recipe(build_model, plan_phases, _start_encoder)
