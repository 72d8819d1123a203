import keras
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.inference.flips import MIRRORED_AXES
from liverseg.inference.mean import Network, load_network, predict_mean
from liverseg.networks.description import ModelDescription
from liverseg.networks.saved import write_model
from liverseg.slices.context import Surroundings

ROWS, COLUMNS = 4, 6
ALONE = Surroundings(0)
DESCRIPTION = ModelDescription("unet", 0, "random", "bce", "float32", 0, 0)
SAYS_ANYTHING = r"^model 'odd': expected probabilities of shape"


class Weighted(keras.layers.Layer):
    """Answers each pixel with its grey value times a weight of its place."""

    def __init__(self, weights):
        super().__init__()
        self.weights_of_places = weights.astype(np.float32)

    def call(self, inputs):
        return keras.ops.cast(inputs, "float32") / 255 * self.weights_of_places


def build(weights):
    """Both regions get the same answer."""
    inputs = keras.Input((ROWS, COLUMNS, 1), dtype="uint8")
    answer = Weighted(weights[..., None])(inputs)
    return keras.Model(inputs, keras.layers.Concatenate()([answer, answer]))


@pytest.fixture(scope="module")
def weights():
    return np.random.default_rng(0).random((ROWS, COLUMNS))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (3, 1, ROWS, COLUMNS), np.uint8)


def test_networks_count_the_same_and_the_mean_is_rounded_once(weights, images):
    networks = [Network(build(each), ALONE) for each in (weights, weights**2, weights**3)]
    values = predict_mean(networks, images, batch_size=2, slice_mm=1)
    expected = images[:, 0] / 255 * (weights + weights**2 + weights**3) / 3
    for region in (0, 1):
        assert np.abs(values[..., region] / 255 - expected).max() < 1 / 510 + 1e-6


@pytest.mark.parametrize(
    ("flips", "mean_weights"),
    [
        ("none", lambda weights: weights),
        ("horizontal", lambda weights: (weights + weights[:, ::-1]) / 2),
        (
            "all",
            lambda weights: (weights + weights[::-1] + weights[:, ::-1] + weights[::-1, ::-1]) / 4,
        ),
    ],
)
def test_the_answer_to_a_mirror_image_is_mirrored_back(weights, images, flips, mean_weights):
    """So each pixel keeps its grey value, and meets the weights of its mirrored places."""
    values = predict_mean(
        [Network(build(weights), ALONE)], images, batch_size=2, flips=flips, slice_mm=1
    )
    expected = images[:, 0] / 255 * mean_weights(weights)
    assert np.abs(values[..., 0] / 255 - expected).max() < 1 / 510 + 1e-6


def test_each_network_sees_the_neighbours_that_it_was_trained_with(images):
    inputs = keras.Input((ROWS, COLUMNS, 3), dtype="uint8")
    below = keras.ops.cast(inputs[..., :1], "float32") / 255
    below = keras.Model(inputs, keras.ops.concatenate([below, below], axis=-1))
    values = predict_mean(
        [Network(below, Surroundings(1)), Network(build(np.ones((ROWS, COLUMNS))), ALONE)],
        images,
        batch_size=2,
        slice_mm=1,
    )
    expected = (images[[0, 0, 1], 0].astype(float) + images[:, 0]) / 2
    assert np.abs(values[..., 0] - expected).max() <= 0.5 + 1e-4


def test_no_pass_is_counted_twice():
    for passes in MIRRORED_AXES.values():
        assert len(set(passes)) == len(passes)


def give_twice(inputs):
    return [keras.layers.Rescaling(1 / 255)(inputs)] * 2


def give_four_regions(inputs):
    return keras.layers.Concatenate()(give_twice(inputs))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (keras.layers.Rescaling(float("nan")), "scale nan"),
        (keras.layers.Rescaling(2 / 255), SAYS_ANYTHING),
        (keras.layers.Rescaling(-1 / 255), SAYS_ANYTHING),
        (keras.layers.Activation("exponential"), SAYS_ANYTHING),
        (keras.layers.Rescaling(1 / 255, "dark"), "could not convert string to float: 'dark'"),
        (keras.layers.Flatten(), SAYS_ANYTHING),
        (give_twice, "more than one output"),
        (give_four_regions, SAYS_ANYTHING),
    ],
)
def test_a_network_that_fails_or_gives_no_probabilities_is_an_error_and_no_prediction(
    tmp_path, spoil, message
):
    inputs = keras.Input((ROWS, COLUMNS, 2))
    write_model(tmp_path, keras.Model(inputs, spoil(inputs), name="odd"))
    images = np.full((3, 2, ROWS, COLUMNS), 255, np.uint8)
    with pytest.raises(ModelError, match=message):
        predict_mean([load_network(tmp_path, DESCRIPTION)], images, batch_size=2, slice_mm=1)
