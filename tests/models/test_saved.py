import keras
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.models.saved import load_model, write_model
from liverseg.models.simple_cnn import build_model as build_simple_cnn
from liverseg.models.unet import build_model as build_unet
from liverseg.params import SimpleCnnParams, TrainOverrides, UnetParams

SIMPLE_CNN = SimpleCnnParams(
    filters=(1,), dense_units=1, grid_size=2, dropout=0, train=TrainOverrides()
)
UNET = UnetParams(filters=1, depth=1, normalization="batch", dropout=0.5, train=TrainOverrides())


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """With statistics of normalisation that are not those of a new model."""
    model = build_unet(UNET, (32, 32, 1))
    generator = np.random.default_rng(0)
    model.set_weights([generator.uniform(0.01, 0.2, each.shape) for each in model.get_weights()])
    return model


def test_a_model_comes_back_with_the_same_predictions(model, tmp_path):
    write_model(tmp_path, model)
    restored = load_model(tmp_path)
    slices = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 1), np.uint8)
    predictions = [each(slices, training=False).numpy() for each in (model, restored)]
    assert np.array_equal(*predictions)
    assert np.ptp(predictions[0]) > 0
    assert [layer.name for layer in restored.layers] == [layer.name for layer in model.layers]
    assert not restored.compiled


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.weights.h5", b""),
        ("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(200)),
        ("architecture.json", b""),
        ("architecture.json", b"[]"),
        ("architecture.json", b'{"class_name": "Functional"}'),
        ("architecture.json", b'{"class_name": "Unknown", "config": {}}'),
        ("architecture.json", b"\xff"),
    ],
)
def test_a_damaged_file_is_a_users_error_that_names_the_folder(model, tmp_path, name, content):
    write_model(tmp_path, model)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"of one model.*dvc repro") as caught:
        load_model(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))


@pytest.mark.parametrize("name", ["model.weights.h5", "architecture.json"])
def test_a_missing_file_is_a_users_error(model, tmp_path, name):
    write_model(tmp_path, model)
    (tmp_path / name).unlink()
    with pytest.raises(ModelError, match="No such file"):
        load_model(tmp_path)


def test_weights_cut_off_half_way_are_a_users_error(model, tmp_path):
    write_model(tmp_path, model)
    path = tmp_path / "model.weights.h5"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelError, match="truncated"):
        load_model(tmp_path)


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras, before its error
def test_weights_of_another_size_are_a_users_error(model, tmp_path):
    write_model(tmp_path, build_simple_cnn(SIMPLE_CNN, (32, 32, 1)))
    larger = SIMPLE_CNN.model_copy(update={"dense_units": 2})
    build_simple_cnn(larger, (32, 32, 1)).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ModelError, match=r"architecture\.json and model\.weights\.h5 of one model"):
        load_model(tmp_path)
