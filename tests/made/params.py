"""Sections of the params, of which a test names only what matters to it."""

from liverseg.params import CosineParams, PlateauParams, TrainParams

_TRAIN = TrainParams(
    seed=1,
    num_threads=2,
    epochs=1,
    batch_size=2,
    learning_rate=0.1,
    loss="bce",
    optimizer="adam",
    weight_decay=0.01,
    ema=None,
    precision="float32",
    context=1,
    lesion_oversampling=1,
    lesion_share=0.0,
    liver_free_fraction=1.0,
    monitor="val_loss",
    schedule="plateau",
    plateau=PlateauParams(factor=0.5, patience=1, min_learning_rate=0.0),
    cosine=CosineParams(warmup_steps=1, final_share=0.01),
    early_stopping_patience=None,
)


def build_train_params(**values: object) -> TrainParams:
    """A short, plain training; the values are validated like those of a file."""
    return TrainParams(**(dict(_TRAIN) | values))
