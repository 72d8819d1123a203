"""OpenVINO says what Keras says, which is the independent library here."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from liverseg.inference.compiled import load_compiled
from liverseg.models.resnet import build_model as build_resnet
from liverseg.models.simple_cnn import build_model as build_simple_cnn
from liverseg.models.unet import build_model as build_unet
from liverseg.networks.saved import load_model, write_model
from liverseg.params import SimpleCnnParams, TrainOverrides
from liverseg.ready_model import READY_FOLDER
from liverseg.rounds.packing import pack_model
from liverseg.slices.stacks import Preprocessing, write_preprocessing
from tests.made.params import build_resnet_params, build_unet_params
from tests.scans.conftest import RULES

SHAPE = (32, 48, 3)
TOLERANCE = 1e-5
"""Of a probability: both compute in float32 and sum in other orders."""

SIMPLE_CNN = SimpleCnnParams(
    filters=(4, 8), dense_units=8, grid_size=4, dropout=0.1, train=TrainOverrides()
)
RESNET = build_resnet_params(head_filters=4)
UNETS = [
    build_unet_params(filters=4, depth=depth, normalization=normalization, residual=residual)
    for depth, residual in ((1, True), (3, False))
    for normalization in ("batch", "instance", "group", "none")
]


def move_weights(model: keras.Model) -> None:
    """Biases and statistics of normalisations are no longer those of a new model."""
    generator = np.random.default_rng(0)
    for weight in model.weights:
        kind = weight.path.rpartition("/")[2]
        if kind in {"gamma", "moving_variance"}:
            weight.assign(generator.uniform(0.5, 1.5, weight.shape))
        elif kind in {"beta", "bias", "moving_mean"}:
            weight.assign(generator.normal(0, 0.3, weight.shape))


def draw_images(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (3, *shape), np.uint8)


def compare(folder: Path, model: keras.Model) -> None:
    images = draw_images(model.input_shape[1:])
    expected = model(images, training=False).numpy()
    received = load_compiled(folder, num_threads=2).predict_on_batch(images)
    assert (received.dtype, received.shape) == (np.float32, expected.shape)
    assert np.abs(received - expected).max() <= TOLERANCE
    assert np.ptp(expected) > 1000 * TOLERANCE


@pytest.mark.parametrize(
    ("build", "params"),
    [(build_simple_cnn, SIMPLE_CNN), (build_resnet, RESNET)]
    + [(build_unet, params) for params in UNETS],
)
def test_each_of_the_three_networks_says_what_keras_says(tmp_path, build, params):
    keras.utils.set_random_seed(2)
    model = build(params, SHAPE)
    move_weights(model)
    write_model(tmp_path, model)
    compare(tmp_path, model)


def test_imagenet_s_range_of_values_is_given_channel_by_channel(tmp_path):
    keras.utils.set_random_seed(2)
    checksum = "0" * 64
    named = {"weights": "imagenet.h5", "weights_sha256": checksum, "last_stage": "conv2"}
    model = build_resnet(RESNET.model_copy(update=named), SHAPE)
    assert "imagenet_range" in [layer.name for layer in model.layers]
    write_model(tmp_path, model)
    compare(tmp_path, model)


def test_half_floats_are_read_as_keras_reads_them(tmp_path):
    whole, packed = tmp_path / "whole", tmp_path / "packed"
    for folder in (whole, whole / "locator", packed):
        folder.mkdir()
        if folder != packed:
            model = build_unet(UNETS[0], SHAPE)
            move_weights(model)
            write_model(folder, model)
            write_preprocessing(folder, Preprocessing(((0.0, 255.0),), SHAPE[0], "npz"))
    pack_model([whole], READY_FOLDER / "seen.json", RULES, packed)
    with h5py.File(packed / "model.weights.h5", "r") as file:
        assert file["layers/conv2d/vars/0"].dtype == np.float16
    compare(packed, load_model(packed))


LAYERS = [
    layers.Conv2D(4, (3, 5), strides=2, padding="same", activation="tanh"),
    layers.Conv2D(4, 4, strides=(3, 2), padding="valid", use_bias=False),
    layers.Conv2D(4, 3, dilation_rate=(2, 3), padding="same", activation="elu"),
    layers.Conv2D(6, 3, groups=3, padding="same", activation="silu"),
    layers.Conv2DTranspose(4, 2, strides=2, padding="same", activation="gelu"),
    layers.Conv2DTranspose(4, 3, strides=(2, 1), padding="same", activation="softplus"),
    layers.Conv2DTranspose(4, (3, 4), strides=2, padding="valid"),
    layers.Conv2DTranspose(4, 1, strides=2, padding="valid"),
    layers.Conv2DTranspose(4, 1, strides=2, padding="same"),
    layers.Dense(5, activation="softmax"),
    layers.BatchNormalization(scale=False),
    layers.BatchNormalization(center=False),
    layers.GroupNormalization(3, scale=False),
    layers.GroupNormalization(1, center=False),
    layers.MaxPooling2D((3, 2), strides=(1, 3), padding="same"),
    layers.MaxPooling2D(3),
    layers.UpSampling2D((3, 1)),
    layers.UpSampling2D((2, 2), interpolation="bilinear"),
    layers.Resizing(9, 11),
    layers.Resizing(9, 11, interpolation="nearest"),
    layers.Resizing(25, 30, interpolation="nearest"),
    layers.ZeroPadding2D(((1, 2), (0, 3))),
    layers.Flatten(),
    layers.Reshape((8, -1)),
    layers.Reshape((4, 3, 3, 18)),
    layers.Activation("softmax"),
    layers.Activation("exponential"),
]


def describe(layer: keras.Layer) -> str:
    return type(layer).__name__


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_each_layer_does_what_it_does_in_keras(tmp_path, layer):
    """Two of a class follow it, so that each has to find its own weights."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((12, 18, 3), dtype="uint8")
    x = layer(layers.Rescaling(1 / 255, [0.1, 0, -0.3])(inputs))
    x = layers.Concatenate()([layers.Dense(2)(x), layers.Add()([layers.Dense(1)(x)] * 2)])
    model = keras.Model(inputs, x)
    move_weights(model)
    write_model(tmp_path, model)
    compare(tmp_path, model)
