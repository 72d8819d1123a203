import math
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.errors import DataError, ModelError, ParamsError
from liverseg.networks.cost import count_macs
from liverseg.networks.saved import write_model
from liverseg.params import LOCATOR_KEYS, CosineParams, TrainOverrides, build_model_keys
from liverseg.training.fit import TrainedModel, select_kept_metrics, train_model
from liverseg.training.job import TrainingJob, build_batches
from liverseg.training.losses import bce_dice
from tests.made.params import build_unet_params

REPOSITORY = Path(__file__).resolve().parents[2]

MODEL_FILES = ("model.weights.h5", "architecture.json")
TRAIN_IN_A_FRESH_PROCESS = """
import pickle, sys
from pathlib import Path
from liverseg.networks.saved import write_model
from liverseg.training.fit import train_model

out = Path(sys.argv[1])
job = pickle.loads((out / "job.pickle").read_bytes())
write_model(out, train_model(job, out / "curves", out / "logs", out / "unfinished").model)
"""


def train_into(folder: Path, job: TrainingJob) -> TrainedModel:
    return train_model(job, folder / "curves", folder / "logs", folder / "unfinished")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the training of ``trained`` wrote its curves."""
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="module")
def trained(job, folder) -> TrainedModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # out of the repository, whose state DVCLive would look at
        return train_into(folder, job)


def read_curve(path: Path) -> list[tuple[int, float]]:
    rows = (line.split("\t") for line in path.read_text().splitlines()[1:])
    return [(int(step), float(value)) for step, value in rows]


def test_the_model_comes_uncompiled_in_float32_with_a_description_of_itself(trained, job):
    assert not trained.model.compiled
    assert {layer.compute_dtype for layer in trained.model.layers} == {"float32"}
    description = trained.description
    assert (description.model, description.context, description.loss) == (
        "simple_cnn",
        1,
        "bce_dice",
    )
    assert (description.initial_weights, description.precision) == ("random", "float32")
    assert description.num_parameters == trained.model.count_params()
    assert description.macs_per_slice == count_macs(trained.model)
    assert trained.model.input_shape == (None, 32, 32, 3)  # a slice and a neighbour either side


def test_the_kept_epoch_is_the_best_of_the_monitored_curve(trained, folder):
    curve = read_curve(folder / "curves/plots/metrics/val/loss.tsv")
    steps, values = zip(*curve, strict=True)
    assert steps == (0, 1)
    assert trained.metrics["kept_epoch"] == 1 + int(np.argmin(values))
    assert trained.metrics["num_epochs"] == 2
    assert trained.metrics["val_loss"] == pytest.approx(min(values))


def test_the_returned_weights_are_those_of_the_kept_epoch(trained, job):
    """Its predictions score what the metrics say of the kept epoch."""
    _, validation = build_batches(job)
    reference = np.concatenate([targets for _, targets in map(validation.__getitem__, [0])])
    predicted = trained.model(validation[0][0], training=False).numpy() >= 0.5
    overlap = (predicted & (reference > 0))[..., 0].sum()
    dice = 2 * overlap / (predicted[..., 0].sum() + (reference[..., 0] > 0).sum())
    assert len(validation) == 1
    assert trained.metrics["val_liver_dice"] == pytest.approx(dice, rel=1e-5)


def test_of_an_averaged_training_the_average_is_validated_and_returned(job, tmp_path, monkeypatch):
    """A momentum near 1 keeps it far from the weights that the same training has without it."""
    monkeypatch.chdir(tmp_path)
    averaged = replace(job, train=job.train.model_copy(update={"ema": 0.999, "schedule": "cosine"}))
    trained = train_into(tmp_path, averaged)
    _, validation = build_batches(job)
    images, targets = validation[0]
    cost = float(bce_dice(targets, trained.model(images, training=False)))
    assert trained.metrics["val_loss"] == pytest.approx(cost, rel=1e-4)
    rates = [rate for _, rate in read_curve(tmp_path / "curves/plots/metrics/learning_rate.tsv")]
    assert rates[-1] == pytest.approx(0.01 * 0.01, rel=1e-4)  # the final share of the rate


def test_a_warm_up_longer_than_a_phase_ends_before_the_first_step(job, tmp_path, monkeypatch):
    """Six slices in batches of 4, two epochs: 4 steps."""
    monkeypatch.chdir(tmp_path)
    cosine = CosineParams(warmup_steps=4, final_share=0.1)
    changed = {"schedule": "cosine", "cosine": cosine}
    with pytest.raises(ParamsError, match=r"train\.cosine\.warmup_steps: .* the 4 steps"):
        train_into(tmp_path, replace(job, train=job.train.model_copy(update=changed)))
    assert not (tmp_path / "unfinished").exists()


def test_every_metric_has_its_curve_with_a_row_an_epoch(trained, folder):
    metrics = folder / "curves/plots/metrics"
    names = {str(path.relative_to(metrics).with_suffix("")) for path in metrics.rglob("*.tsv")}
    always = {
        f"{role}/{region}_{metric}"
        for role in ("train", "val")
        for region in ("liver", "lesion")
        for metric in ("dice", "accuracy", "recall", "bce")
    } | {"train/loss", "val/loss", "learning_rate"}
    assert always <= names
    assert all(name.endswith("_precision") for name in names - always)  # may be undefined
    assert all(len(read_curve(metrics / f"{name}.tsv")) == 2 for name in always)


def train_in_a_fresh_process(job: TrainingJob, folder: Path) -> dict[str, bytes]:
    """The files of the model."""
    (folder / "job.pickle").write_bytes(pickle.dumps(job))
    subprocess.run(
        [sys.executable, "-c", TRAIN_IN_A_FRESH_PROCESS, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        check=True,
    )
    return {name: (folder / name).read_bytes() for name in MODEL_FILES}


def write_files(model: keras.Model, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    write_model(folder, model)
    return {name: (folder / name).read_bytes() for name in MODEL_FILES}


def test_a_fresh_process_trains_the_same_model_to_the_byte(trained, job, tmp_path):
    there = train_in_a_fresh_process(job, tmp_path)
    assert there == write_files(trained.model, tmp_path / "here")


@pytest.mark.slow
def test_a_unet_too_comes_out_the_same_to_the_byte(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = build_unet_params(filters=4, depth=2, dropout=0.2)
    unet = replace(job, model="unet", own=own)
    trained = train_into(tmp_path, unet)
    there = train_in_a_fresh_process(unet, tmp_path)
    assert there == write_files(trained.model, tmp_path / "here")


@pytest.mark.slow
def test_the_returned_weights_differ_from_those_of_another_seed(
    trained, job, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    other = replace(job, train=job.train.model_copy(update={"seed": 4, "epochs": 1}))
    retrained = train_into(tmp_path, other)
    pairs = zip(trained.model.get_weights(), retrained.model.get_weights(), strict=True)
    assert not any(np.array_equal(*pair) for pair in pairs if pair[0].ndim == 4)


@pytest.mark.slow
def test_a_training_in_mixed_precision_is_saved_in_float32(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mixed = replace(job, train=job.train.model_copy(update={"precision": "mixed", "epochs": 1}))
    trained = train_into(tmp_path, mixed)
    assert {layer.compute_dtype for layer in trained.model.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    assert math.isfinite(trained.metrics["val_loss"])


@pytest.mark.slow
def test_a_training_that_diverges_is_a_users_error(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train = job.train.model_copy(update={"learning_rate": 1e38, "epochs": 1})
    with pytest.raises(
        ModelError, match=r"finite validation loss\. Received: (nan|inf) from epoch 1 on"
    ):
        train_into(tmp_path, replace(job, train=train))


@pytest.mark.parametrize("role", ["train", "validation"])
def test_a_role_without_slices_is_a_users_error(job, role):
    roles = [each for each in job.roles if each.role != role]
    with pytest.raises(DataError, match=f"the {role} cases: expected at least one slice"):
        build_batches(replace(job, roles=roles))


EPOCHS = [
    {"val_loss": 0.5, "val_lesion_dice": 0.1, "val_lesion_precision": math.nan},
    {"val_loss": 0.4, "val_lesion_dice": 0.3, "val_lesion_precision": 0.2},
    {"val_loss": 0.3, "val_lesion_dice": 0.2, "val_lesion_precision": math.nan},
    {"val_loss": 0.3, "val_lesion_dice": 0.3, "val_lesion_precision": 0.4},
]


@pytest.mark.parametrize(
    ("monitor", "kept_epoch", "precision"),
    [("val_loss", 3, None), ("val_lesion_dice", 2, 0.2)],
)
def test_of_equal_epochs_the_first_is_kept_and_an_undefined_metric_is_none(
    monitor, kept_epoch, precision
):
    kept = select_kept_metrics(EPOCHS, monitor, LOCATOR_KEYS)
    assert kept == {
        "kept_epoch": kept_epoch,
        "num_epochs": 4,
        **EPOCHS[kept_epoch - 1],
        "val_lesion_precision": precision,
    }


def test_an_epoch_that_diverged_later_is_not_kept():
    diverged = {"val_loss": math.nan, "val_lesion_dice": 0.0}
    for monitor in ("val_loss", "val_lesion_dice"):
        kept = select_kept_metrics([EPOCHS[0], diverged, diverged], monitor, LOCATOR_KEYS)
        assert kept["kept_epoch"] == 1


@pytest.mark.parametrize("monitor", ["val_loss", "val_lesion_dice"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_training_that_diverged_at_once_keeps_nothing(monitor, value):
    epochs = [{"val_loss": value, "val_lesion_dice": 0.0}] * 2
    keys = build_model_keys("unet", TrainOverrides(learning_rate=9.0))
    with pytest.raises(ModelError) as caught:
        select_kept_metrics(epochs, monitor, keys)
    advice = "Lower models.unet.train.learning_rate, or take train.precision: float32."
    assert str(caught.value).endswith(advice)
