"""What every model keeps to, whichever it is."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from liverseg.model_table import MODELS
from liverseg.networks.recipe import Recipe, load_recipe
from liverseg.networks.saved import write_model
from liverseg.params import (
    MODEL_NAMES,
    SimpleCnnParams,
    TrainOverrides,
)
from liverseg.params.models import ModelsParams
from tests.made.params import build_resnet_params, build_unet_params

INPUT_SHAPE = (32, 32, 3)
OWN: dict[str, Any] = {
    "simple_cnn": SimpleCnnParams(
        filters=(1, 2), dense_units=2, grid_size=4, dropout=0.1, train=TrainOverrides()
    ),
    "unet": build_unet_params(filters=1, depth=2),
    "resnet": build_resnet_params(weights="imagenet"),
}


def build(name: str) -> keras.Model:
    keras.utils.set_random_seed(0)
    return load_recipe(name).build_model(OWN[name], INPUT_SHAPE)


@pytest.fixture(scope="module", params=MODEL_NAMES)
def twins(request) -> tuple[keras.Model, keras.Model]:
    """The same model, built twice in one process."""
    return build(request.param), build(request.param)


def write(folder: Path, model: keras.Model) -> dict[str, bytes]:
    folder.mkdir()
    write_model(folder, model)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_model_of_the_table_has_its_file_its_section_and_a_look_of_its_own():
    assert tuple(ModelsParams.model_fields) == MODEL_NAMES == tuple(OWN)
    assert all(isinstance(load_recipe(name), Recipe) for name in MODEL_NAMES)
    looks = [(row.title, row.colour, row.symbol) for row in MODELS.values()]
    assert all(len(set(kind)) == len(MODELS) for kind in zip(*looks, strict=True))


def test_uint8_slices_become_float32_probabilities_of_two_regions(twins):
    slices = np.random.default_rng(0).integers(0, 256, (2, *INPUT_SHAPE), np.uint8)
    probabilities = twins[0](slices, training=False).numpy()
    assert twins[0].input.dtype == "uint8"
    assert twins[0].output_shape == (None, 32, 32, 2)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1
    assert np.unique(probabilities).size > 2


def test_in_mixed_precision_probabilities_are_float32_still(twins):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        mixed = build(twins[0].name)
    finally:
        keras.config.set_dtype_policy("float32")
    assert mixed.output.dtype == "float32"
    assert mixed.get_layer(
        "scores" if twins[0].name != "simple_cnn" else "cells"
    ).compute_dtype == ("float16")
    assert {variable.dtype for variable in mixed.weights} == {"float32"}


def test_no_name_depends_on_what_was_built_before(twins):
    """Keras numbers layers without a name through the whole process."""
    first, second = ([layer.name for layer in twin.layers] for twin in twins)
    assert first == second
    assert len(set(first)) == len(first)
    assert json.loads(twins[0].to_json()) == json.loads(twins[1].to_json())


def test_equal_weights_give_equal_files_whenever_they_are_written(twins, tmp_path):
    twins[1].set_weights(twins[0].get_weights())
    first = write(tmp_path / "first", twins[0])
    again = write(tmp_path / "again", twins[0])
    second = write(tmp_path / "second", twins[1])
    assert first == again == second
    assert set(first) == {"model.weights.h5", "architecture.json"}
