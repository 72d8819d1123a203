"""A model that starts from another one's weights, or says which params keep it from that."""

import hashlib
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.errors import DataError, ModelError
from liverseg.models.unet import RECIPE
from liverseg.networks.causes import collect_causes
from liverseg.networks.description import ModelDescription, write_no_model
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.recipe import Start
from liverseg.networks.start import load_named_weights, start_from_model
from liverseg.params import LOCATOR_KEYS, TrainOverrides, UnetParams, build_model_keys
from liverseg.slices.stacks import Preprocessing, write_preprocessing
from tests.made.params import build_train_params

WINDOWS = ((-100.0, 400.0), (0.0, 200.0))
OWN = UnetParams(
    filters=2,
    depth=1,
    normalization="group",
    residual=False,
    dropout=0.1,
    weights="none",
    weights_sha256=None,
    train=TrainOverrides(),
)


def build(own: UnetParams, context: int = 1, num_windows: int = 2, size: int = 32) -> keras.Model:
    return RECIPE.build_model(own, (size, size, (2 * context + 1) * num_windows))


def write_trained(folder: Path, own: UnetParams = OWN) -> ModelFolder:
    """A model folder as a training of context 1 writes it, its weights drawn anew."""
    folder.mkdir()
    model = build(own)
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(size=each.shape) for each in model.get_weights()])
    description = ModelDescription("unet", 1, "random", "bce", "float32", 0, 0)
    trained = ModelFolder(folder)
    trained.write_trained(model, description, Preprocessing(WINDOWS, 32, "npz"))
    trained.write_causes(collect_causes({}, {"models.unet": own}))
    return trained


@pytest.fixture
def trained(tmp_path) -> ModelFolder:
    return write_trained(tmp_path / "trained")


@pytest.fixture
def start(tmp_path) -> Start:
    (tmp_path / "slices").mkdir()
    write_preprocessing(tmp_path / "slices", Preprocessing(WINDOWS, 64, "png"))
    keys = build_model_keys("unet", OWN.train)
    return Start(build_train_params(context=1), keys, tmp_path / "slices", None)


def name_weights(folder: ModelFolder, own: UnetParams = OWN) -> UnetParams:
    weights = folder.path / "model.weights.h5"
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    return own.model_copy(update={"weights": str(folder.path), "weights_sha256": sha256})


def test_every_weight_is_that_of_the_folder_whatever_the_size_of_the_slices(trained, start):
    model = build(OWN, size=64)
    assert load_named_weights(model, name_weights(trained), start) == "trained"
    for ours, theirs in zip(model.weights, trained.load().weights, strict=True):
        assert ours.path == theirs.path
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_none_leaves_the_weights_as_they_were_drawn(start):
    model = build(OWN)
    before = model.get_weights()
    assert load_named_weights(model, OWN, start) == "random"
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_in_mixed_precision_the_weights_are_the_same(trained, start):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build(OWN)
        start_from_model(model, OWN, start, trained)
    finally:
        keras.config.set_dtype_policy("float32")
    for ours, theirs in zip(model.get_weights(), trained.load().get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"filters": 4}, "models.unet.filters 2 instead of 4"),
        ({"depth": 2}, "models.unet.depth 1 instead of 2"),
        ({"normalization": "none"}, 'models.unet.normalization "group" instead of "none"'),
        ({"normalization": "batch"}, 'models.unet.normalization "group" instead of "batch"'),
        (
            {"filters": 3, "depth": 3},
            "models.unet.filters 2 instead of 3, models.unet.depth 1 instead of 3",
        ),
    ],
)
def test_another_architecture_is_named_with_both_values(trained, start, changed, named):
    own = OWN.model_copy(update=changed)
    model = build(own)
    before = model.get_weights()
    with pytest.raises(ModelError) as caught:
        load_named_weights(model, name_weights(trained, own), start)
    received = f"Received: {trained.path}, with {named}. Set these params to its own"
    assert received in str(caught.value)
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_layers_that_differ_in_no_weight_but_in_their_groups_are_others(tmp_path, start):
    """Two filters are normalised in two groups; a copy of the folder says one."""
    trained = write_trained(tmp_path / "trained")
    path = trained.path / "architecture.json"
    text = path.read_text(encoding="utf-8")
    assert '"groups": 2' in text
    path.write_text(text.replace('"groups": 2', '"groups": 1'), encoding="utf-8")
    with pytest.raises(ModelError, match=r"with other layers\. Set these params"):
        start_from_model(build(OWN), OWN, start, trained)


def test_dropout_and_the_schedule_may_be_others(trained, start):
    own = OWN.model_copy(update={"dropout": 0.5, "train": TrainOverrides(epochs=9)})
    model = build(own)
    start_from_model(model, own, start, trained)
    for ours, theirs in zip(model.get_weights(), trained.load().get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_another_context_is_named_though_the_channels_are_as_many(trained, start):
    """Six channels: three slices in two windows, or one slice in six."""
    windows = ((0.0, 1.0), (0.0, 2.0), (0.0, 3.0), (0.0, 4.0), (0.0, 5.0), (0.0, 6.0))
    write_preprocessing(start.slices, Preprocessing(windows, 64, "png"))
    other = replace(start, train=build_train_params(context=0))
    with pytest.raises(ModelError) as caught:
        start_from_model(build(OWN, context=0, num_windows=6), OWN, other, trained)
    assert (
        "with train.context 1 instead of 0, preprocess.windows_hu "
        "[[-100.0, 400.0], [0.0, 200.0]] instead of [[0.0, 1.0], [0.0, 2.0]," in str(caught.value)
    )


@pytest.mark.parametrize("context", [0, 2])
def test_another_number_of_channels_is_told_by_the_param_behind_it(trained, start, context):
    other = replace(start, train=build_train_params(context=context))
    with pytest.raises(ModelError) as caught:
        start_from_model(build(OWN, context), OWN, other, trained)
    named = f"with train.context 1 instead of {context}. Set these params"
    assert named in str(caught.value)
    own = replace(other, keys=build_model_keys("unet", TrainOverrides(context=context)))
    with pytest.raises(ModelError, match=r"with models\.unet\.train\.context 1 instead of "):
        start_from_model(build(OWN, context), OWN, own, trained)


def test_the_locator_is_told_its_own_params(trained, start):
    windows = ((0.0, 1.0), (0.0, 2.0))
    write_preprocessing(start.slices, Preprocessing(windows, 64, "png"))
    own = OWN.model_copy(update={"filters": 4})
    other = replace(start, train=build_train_params(context=2), keys=LOCATOR_KEYS)
    with pytest.raises(ModelError) as caught:
        load_named_weights(build(own, context=2), name_weights(trained, own), other)
    text = str(caught.value)
    assert text.startswith("locator.network.weights: expected a model of the same layers")
    assert ", with locator.train.context 1 instead of 2, locator.windows_hu [[-100.0, " in text
    assert "]], locator.network.filters 2 instead of 4. Set these params to its own" in text
    meant = name_weights(trained).model_copy(update={"weights_sha256": "0" * 64})
    with pytest.raises(ModelError, match=r"^locator\.network\.weights_sha256: expected 0000"):
        load_named_weights(build(OWN), meant, other)


def test_other_weights_than_were_meant_are_refused(trained, start):
    own = name_weights(trained)
    path = trained.path / "model.weights.h5"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ModelError, match=r"models\.unet\.weights_sha256: expected .* Received: "):
        load_named_weights(build(OWN), own, start)
    path.unlink()
    with pytest.raises(ModelError, match="Received: No such file or directory"):
        load_named_weights(build(OWN), own, start)


def test_a_folder_without_a_model_is_a_users_error(trained, start):
    write_no_model(trained.path, "unet")
    with pytest.raises(ModelError, match="not part of the run that wrote it"):
        start_from_model(build(OWN), OWN, start, trained)
    (start.slices / "preprocessing.json").unlink()
    with pytest.raises(DataError, match="how slices were made"):
        start_from_model(build(OWN), OWN, start, write_trained(trained.path.parent / "again"))
