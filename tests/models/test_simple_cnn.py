import keras
import numpy as np

from liverseg.models.simple_cnn import build_model
from liverseg.params import SimpleCnnParams, TrainOverrides


def build(grid_size: int = 4, dropout: float = 0.0) -> keras.Model:
    params = SimpleCnnParams(
        filters=(2,), dense_units=3, grid_size=grid_size, dropout=dropout, train=TrainOverrides()
    )
    return build_model(params, (32, 32, 1))


def test_the_number_of_parameters_is_the_one_worked_out_by_hand():
    """Convolution 3·3·1·2 + 2 = 20; 16·16·2 = 512 features; dense 512·3 + 3 = 1539; cells of 4·4·2
    outputs 3·32 + 32 = 128."""
    assert build().count_params() == 20 + 1539 + 128


def test_it_sees_no_detail_below_one_cell():
    """4 cells a side on 32 pixels: in between, a mask is linear over 8 pixels."""
    model = build()
    slices = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1), np.uint8)
    probabilities = model(slices, training=False).numpy()
    scores = np.log(probabilities / (1 - probabilities))
    between_centres = scores[0, 4:12, 4:12]  # the centres of cells lie at 3.5 and 11.5
    assert np.abs(np.diff(between_centres, n=2, axis=0)).max() < 1e-4
    assert np.abs(np.diff(between_centres, n=2, axis=1)).max() < 1e-4


def test_it_knows_where_in_the_slice_something_is():
    """Fully connected: a change in one corner reaches the other."""
    keras.utils.set_random_seed(0)  # three units: other weights may leave all of them at rest
    model = build()
    slices = np.zeros((2, 32, 32, 1), np.uint8)
    slices[1, :4, :4] = 255
    empty, changed = model(slices, training=False).numpy()
    assert not np.allclose(empty[-1, -1], changed[-1, -1], atol=0)
