import json

import keras
import numpy as np
import pytest
from keras.src.saving.serialization_lib import SafeModeScope

from liverseg.errors import ModelError
from liverseg.models.simple_cnn import build_model as build_simple_cnn
from liverseg.models.unet import build_model as build_unet
from liverseg.networks.saved import check_layers, load_model, write_model
from liverseg.params import SimpleCnnParams, TrainOverrides
from tests.made.params import build_unet_params

SIMPLE_CNN = SimpleCnnParams(
    filters=(1,), dense_units=1, grid_size=2, dropout=0, train=TrainOverrides()
)
UNET = build_unet_params(filters=1, dropout=0.5)


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
        ("architecture.json", b"\xff"),
    ],
)
def test_a_damaged_file_is_a_users_error_that_names_the_folder(
    model, tmp_path, name, content, load
):
    write_model(tmp_path, model)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"of one model.*dvc repro") as caught:
        load(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))


@pytest.mark.parametrize("name", ["model.weights.h5", "architecture.json"])
def test_a_missing_file_is_a_users_error(model, tmp_path, name, load):
    write_model(tmp_path, model)
    (tmp_path / name).unlink()
    with pytest.raises(ModelError, match="No such file"):
        load(tmp_path)


def test_weights_cut_off_half_way_are_a_users_error(model, tmp_path, load):
    write_model(tmp_path, model)
    path = tmp_path / "model.weights.h5"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelError, match="truncated"):
        load(tmp_path)


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras, before its error
def test_weights_of_another_size_are_a_users_error(model, tmp_path, load):
    write_model(tmp_path, build_simple_cnn(SIMPLE_CNN, (32, 32, 1)))
    larger = SIMPLE_CNN.model_copy(update={"dense_units": 2})
    build_simple_cnn(larger, (32, 32, 1)).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ModelError, match=r"architecture\.json and model\.weights\.h5 of one model"):
        load(tmp_path)


def test_a_lambda_layer_is_refused_before_its_code_runs(model, tmp_path, monkeypatch, load):
    write_model(tmp_path, model)
    monkeypatch.chdir(tmp_path)
    trace = tmp_path / "trace"
    inputs = keras.Input((32, 32, 1))
    leave_trace = keras.layers.Lambda(lambda x: (open("trace", "w").close(), x)[1])  # noqa: PTH123
    hostile = keras.Model(inputs, leave_trace(inputs))
    (tmp_path / "architecture.json").write_text(hostile.to_json(), encoding="utf-8")
    with SafeModeScope(safe_mode=False):  # as a user may have asked Keras for
        trace.unlink()
        keras.models.model_from_json(hostile.to_json())
        assert trace.exists()  # it would run
        trace.unlink()
        with pytest.raises(
            ModelError, match=r"architecture\.json.*no code.*'Lambda'.*SAFE_CLASSES"
        ):
            load(tmp_path)
        with pytest.raises(ModelError, match="'Lambda'"):
            write_model(tmp_path, hostile)
        with pytest.raises(ModelError, match=r"^unet: .*'Lambda'"):
            check_layers(hostile, "unet")
    assert not trace.exists()


@pytest.mark.parametrize(
    "hostile",
    [
        {"class_name": "Dense", "module": "os.path", "config": {}},
        {"class_name": "Dense", "module": "keras_hub.layers", "config": {}},
        {"class_name": "Dense", "config": {}},
        {"class_name": "Functional"},
        {"class_name": "Unknown", "module": "keras.layers", "config": {}},
        {"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "elsewhere"}},
        {"class_name": "function", "module": "os", "config": "system"},
        {"class_name": "__lambda__", "config": {"value": "4wAAAA=="}},
        {"class_name": ["Dense"], "module": "keras.layers", "config": {}},
    ],
)
def test_a_class_that_is_not_listed_is_refused_however_deep_it_lies(model, tmp_path, hostile, load):
    write_model(tmp_path, model)
    architecture = json.loads((tmp_path / "architecture.json").read_text(encoding="utf-8"))
    architecture["config"]["layers"][2]["config"]["activation"] = [hostile]
    (tmp_path / "architecture.json").write_text(json.dumps(architecture), encoding="utf-8")
    with pytest.raises(ModelError, match="no code of their own"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("class_name", "key", "value"),
    [
        ("Conv2D", "filters", 2_000_000_000_000),
        ("Conv2D", "filters", -2_000_000_000_000),
        ("Conv2D", "filters", float("nan")),
        ("Conv2D", "filters", float("inf")),
        ("Conv2D", "filters", "many"),
        ("Conv2D", "kernel_size", [100_000, 100_000]),
        ("Conv2D", "kernel_size", 100_000),
        ("Dense", "units", 2_000_000_000_000),
        ("Dense", "input_shape", [None, 2_000_000_000_000]),
        ("Dense", "input_shape", [None, 1]),  # fewer than its inputs
        ("InputLayer", "batch_shape", [None, 2**40, 2**40, 1]),
        ("InputLayer", "batch_shape", [None, 2**70, 32, 1]),
    ],
)
def test_an_architecture_beyond_its_weights_is_refused_before_it_is_built(
    tmp_path, class_name, key, value, load
):
    write_model(tmp_path, build_simple_cnn(SIMPLE_CNN, (32, 32, 1)))
    architecture = json.loads((tmp_path / "architecture.json").read_text(encoding="utf-8"))
    layers = architecture["config"]["layers"]
    layer = next(each for each in layers if each["class_name"] == class_name)
    layer["build_config" if key == "input_shape" else "config"][key] = value
    (tmp_path / "architecture.json").write_text(json.dumps(architecture), encoding="utf-8")
    with pytest.raises(ModelError, match="of one model"):
        load(tmp_path)


def test_an_architecture_nested_without_end_is_a_users_error(model, tmp_path, load):
    write_model(tmp_path, model)
    (tmp_path / "architecture.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ModelError, match="of one model"):
        load(tmp_path)
