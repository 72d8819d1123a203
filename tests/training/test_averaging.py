from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.training.averaging import AveragedWeights
from liverseg.training.callbacks import ModelCheckpoint

IMAGES = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)
TARGETS = IMAGES.sum(axis=1, keepdims=True)


def build_model() -> keras.Model:
    """A weight of every kind: kernel, bias, scale, shift, running mean and variance."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(4), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(keras.optimizers.Adam(0.1), loss="mse")
    return model


def fit(model: keras.Model, callbacks: list[keras.callbacks.Callback]) -> keras.callbacks.History:
    return model.fit(
        *(IMAGES, TARGETS),
        validation_data=(IMAGES, TARGETS),
        epochs=3,
        batch_size=4,
        shuffle=False,
        callbacks=callbacks,
        verbose=0,
    )


class Recorder(keras.callbacks.Callback):
    """Keeps the weights after each step."""

    def on_train_begin(self, logs=None):
        del logs
        self.weights = [self.model.get_weights()]

    def on_train_batch_end(self, batch, logs=None):
        del batch, logs
        self.weights.append(self.model.get_weights())


def average(weights: list[list[np.ndarray]], momentum: float) -> list[np.ndarray]:
    """In float64, as the formula stands."""
    averages = [each.astype(float) for each in weights[0]]
    for step, own in enumerate(weights[1:]):
        kept = min(momentum, (1 + step) / (10 + step))
        averages = [kept * a + (1 - kept) * b for a, b in zip(averages, own, strict=True)]
    return averages


def test_the_average_by_hand():
    """From 8, over steps 0, 11 and 22 at a momentum of 0.15: 0.1 · 8 = 0.8; min(0.15, 2/11) of it
    and 0.85 of 11 make 9.47; 0.15 · 9.47 + 0.85 · 22 = 20.1205."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    averaged = AveragedWeights(0.15)
    averaged.set_model(model)
    model.set_weights([np.array([[8.0]])])
    averaged.on_train_begin()
    for value in (0.0, 11.0, 22.0):
        model.set_weights([np.array([[value]])])
        averaged.on_train_batch_end(0)
    averaged.on_test_begin()
    assert model.get_weights()[0] == pytest.approx(20.1205)
    averaged.on_epoch_end(0)
    assert model.get_weights()[0] == 22


@pytest.mark.parametrize("momentum", [0.1, 0.9])
def test_what_is_validated_and_kept_is_the_average_of_every_weight(momentum, tmp_path):
    kept = tmp_path / "best.weights.h5"
    checkpoint = ModelCheckpoint(kept, monitor="val_loss", save_weights_only=True)
    recorder = Recorder()
    model = build_model()
    history = fit(model, [recorder, checkpoint, AveragedWeights(momentum)])
    expected = average(recorder.weights, momentum)
    restored = build_model()
    restored.optimizer.build(restored.trainable_variables)
    restored.load_weights(kept)
    for weight, each in zip(restored.get_weights(), expected, strict=True):
        assert weight == pytest.approx(each, rel=1e-5, abs=1e-6)
    assert restored.evaluate(IMAGES, TARGETS, batch_size=4, verbose=0) == pytest.approx(
        history.history["val_loss"][-1], rel=1e-6
    )


def test_training_itself_does_not_notice_the_average():
    with_average, without = Recorder(), Recorder()
    fit(build_model(), [with_average, AveragedWeights(0.9)])
    fit(build_model(), [without])
    assert len(with_average.weights) == 10  # as they began, and three epochs of three steps
    for pair in zip(with_average.weights, without.weights, strict=True):
        assert all(a.tobytes() == b.tobytes() for a, b in zip(*pair, strict=True))


def test_an_average_that_was_written_goes_on_to_the_bit(tmp_path):
    model, again = build_model(), AveragedWeights(0.9)
    averaged = AveragedWeights(0.9)
    fit(model, [averaged])
    averaged.write_average(tmp_path / "average.npz")
    again.read_average(tmp_path / "average.npz", model)
    again.set_state(averaged.get_state())
    given = []
    for each in (averaged, again):
        each.set_model(model)
        each.on_train_begin()
        each.on_train_batch_end(0)
        each.on_test_begin()
        given.append([weight.tobytes() for weight in model.get_weights()])
        each.on_epoch_end(0)
    assert given[0] == given[1]


def damage(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_an_average_that_cannot_be_used_is_told_apart(tmp_path):
    model = build_model()
    averaged = AveragedWeights(0.9)
    fit(model, [averaged])
    path = tmp_path / "average.npz"
    averaged.write_average(path)
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match=r"average\.npz: weights of another model"):
        averaged.read_average(path, other)
    whole = path.read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2], whole[:-10]):
        with pytest.raises(ValueError, match=r"."):
            averaged.read_average(damage(path, content), model)
    with pytest.raises(OSError, match="No such file"):
        averaged.read_average(tmp_path / "absent.npz", model)
