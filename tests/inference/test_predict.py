import keras
import numpy as np
import pytest

from liverseg.errors import DataError, ModelError
from liverseg.grids.grid import Grid
from liverseg.inference.mean import Network, load_network, predict_mean
from liverseg.inference.predict import predict_cases
from liverseg.models.unet import build_model
from liverseg.networks.description import ModelDescription
from liverseg.networks.saved import write_model
from liverseg.postprocess.probabilities import (
    PredictedCase,
    read_predicted_cases,
    read_probabilities,
)
from liverseg.slices.context import Surroundings
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import SliceStack, write_stack
from tests.made.params import build_unet_params

SIZE = 32
DESCRIPTION = ModelDescription(
    model="unet",
    context=1,
    initial_weights="random",
    loss="bce",
    precision="float32",
    num_parameters=0,
    macs_per_slice=0,
)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Five slices in two windows."""
    return np.random.default_rng(0).integers(0, 256, (5, 2, SIZE, SIZE), np.uint8)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """A slice and a neighbour on either side, in two windows: six channels."""
    keras.utils.set_random_seed(0)
    params = build_unet_params(dropout=0.5)
    return build_model(params, (SIZE, SIZE, 6))


@pytest.fixture(scope="module")
def expected(model, images) -> np.ndarray:
    """What the model says of each slice alone, its channels put together by hand."""
    padded = images[[0, 0, 1, 2, 3, 4, 4]]
    channels = np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1)
    inputs = np.moveaxis(channels, 1, -1)
    return np.concatenate([model(each[None], training=False).numpy() for each in inputs])


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_slices_get_what_the_model_says_of_them_whatever_the_batch_size(
    model, images, expected, batch_size
):
    """To half a step of 8 bit, 1/510, and what floats differ by in batches of another size."""
    values = predict_mean([Network(model, Surroundings(1))], images, batch_size, slice_mm=1)
    assert (values.dtype, values.shape) == (np.uint8, (5, SIZE, SIZE, 2))
    assert np.abs(values / 255 - expected).max() < 1 / 510 + 1e-5
    assert np.ptp(values) > 10


def test_cases_are_written_with_their_grid_and_an_index(model, images, expected, tmp_path):
    slices, folder, model_folder = (tmp_path / name for name in ("slices", "out", "model"))
    for each in (slices, folder, model_folder):
        each.mkdir()
    affine = np.diag([-0.7, -0.7, 3.0, 1.0])
    grid = SliceGrid(Grid((40, 44, 5), affine), SIZE)
    labels = np.zeros((5, SIZE, SIZE), np.uint8)
    write_stack(slices, SliceStack("a/7", images, labels, grid), "npz")
    write_model(model_folder, model)
    cases = [PredictedCase("a/7", "patient", "test")]
    network = load_network(model_folder, DESCRIPTION)
    predict_cases(network, slices, cases, batch_size=2, folder=folder)
    assert read_predicted_cases(folder) == tuple(cases)
    written = read_probabilities(folder, "a/7")
    assert np.abs(written.values / 255 - expected).max() < 1 / 510 + 1e-5
    assert written.slice_grid.to_json() == grid.to_json()


def test_a_missing_model_and_a_missing_case_are_users_errors(model, tmp_path):
    cases = [PredictedCase("7", "7", "test")]
    with pytest.raises(ModelError, match="architecture"):
        load_network(tmp_path, DESCRIPTION)
    write_model(tmp_path, model)
    network = load_network(tmp_path, DESCRIPTION)
    with pytest.raises(DataError, match="7"):
        predict_cases(network, tmp_path, cases, batch_size=2, folder=tmp_path)
