"""Architectures from elsewhere: refused with a message, before they take memory or time."""

import json

import keras
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.models.simple_cnn import build_model
from liverseg.networks.saved import check_layers, write_model
from liverseg.params import SimpleCnnParams, TrainOverrides
from tests.bounds import bounded

PARAMS = SimpleCnnParams(
    filters=(2,), dense_units=2, grid_size=2, dropout=0.1, train=TrainOverrides()
)


@pytest.fixture
def folder(tmp_path):
    write_model(tmp_path, build_model(PARAMS, (32, 32, 1)))
    return tmp_path


def change(folder, class_name: str, **config: object) -> None:
    path = folder / "architecture.json"
    architecture = json.loads(path.read_text(encoding="utf-8"))
    layers = architecture["config"]["layers"]
    layer = next(each for each in layers if each["class_name"] == class_name)
    layer["config"] |= config
    path.write_text(json.dumps(architecture), encoding="utf-8")


@pytest.mark.parametrize(
    ("class_name", "config"),
    [
        ("Resizing", {"height": 1096, "width": 1096}),  # 1.2 million pixels, of 32²
        ("Resizing", {"height": 10**6, "width": 10**6}),
        ("Resizing", {"height": 10**12, "width": 10**12}),
        ("Resizing", {"height": 10**400, "width": 1}),
        ("Resizing", {"height": 1.5, "width": 2}),
        ("Resizing", {"height": None, "width": "many"}),
        ("InputLayer", {"batch_shape": [None, 2**15, 2**15, 1]}),
        ("InputLayer", {"batch_shape": [None, 32, 32]}),
        ("InputLayer", {"batch_shape": [None, None, None, 1]}),
        ("InputLayer", {"batch_shape": []}),
    ],
)
def test_a_plane_that_is_enlarged_or_has_no_size_is_refused(folder, class_name, config, load):
    change(folder, class_name, **config)
    with bounded(10, 256), pytest.raises(ModelError, match="of one model"):
        load(folder)


@pytest.mark.parametrize(
    "enlarge",
    [
        keras.layers.UpSampling2D(2, name="larger"),
        keras.layers.ZeroPadding2D(9, name="larger"),
        keras.layers.Conv2DTranspose(1, 2, strides=2, name="larger"),
        keras.layers.Conv2D(2**17, 1, name="larger"),  # 32² pixels of 2^17 filters: 2^27 values
    ],
)
def test_a_layer_that_would_fill_the_memory_is_refused_before_training_too(enlarge):
    inputs = keras.Input((32, 32, 1))
    with pytest.raises(ModelError, match=r"^unet: expected layers that fit .*'larger'"):
        check_layers(keras.Model(inputs, enlarge(inputs)), "unet")


@pytest.mark.parametrize("config", [{"dilation_rate": 10**9}, {"dilation_rate": [1, 11]}])
def test_a_kernel_wider_than_the_slice_is_refused_since_it_would_pad_it(folder, config, load):
    change(folder, "Conv2D", **config)  # its kernels are 3 x 3, the slices 32 x 32
    with bounded(10, 256), pytest.raises(ModelError, match="a kernel wider than the slice"):
        load(folder)


def test_a_layer_used_twice_and_a_model_within_the_model_are_refused(tmp_path, load):
    inputs = keras.Input((32, 32, 1))
    layer = keras.layers.Activation("relu", name="again")
    twice = keras.Model(inputs, layer(layer(inputs)))
    within = keras.Model(inputs, twice(inputs))
    for model, message in ((twice, "'again' used more than once"), (within, "within the model")):
        write_model(tmp_path, model)
        with pytest.raises(ModelError, match=message):
            load(tmp_path)


def test_more_layers_than_any_model_has_are_refused(folder, load):
    path = folder / "architecture.json"
    architecture = json.loads(path.read_text(encoding="utf-8"))
    layers = architecture["config"]["layers"]
    architecture["config"]["layers"] = [layers[0]] * 2001
    path.write_text(json.dumps(architecture), encoding="utf-8")
    with pytest.raises(ModelError, match="2001 layers"):
        load(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path, value, load):
    model = build_model(PARAMS, (32, 32, 1))
    weights = model.get_weights()
    weights[1][0] = value
    model.set_weights(weights)
    write_model(tmp_path, model)
    with pytest.raises(ModelError, match="no finite numbers, of 'conv_0/bias'"):
        load(tmp_path)
