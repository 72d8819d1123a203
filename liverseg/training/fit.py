"""Training of one model: all phases of its recipe, and the weights of its best epoch."""

import math
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from liverseg.cases.split import CaseRole, Role
from liverseg.errors import DataError, ModelError
from liverseg.models.cost import count_macs
from liverseg.models.description import ModelDescription
from liverseg.models.recipe import Recipe
from liverseg.models.table import load_recipe
from liverseg.params import AugmentParams, ModelName, TrainParams
from liverseg.slices.augment import Augmenter
from liverseg.slices.batches import SliceBatches, TargetBuilder, TrainingBatches
from liverseg.slices.samples import select_rows, split_regions
from liverseg.slices.stacks import SliceRow, read_index
from liverseg.training.callbacks import (
    Curves,
    EarlyStopping,
    History,
    Progress,
    ReduceLROnPlateau,
    open_curves,
)
from liverseg.training.losses import LOSSES
from liverseg.training.metrics import build_metrics
from liverseg.training.runtime import prepare_runtime, should_compile_with_xla
from liverseg.training.sanity import check_first_batch


@dataclass(frozen=True)
class TrainingJob:
    """All that decides how a model comes out of training.

    Attributes:
        model: Its name.
        own: The section ``models.<name>``.
        train: The section ``train``, the model's overrides in place.
        augment: The section ``augment``.
        slices: The folder of the stage preprocess.
        roles: The split.
        encoder: The folder of the stage pretrain, for the model that starts from it.
    """

    model: ModelName
    own: Any
    train: TrainParams
    augment: AugmentParams
    slices: Path
    roles: Sequence[CaseRole]
    encoder: Path | None


@dataclass(frozen=True)
class TrainedModel:
    """A model with the weights of its best epoch.

    Attributes:
        model: Uncompiled, in float32.
        description: What it is.
        metrics: ``kept_epoch`` (from 1), ``num_epochs``, and the metrics of the kept epoch by
            name; None where a metric is undefined.
    """

    model: keras.Model
    description: ModelDescription
    metrics: dict[str, float | None]


def train_model(job: TrainingJob, curves: Path, tensorboard_logs: Path) -> TrainedModel:
    """Train a model and return it as it was after its best epoch by ``train.monitor``.

    Args:
        job: What to train, on what.
        curves: A new folder for DVCLive's curves.
        tensorboard_logs: A folder for TensorBoard's logs.

    Raises:
        DataError: A role has no slices, or the slices are not what training takes them for.
        ModelError: The initial weights cannot be used, or the training diverged.
    """
    prepare_runtime(job.train)
    training, validation = build_batches(job)
    recipe = load_recipe(job.model)
    model = recipe.build_model(job.own, training.input_shape)
    initial_weights = recipe.load_initial_weights(model, job.own, job.encoder)
    check_first_batch(model, training)
    history = History()
    with tempfile.TemporaryDirectory() as scratch:
        best_weights = Path(scratch) / "best.weights.h5"
        with open_curves(curves) as live:
            callbacks = [
                *_build_deciding_callbacks(job.train, best_weights),
                keras.callbacks.TensorBoard(tensorboard_logs, write_graph=False),
                history,
                Curves(live),
                Progress(job.model, job.train.epochs),
            ]
            _fit_phases(model, recipe, job, (training, validation), callbacks)
        metrics = select_kept_metrics(history.epochs, job.train.monitor)
        kept = _restore_in_float32(best_weights, recipe, job, training.input_shape)
    description = ModelDescription(
        model=job.model,
        context=job.train.context,
        initial_weights=initial_weights,
        loss=job.train.loss,
        precision=job.train.precision,
        num_parameters=kept.count_params(),
        macs_per_slice=count_macs(kept),
    )
    return TrainedModel(kept, description, metrics)


def build_batches(
    job: TrainingJob, build_target: TargetBuilder = split_regions
) -> tuple[TrainingBatches, SliceBatches]:
    """Batches of the training and of the validation slices.

    Raises:
        DataError: One of the roles has no slices.
    """
    rows = read_index(job.slices)
    training = TrainingBatches(
        job.slices,
        _select_role(rows, job.roles, "train"),
        job.train,
        Augmenter(job.augment),
        build_target=build_target,
    )
    validation = SliceBatches(
        job.slices,
        _select_role(rows, job.roles, "validation"),
        context=job.train.context,
        batch_size=job.train.batch_size,
        build_target=build_target,
    )
    return training, validation


def build_optimizer(model: keras.Model) -> None:
    """Create the optimizer's variables now: within the first step they cost a second trace."""
    model.optimizer.build(model.trainable_variables)


def select_kept_metrics(
    epochs: Sequence[dict[str, float]], monitor: str
) -> dict[str, float | None]:
    """The metrics of the first best epoch, the one whose weights ModelCheckpoint kept.

    Raises:
        ModelError: Its validation loss is no number: the training diverged at once.
    """
    sign = -1 if _is_minimised(monitor) else 1
    best = max(range(len(epochs)), key=lambda epoch: sign * epochs[epoch][monitor])
    if not math.isfinite(epochs[best]["val_loss"]):
        raise ModelError(
            f"training: expected a finite validation loss. Received: {epochs[best]['val_loss']} "
            f"from epoch {best + 1} on. Lower train.learning_rate, or take precision: float32."
        )
    kept = {name: value if math.isfinite(value) else None for name, value in epochs[best].items()}
    return {"kept_epoch": best + 1, "num_epochs": len(epochs), **kept}


def _fit_phases(
    model: keras.Model,
    recipe: Recipe,
    job: TrainingJob,
    batches: tuple[TrainingBatches, SliceBatches],
    callbacks: list[keras.callbacks.Callback],
) -> None:
    training, validation = batches
    epoch = 0
    for phase in recipe.plan_phases(job.own, job.train):
        phase.prepare(model)
        model.compile(
            optimizer=keras.optimizers.Adam(phase.learning_rate),
            loss=LOSSES[job.train.loss],
            metrics=build_metrics(),
            jit_compile=should_compile_with_xla(),
        )
        build_optimizer(model)
        model.fit(
            training,
            validation_data=validation,
            initial_epoch=epoch,
            epochs=epoch + phase.num_epochs,
            callbacks=callbacks,
            shuffle=False,  # the batches come in their own order
            verbose=0,
        )
        epoch += phase.num_epochs
        if model.stop_training:
            break


def _build_deciding_callbacks(
    train: TrainParams, best_weights: Path
) -> list[keras.callbacks.Callback]:
    watched = {"monitor": train.monitor, "mode": "min" if _is_minimised(train.monitor) else "max"}
    plateau = train.plateau
    callbacks: list[keras.callbacks.Callback] = [
        keras.callbacks.ModelCheckpoint(
            best_weights, save_best_only=True, save_weights_only=True, **watched
        ),
        ReduceLROnPlateau(
            factor=plateau.factor,
            patience=plateau.patience,
            min_lr=plateau.min_learning_rate,
            min_delta=0,
            **watched,
        ),
    ]
    if train.early_stopping_patience is not None:
        callbacks.append(EarlyStopping(patience=train.early_stopping_patience, **watched))
    return callbacks


def _restore_in_float32(
    weights: Path, recipe: Recipe, job: TrainingJob, input_shape: tuple[int, int, int]
) -> keras.Model:
    """The kept weights in an uncompiled model that infers in float32 on any machine."""
    keras.config.set_dtype_policy("float32")
    restored = recipe.build_model(job.own, input_shape)
    restored.load_weights(weights)
    return restored


def _select_role(rows: Iterable[SliceRow], roles: Iterable[CaseRole], role: Role) -> list[SliceRow]:
    selected = select_rows(rows, [each.case_id for each in roles if each.role == role])
    if not selected:
        raise DataError(
            f"the {role} cases",
            expected="at least one slice",
            received="none",
            next_step="Give the split more patients, or run `dvc repro preprocess split`.",
        )
    return selected


def _is_minimised(monitor: str) -> bool:
    return monitor.endswith("loss")
