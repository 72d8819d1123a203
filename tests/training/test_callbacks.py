import math
import subprocess

import keras
import pytest

from liverseg.errors import LiversegError
from liverseg.training.callbacks import (
    Curves,
    EarlyStopping,
    History,
    LearningRate,
    Progress,
    ReduceLROnPlateau,
    open_curves,
)


@pytest.fixture
def model() -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), loss="mse")
    model.stop_training = False
    return model


def run_fit(callback: keras.callbacks.Callback, values: list[float], begin: int = 0) -> None:
    """What Keras calls in one fit, the monitored value given."""
    callback.on_train_begin()
    for epoch, value in enumerate(values, start=begin):
        callback.on_epoch_end(epoch, {"val_loss": value})
    callback.on_train_end()


def test_the_plateau_of_one_fit_goes_on_in_the_next(model):
    """Best 1.0, then 1.1 | 1.2: two epochs without gain, the patience, halve the rate."""
    plateau = ReduceLROnPlateau(monitor="val_loss", mode="min", factor=0.5, patience=2)
    plateau.set_model(model)
    run_fit(plateau, [1.0, 1.1])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1)
    run_fit(plateau, [1.2], begin=2)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


def test_early_stopping_of_one_fit_goes_on_in_the_next(model):
    """Best 1.0, then 1.1 | 1.2: two epochs without gain, the patience, end the training."""
    stopping = EarlyStopping(monitor="val_loss", mode="min", patience=2)
    stopping.set_model(model)
    run_fit(stopping, [1.0, 1.1])
    assert not model.stop_training
    run_fit(stopping, [1.2], begin=2)
    assert model.stop_training


def test_a_gain_in_the_second_fit_is_one_over_the_best_of_the_first(model):
    stopping = EarlyStopping(monitor="val_loss", mode="min", patience=2)
    stopping.set_model(model)
    run_fit(stopping, [1.0, 1.1])
    run_fit(stopping, [0.9, 1.1], begin=2)
    assert stopping.best == 0.9
    assert not model.stop_training


def test_the_history_holds_the_epochs_of_all_fits_as_plain_numbers():
    history = History()
    history.on_epoch_end(0, {"loss": keras.ops.convert_to_tensor(0.5)})
    history.on_epoch_end(1, {"loss": 0.25, "learning_rate": 0.1})
    history.on_epoch_end(2)
    assert history.epochs == [{"loss": 0.5}, {"loss": 0.25, "learning_rate": 0.1}, {}]
    assert type(history.epochs[0]["loss"]) is float


def test_the_rate_of_a_schedule_stands_in_the_logs(model):
    """0.4 down to nothing in 8 steps; after 4 of them half of it is left."""
    schedule = keras.optimizers.schedules.CosineDecay(0.4, decay_steps=8)
    model.compile(keras.optimizers.Adam(schedule), loss="mse")
    model.optimizer.iterations.assign(4)
    callback, logs = LearningRate(), {"loss": 1.0}
    callback.set_model(model)
    callback.on_epoch_end(0, logs)
    assert logs == {"loss": 1.0, "learning_rate": pytest.approx(0.2)}


def test_curves_have_a_row_an_epoch_and_a_gap_where_a_value_is_undefined(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # out of the repository, whose state DVCLive would look at
    folder, tracked = tmp_path / "curves", []
    with open_curves(folder) as live:
        curves = Curves(live, track=lambda metrics, step: tracked.append((step, metrics)))
        for epoch, precision in enumerate([0.25, math.nan, 0.75]):
            logs = {"loss": 1.0 / (epoch + 1), "val_lesion_precision": precision}
            curves.on_epoch_end(epoch, logs | {"learning_rate": 0.1})
    tables = {
        str(path.relative_to(folder / "plots/metrics").with_suffix("")): [
            tuple(map(float, line.split("\t"))) for line in path.read_text().splitlines()[1:]
        ]
        for path in sorted((folder / "plots/metrics").rglob("*.tsv"))
    }
    assert tables == {
        "learning_rate": [(0, 0.1), (1, 0.1), (2, 0.1)],
        "train/loss": [(0, 1.0), (1, 0.5), (2, pytest.approx(1 / 3))],
        "val/lesion_precision": [(0, 0.25), (2, 0.75)],
    }
    assert tracked[1] == (1, {"train/loss": 0.5, "learning_rate": 0.1})


def test_a_git_repository_without_a_commit_is_a_users_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    (tmp_path / ".dvc").mkdir()
    with pytest.raises(LiversegError, match="Commit once before training"):
        open_curves(tmp_path / "curves")


def test_an_epoch_ends_in_one_line_with_what_matters(capsys):
    progress = Progress("unet", num_epochs=12)
    progress.set_params({"steps": 1})
    progress.on_epoch_begin(2)
    progress.on_train_batch_end(0, {"loss": 0.5})
    progress.on_epoch_end(
        2, {"loss": 0.5, "val_lesion_dice": 0.25, "lesion_recall": 1.0, "learning_rate": 0.001}
    )
    expected = "unet 3/12  loss 0.5  val_lesion_dice 0.25  learning_rate 0.001\n"
    assert capsys.readouterr().out == expected
