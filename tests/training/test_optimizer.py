from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.errors import ParamsError
from liverseg.params import LOCATOR_KEYS, CosineParams, TrainParams, read_params
from liverseg.training.optimizer import build_optimizer

PLAIN = read_params(Path(__file__).resolve().parents[2] / "presets/plain.yaml").train


def change(**values) -> TrainParams:
    return PLAIN.model_copy(update=values)


def read_rates(optimizer: keras.optimizers.Optimizer, steps: list[int]) -> list[float]:
    rates = []
    for step in steps:
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    return rates


def test_under_plateau_the_rate_stands():
    optimizer = build_optimizer(change(schedule="plateau"), 0.5, 12, LOCATOR_KEYS)
    assert read_rates(optimizer, [0, 6, 11]) == [0.5, 0.5, 0.5]


def test_a_cosine_warms_up_in_a_line_and_falls_to_its_share():
    """Of 0.5, in 12 steps of which 4 warm up: 0.1 to 0.5 in a line; then 0.1 + 0.4 (1 + cos φ) / 2
    with φ = π/4, π/2 and π after 2, 4 and 8 steps; beyond the end it stays."""
    train = change(schedule="cosine", cosine=CosineParams(warmup_steps=4, final_share=0.2))
    rates = read_rates(build_optimizer(train, 0.5, 12, LOCATOR_KEYS), [0, 1, 2, 4, 6, 8, 12, 20])
    quarter = 0.1 + 0.2 * (1 + 0.5**0.5)
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.5, quarter, 0.3, 0.1, 0.1], rel=1e-5)


def test_without_warm_up_a_cosine_begins_at_the_rate():
    train = change(schedule="cosine", cosine=CosineParams(warmup_steps=0, final_share=0.0))
    rates = read_rates(build_optimizer(train, 0.5, 4, LOCATOR_KEYS), [0, 2, 4])
    assert rates == pytest.approx([0.5, 0.25, 0.0], abs=1e-7)


@pytest.mark.parametrize("warmup_steps", [12, 50])
def test_a_warm_up_as_long_as_the_phase_is_a_users_error(warmup_steps):
    cosine = CosineParams(warmup_steps=warmup_steps, final_share=0.0)
    with pytest.raises(ParamsError) as caught:
        build_optimizer(change(schedule="cosine", cosine=cosine), 0.5, 12, LOCATOR_KEYS)
    assert str(caught.value) == (
        "locator.train.cosine.warmup_steps: expected fewer than the 12 steps of the phase. "
        f"Received: {warmup_steps}. Lower it, or take more epochs."
    )


@pytest.mark.parametrize(
    ("name", "kernel"),
    [("adam", 1.0), ("adamw", 1 - 0.5 * 0.2)],  # without a gradient only the decay moves it
)
def test_only_kernels_decay_and_only_by_adamw(name, kernel):
    model = keras.Sequential(
        [
            keras.Input((2, 2, 1)),
            keras.layers.Conv2D(1, 1, kernel_initializer="ones", bias_initializer="ones"),
            keras.layers.BatchNormalization(beta_initializer="ones"),
        ]
    )
    optimizer = build_optimizer(change(optimizer=name, weight_decay=0.2), 0.5, 1, LOCATOR_KEYS)
    variables = model.trainable_variables
    optimizer.build(variables)
    optimizer.apply([np.zeros(each.shape, np.float32) for each in variables], variables)
    moved = {each.name: each.numpy().item() for each in variables}
    assert moved == {"kernel": pytest.approx(kernel), "bias": 1, "gamma": 1, "beta": 1}
