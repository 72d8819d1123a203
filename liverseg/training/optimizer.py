"""The optimizer of one phase, and the learning rate over its steps."""

import keras

from liverseg.errors import ParamsError
from liverseg.params import TrainingKeys, TrainParams

_NOT_DECAYED = ["bias", "gamma", "beta"]
"""Of AdamW: shifts and scales, which decay would only draw away from what the data ask for, as
nnU-Net's and most others' recipes leave them out."""


def build_optimizer(
    train: TrainParams, learning_rate: float, num_steps: int, keys: TrainingKeys
) -> keras.optimizers.Optimizer:
    """A new optimizer for a phase.

    AdamW is that of Loshchilov and Hutter (arXiv 1711.05101). Under the schedule ``plateau`` the
    rate stands until a callback lowers it; under ``cosine`` it follows from the optimizer's step.

    Args:
        train: Which optimizer and which schedule.
        learning_rate: Of the phase: where it starts, or where the warm-up ends.
        num_steps: Of the whole phase.
        keys: Of the params, for the message.

    Raises:
        ParamsError: The warm-up leaves no step for the cosine.
    """
    rate: float | keras.optimizers.schedules.LearningRateSchedule = learning_rate
    if train.schedule == "cosine":
        rate = _build_cosine(train, learning_rate, num_steps, keys)
    if train.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=train.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer


def _build_cosine(
    train: TrainParams, learning_rate: float, num_steps: int, keys: TrainingKeys
) -> keras.optimizers.schedules.CosineDecay:
    """Linear warm-up (arXiv 1706.02677), then half a cosine without restarts (arXiv 1608.03983)."""
    warmup_steps, final_share = train.cosine.warmup_steps, train.cosine.final_share
    if warmup_steps >= num_steps:
        raise ParamsError(
            f"{keys.name_train('cosine.warmup_steps')}: expected fewer than the {num_steps} steps "
            f"of the phase. Received: {warmup_steps}. Lower it, or take more epochs."
        )
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=final_share * learning_rate,
        warmup_target=learning_rate,
        warmup_steps=warmup_steps,
        decay_steps=num_steps - warmup_steps,
        alpha=final_share,
    )
