import hashlib
import os
import subprocess
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.models.resnet import (
    ENCODER_FILE,
    build_encoder,
    build_model,
    build_slice_classifier,
    load_initial_weights,
    plan_phases,
    set_encoder_trainable,
)
from liverseg.networks.recipe import Phase
from liverseg.params import (
    ResnetParams,
)
from tests.made.params import build_resnet_params, build_train_params

REPOSITORY = Path(__file__).resolve().parents[2]
INPUT_SHAPE = (32, 32, 3)
OWN = build_resnet_params(dropout=0.0, frozen_epochs=2, fine_tune_learning_rate=0.01)
TRAIN = build_train_params(epochs=5)


def change(**values) -> ResnetParams:
    return OWN.model_copy(update=values)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build_model(OWN, INPUT_SHAPE)


@pytest.fixture(scope="module")
def slices() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, *INPUT_SHAPE), np.uint8)


def read_weights(model: keras.Model, prefix: str) -> dict[str, list[np.ndarray]]:
    return {
        layer.name: layer.get_weights()
        for layer in model.layers
        if layer.name.startswith(prefix) and layer.weights
    }


def are_equal(first: dict, second: dict) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(one, other)
        for name in first
        for one, other in zip(first[name], second[name], strict=True)
    )


def test_the_encoder_offers_features_at_strides_2_4_and_8():
    """Channels as in table 1 of He et al., arXiv 1512.03385: 64, then 256 and 512."""
    shapes = [output.shape[1:] for output in build_encoder(OWN, INPUT_SHAPE).outputs]
    assert shapes == [(16, 16, 64), (8, 8, 256), (4, 4, 512)]


def test_the_mean_of_the_channels_reaches_the_resnet_as_grey(model, slices):
    grey = keras.Model(model.input, model.get_layer("to_rgb").output)(slices).numpy()
    expected = slices.mean(axis=-1, keepdims=True) / 255
    np.testing.assert_allclose(grey, np.repeat(expected, 3, axis=-1), atol=1e-6)


def test_imagenet_weights_see_what_keras_preprocessing_makes_of_the_slice(slices):
    """Keras's own takes red, green, blue from 0 to 255, here all the grey mean of the channels."""
    encoder = build_encoder(change(weights="imagenet"), INPUT_SHAPE)
    entry = keras.Model(encoder.input, encoder.get_layer("imagenet_range").output)
    grey = np.repeat(slices.mean(axis=-1, keepdims=True), 3, axis=-1).astype(np.float32)
    expected = keras.applications.resnet.preprocess_input(grey)
    np.testing.assert_allclose(entry(slices).numpy(), expected, atol=1e-3)


def test_a_random_encoder_is_trained_in_one_phase():
    assert plan_phases(OWN, TRAIN) == (Phase(5, 0.1),)


@pytest.mark.parametrize(
    ("frozen_epochs", "expected"),
    [(2, [(2, 0.1), (3, 0.01)]), (0, [(5, 0.01)]), (5, [(5, 0.1)]), (9, [(5, 0.1)])],
)
def test_a_pre_trained_encoder_is_frozen_first_and_the_epochs_add_up(frozen_epochs, expected):
    phases = plan_phases(change(weights="slices", frozen_epochs=frozen_epochs), TRAIN)
    assert [(phase.num_epochs, phase.learning_rate) for phase in phases] == expected


def test_a_frozen_encoder_keeps_weights_and_statistics_while_the_head_learns(model, slices):
    """In training mode a normalisation that is not frozen moves its statistics."""
    frozen, thawed = plan_phases(change(weights="slices"), TRAIN)
    encoder, head = read_weights(model, "conv"), read_weights(model, "lateral")
    frozen.prepare(model)
    model(slices, training=True)
    assert are_equal(read_weights(model, "conv"), encoder)
    assert not are_equal(read_weights(model, "lateral"), head)
    names = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert not any(name.startswith("conv") for name in names)
    assert {"to_rgb", "lateral_0_conv", "head_0_conv", "scores"} <= names

    thawed.prepare(model)
    assert len(model.trainable_variables) > 30
    model(slices, training=True)
    assert not are_equal(read_weights(model, "conv"), encoder)


def test_freezing_does_not_change_the_order_of_the_weights(model):
    """They are handed from the trained model to the saved one by their order."""
    set_encoder_trainable(model, is_trainable=False)
    frozen = [variable.path for variable in model.weights]
    set_encoder_trainable(model, is_trainable=True)
    assert [variable.path for variable in model.weights] == frozen


def test_the_encoder_of_the_stage_pretrain_is_copied_exactly(model, tmp_path):
    own = change(weights="slices")
    encoder = build_encoder(own, INPUT_SHAPE)
    encoder.save_weights(tmp_path / ENCODER_FILE)
    head = read_weights(model, "head")
    assert load_initial_weights(model, own, tmp_path) == "slices"
    for prefix in ("conv", "to_rgb"):
        assert are_equal(read_weights(model, prefix), read_weights(encoder, prefix))
    assert are_equal(read_weights(model, "head"), head)

    path = tmp_path / ENCODER_FILE
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    by_path = change(weights=str(path), weights_sha256=sha256)
    assert load_initial_weights(model, by_path, None) == ENCODER_FILE


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras, before its error
def test_the_encoder_of_another_number_of_channels_is_a_users_error(model, tmp_path):
    build_encoder(OWN, (32, 32, 1)).save_weights(tmp_path / ENCODER_FILE)
    with pytest.raises(ModelError, match="an encoder of ResNet50 up to conv3 for 3 channels"):
        load_initial_weights(model, change(weights="slices"), tmp_path)


@pytest.mark.slow
def test_the_classifier_that_is_pre_trained_is_the_encoder_with_questions_on_top():
    classifier = build_slice_classifier(OWN, INPUT_SHAPE, num_questions=8)
    names = [layer.name for layer in build_encoder(OWN, INPUT_SHAPE).layers]
    assert classifier.output_shape == (None, 8)
    assert [layer.name for layer in classifier.layers] == [*names, "mean_feature", "answers"]


def test_random_weights_are_left_as_they_are(model):
    before = model.get_weights()
    assert load_initial_weights(model, OWN, None) == "random"
    assert all(map(np.array_equal, before, model.get_weights()))


def test_a_missing_encoder_is_a_users_error(model, tmp_path):
    own = change(weights="slices")
    with pytest.raises(ModelError, match="Train it with the stage pretrain"):
        load_initial_weights(model, own, tmp_path)
    with pytest.raises(ModelError, match="needs the folder of the stage pretrain"):
        load_initial_weights(model, own, None)


@pytest.mark.parametrize("name", ["weights.h5", "encoder.weights.h5"])
def test_a_file_with_another_checksum_is_refused_before_it_is_read(model, tmp_path, name):
    (tmp_path / name).write_text("abc")
    own = change(weights=str(tmp_path / name), weights_sha256="0" * 64)
    with pytest.raises(ModelError, match=f"expected {'0' * 64} of .*{name}. Received: ba7816bf"):
        load_initial_weights(model, own, None)  # SHA-256 of "abc", FIPS 180-2, appendix B.1


def test_a_missing_file_is_a_users_error(model, tmp_path):
    own = change(weights=str(tmp_path / "absent.h5"), weights_sha256="0" * 64)
    with pytest.raises(ModelError, match=r"absent\.h5\. Received: No such file or directory"):
        load_initial_weights(model, own, None)


def write_legacy_weights(path: Path, model: keras.Model) -> None:
    """The file format of Keras 1 and 2, in which keras.applications offers its weights: a group a
    layer, and the names of layers and weights as attributes (checked on the names that the
    published ResNet50 file has: conv1_conv/kernel:0, conv1_bn/moving_mean:0, ...)."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{variable.name}:0" for variable in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, variable in zip(names, layer.weights, strict=True):
                group[name] = variable.numpy()


@pytest.mark.slow
def test_the_file_of_keras_applications_is_loaded_by_its_path(tmp_path):
    published = keras.applications.ResNet50(include_top=False, weights=None)
    path = tmp_path / "resnet50_notop.h5"
    write_legacy_weights(path, published)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    own = change(weights=str(path), weights_sha256=sha256, last_stage="conv4")
    model = build_model(own, INPUT_SHAPE)
    assert load_initial_weights(model, own, None) == "resnet50_notop.h5"
    copied = read_weights(model, "conv")
    expected = read_weights(published, "conv")
    assert are_equal(copied, {name: expected[name] for name in copied})
    assert {"conv1_conv", "conv4_block6_3_bn"} <= copied.keys()


@pytest.mark.slow
def test_a_file_that_holds_no_such_weights_is_a_users_error(model, tmp_path):
    path = tmp_path / "other.h5"
    write_legacy_weights(path, build_model(OWN, INPUT_SHAPE))
    own = change(weights=str(path), weights_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(ModelError, match="expected ImageNet weights of ResNet50"):
        load_initial_weights(model, own, None)


@pytest.mark.slow
@pytest.mark.parametrize("last_stage", ["conv3", "conv4", "conv5"])
@pytest.mark.parametrize("depth", [50, 101, 152])
def test_every_depth_and_last_stage_builds(depth, last_stage):
    model = build_model(change(depth=depth, last_stage=last_stage), INPUT_SHAPE)
    assert model.output_shape == (None, 32, 32, 2)
    stride = {"conv3": 8, "conv4": 16, "conv5": 32}[last_stage]
    deepest = model.get_layer(f"lateral_{int(last_stage[-1]) - 1}_relu")
    assert deepest.output.shape[1:] == (32 // stride, 32 // stride, 2)


WITHOUT_NETWORK = """
import sys
from liverseg.errors import ModelError
from liverseg.models.resnet import build_model, load_initial_weights
from liverseg.params import ResnetParams
from tests.made.params import build_train_params

own = ResnetParams.model_validate_json(sys.argv[1])
try:
    load_initial_weights(build_model(own, (32, 32, 3)), own, None)
except ModelError as error:
    print(error)
"""


@pytest.mark.slow
def test_imagenet_weights_without_a_network_name_the_ways_out(tmp_path):
    nowhere = "http://127.0.0.1:9"  # the discard port: nothing listens there
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, change(weights="imagenet").model_dump_json()],
        cwd=REPOSITORY,
        env=os.environ | proxies | {"KERAS_HOME": str(tmp_path), "no_proxy": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    message = finished.stdout.strip().splitlines()[-1]
    assert message.startswith("models.resnet.weights: expected ImageNet weights of ResNet50.")
    for way_out in ("give this machine a network", "weights_sha256", "weights: slices or none"):
        assert way_out in message
