"""Models that see blocks or a part of the slice: a file of their own, and no change elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

import liverseg.models
from liverseg.inference.mean import load_network
from liverseg.inference.predict import predict_cases
from liverseg.networks.model_folder import ModelFolder
from liverseg.postprocess.probabilities import PredictedCase, read_probabilities
from liverseg.slices.stacks import Preprocessing, open_stack
from liverseg.training.fit import train_model

BEGIN = """
import keras
import numpy as np
from keras import layers

from liverseg.networks.recipe import Recipe
from liverseg.slices.context import read_sample_image
"""
BLOCKS = f"""{BEGIN}
def build_model(params, input_shape):
    rows, columns, depth = input_shape
    inputs = keras.Input(input_shape, dtype="uint8", name="block")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    x = layers.Conv2D(2 * depth, 1, activation="sigmoid", name="scores")(x)
    outputs = layers.Reshape((rows, columns, depth, 2), name="probabilities")(x)
    return keras.Model(inputs, outputs, name="blocks")

def read_block(stack, slice_index, neighbours):
    labels = read_sample_image(stack.labels[:][:, None], slice_index, neighbours)
    return read_sample_image(stack.images, slice_index, neighbours), labels

def predict_blocks(predict, images, neighbours, batch_size):
    for index in range(len(images)):
        block = read_sample_image(images, index, neighbours)
        yield predict(block[None])[0, :, :, neighbours.number]

RECIPE = Recipe(build_model, read_sample=read_block, predict_stack=predict_blocks)
"""
CROPS = f"""{BEGIN}
from liverseg.networks.by_slice import predict_slices, read_slice

INSIDE = np.s_[8:24, 4:28]

def build_model(params, input_shape):
    inputs = keras.Input(input_shape, dtype="uint8", name="crop")
    x = layers.Rescaling(1 / 255, name="rescale")(inputs)
    return keras.Model(inputs, layers.Conv2D(2, 1, activation="sigmoid", name="scores")(x))

def read_crop(stack, slice_index, neighbours):
    image, labels = read_slice(stack, slice_index, neighbours)
    return image[INSIDE], labels[INSIDE]

def predict_crops(predict, images, neighbours, batch_size):
    cropped = images[:][:, :, *INSIDE]
    for answer in predict_slices(predict, cropped, neighbours, batch_size):
        whole = np.zeros((*images.shape[2:], 2), np.float32)
        whole[INSIDE] = answer
        yield whole

RECIPE = Recipe(build_model, read_sample=read_crop, predict_stack=predict_crops)
"""


@pytest.mark.parametrize(
    ("name", "source", "input_shape"),
    [("blocks", BLOCKS, (32, 32, 3)), ("crops", CROPS, (16, 24, 3))],
)
def test_a_model_of_other_inputs_trains_and_predicts_by_its_own_file(
    job, tmp_path, monkeypatch, name, source, input_shape
):
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.setattr(liverseg.models, "__path__", [*liverseg.models.__path__, str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    folder, probabilities = ModelFolder(tmp_path / "model"), tmp_path / "probabilities"
    for each in (folder.path, probabilities):
        each.mkdir()
    trained = train_model(
        replace(job, model=name), folder.curves, tmp_path / "logs", tmp_path / "unfinished"
    )
    assert trained.model.input_shape[1:] == input_shape
    folder.write_trained(trained.model, trained.description, Preprocessing(((0, 255),), 32, "npz"))
    cases = [PredictedCase("c", "c", "validation")]
    network = load_network(folder.path, trained.description)
    predict_cases(network, job.slices, cases, batch_size=2, folder=probabilities)
    values = read_probabilities(probabilities, "c").values
    assert np.abs(values / 255 - ask_by_hand(trained.model, job.slices)).max() < 1 / 510 + 1e-5
    assert np.ptp(values) > 0


def ask_by_hand(model, slices) -> np.ndarray:
    """What the model says of the slices of a case, its inputs put together here."""
    images = open_stack(slices, "c").images[:, 0]
    padded = np.stack([images[[0, 0, 1]], images, images[[1, 2, 2]]], axis=-1)
    if model.name == "blocks":
        return model(padded, training=False).numpy()[:, :, :, 1]
    whole = np.zeros((*images.shape, 2))
    whole[:, 8:24, 4:28] = model(padded[:, 8:24, 4:28], training=False).numpy()
    return whole
