"""Training of one model: all phases of its recipe, and the weights of its best epoch."""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from liverseg.errors import ModelError
from liverseg.networks.causes import compute_key
from liverseg.networks.cost import count_macs
from liverseg.networks.description import ModelDescription
from liverseg.networks.recipe import Recipe, Start, load_recipe
from liverseg.networks.saved import check_layers
from liverseg.params import TrainingKeys
from liverseg.training.batches import SliceBatches, TrainingBatches
from liverseg.training.callbacks import Curves, History, Progress, open_curves
from liverseg.training.deciding import build_deciding_callbacks, is_minimised, settle_monitor
from liverseg.training.devices import choose_strategy, share_loss, should_compile_with_xla
from liverseg.training.job import TrainingJob, build_batches
from liverseg.training.losses import LOSSES
from liverseg.training.metrics import build_metrics
from liverseg.training.optimizer import build_optimizer
from liverseg.training.runtime import prepare_runtime
from liverseg.training.sanity import check_first_batch
from liverseg.training.tracking import open_tracking
from liverseg.training.unfinished import Unfinished

Callbacks = Sequence[keras.callbacks.Callback]


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


def train_model(
    job: TrainingJob, curves: Path, tensorboard_logs: Path, unfinished: Path
) -> TrainedModel:
    """Train a model and return it as it was after its best epoch by ``train.monitor``.

    By liver Dice, where that asks for lesion Dice and no validation case shows a lesion.

    Args:
        job: What to train, on what.
        curves: A new folder for DVCLive's curves, in the folder that is being made.
        tensorboard_logs: A folder for TensorBoard's logs.
        unfinished: Where the state after each epoch is kept, and found again after an interruption:
            the result is then the same as without one. Remove the folder at the end.

    Raises:
        DataError: A role has no slices, or the slices are not what training takes them for.
        ParamsError: A batch cannot be divided among the devices, or a schedule cannot be.
        ModelError: The model could not be loaded again, its initial weights cannot be used, the
            training diverged, or the state of the unfinished training is damaged.
        LiversegError: As for ``open_curves`` and ``open_tracking``.
    """
    prepare_runtime(job.train, job.train.devices)
    strategy = choose_strategy(job.train.devices)
    recipe = load_recipe(job.model)
    training, validation = build_batches(job, recipe.read_sample)
    for batches in (training, validation):
        batches.divide_among(strategy.num_replicas_in_sync, job.keys)
    settled = settle_monitor(job.model, job.train, (training, validation))
    with strategy.scope():
        model = recipe.build_model(job.own, training.input_shape)
        check_layers(model, job.model)
        initial_weights = recipe.load_initial_weights(
            model, job.own, Start(job.train, job.keys, job.slices, job.encoder)
        )
    check_first_batch(model, training)
    history = History()
    with tempfile.TemporaryDirectory(dir=curves.parent) as scratch:
        best_weights = Path(scratch) / "best.weights.h5"
        deciding = [*build_deciding_callbacks(settled, best_weights), history]
        epochs = Unfinished(unfinished / compute_key(job.causes), deciding, best_weights)
        epochs.restore_callbacks()
        with (
            open_curves(curves) as live,
            open_tracking(job.keys.own) as track,
            strategy.scope(),
        ):
            drawn = Curves(live, track)
            for epoch, logs in enumerate(history.epochs):  # the folder is new
                drawn.on_epoch_end(epoch, logs)
            shown = [
                keras.callbacks.TensorBoard(tensorboard_logs, write_graph=False),
                drawn,
                Progress(job.model, job.train.epochs),
            ]
            _fit_phases(model, recipe, job, (training, validation), (deciding, shown), epochs)
        metrics = select_kept_metrics(history.epochs, settled.monitor, job.keys)
        kept = _restore_in_float32(best_weights, recipe, job, training.input_shape)
    description = ModelDescription(
        model=job.model,
        context=job.train.context,
        context_mm=job.train.context_mm,
        initial_weights=initial_weights,
        loss=job.train.loss,
        precision=job.train.precision,
        num_parameters=kept.count_params(),
        macs_per_slice=count_macs(kept),
    )
    return TrainedModel(kept, description, metrics)


def select_kept_metrics(
    epochs: Sequence[dict[str, float]], monitor: str, keys: TrainingKeys
) -> dict[str, float | None]:
    """The metrics of the first best epoch, the one whose weights ModelCheckpoint kept.

    Args:
        epochs: The metrics of each.
        monitor: The one that decides.
        keys: Of the params, for the message.

    Raises:
        ModelError: Its validation loss is no number: the training diverged at once.
    """
    sign = -1 if is_minimised(monitor) else 1
    best = max(range(len(epochs)), key=lambda epoch: sign * epochs[epoch][monitor])
    if not math.isfinite(epochs[best]["val_loss"]):
        raise ModelError(
            f"training: expected a finite validation loss. Received: {epochs[best]['val_loss']} "
            f"from epoch {best + 1} on. Lower {keys.name_train('learning_rate')}, or take "
            f"{keys.name_train('precision')}: float32."
        )
    kept = {name: value if math.isfinite(value) else None for name, value in epochs[best].items()}
    return {"kept_epoch": best + 1, "num_epochs": len(epochs), **kept}


def fit_epochs(
    model: keras.Model,
    batches: tuple[TrainingBatches, SliceBatches | None],
    epochs: range,
    callbacks: tuple[Callbacks, Callbacks],
    unfinished: Unfinished,
) -> None:
    """Fit a compiled model for those of the epochs, counted from 0, that are not finished yet.

    Args:
        model: Compiled anew for these epochs.
        batches: For training, and for validation if it is wanted.
        epochs: Fitted with one optimizer.
        callbacks: Those that decide, called before ``unfinished``, which keeps their state, and
            those that show: where one of these fails, the epoch is not lost.
        unfinished: What was finished before.
    """
    training, validation = batches
    deciding, showing = callbacks
    # Within the first step the optimizer's variables would cost a second trace.
    model.optimizer.build(model.trainable_variables)
    if unfinished.num_epochs in range(epochs.start + 1, epochs.stop + 1):
        unfinished.restore_model(model)
    begin = max(epochs.start, unfinished.num_epochs)
    if begin >= epochs.stop or unfinished.has_stopped:
        return
    # With several devices Keras begins an epoch more, to look at a batch.
    at_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda n, _: training.go_to_epoch(n))
    with training.fed():
        model.fit(
            training,
            validation_data=validation,
            initial_epoch=begin,
            epochs=epochs.stop,
            callbacks=[at_epoch, *deciding, unfinished, *showing],
            shuffle=False,  # the batches come in their own order
            verbose=0,
        )


def _fit_phases(
    model: keras.Model,
    recipe: Recipe,
    job: TrainingJob,
    batches: tuple[TrainingBatches, SliceBatches],
    callbacks: tuple[Callbacks, Callbacks],
    unfinished: Unfinished,
) -> None:
    first, num_steps = 0, len(batches[0])  # an epoch's, the same in each
    phases = recipe.plan_phases(job.own, job.train)
    optimizers = [  # all at once: a schedule that cannot be is said before the first step
        build_optimizer(job.train, phase.learning_rate, phase.num_epochs * num_steps, job.keys)
        for phase in phases
    ]
    for phase, optimizer in zip(phases, optimizers, strict=True):
        phase.prepare(model)
        model.compile(
            optimizer=optimizer,
            loss=share_loss(LOSSES[job.train.loss]),
            metrics=build_metrics(),
            jit_compile=should_compile_with_xla(job.train.devices),
        )
        epochs = range(first, first + phase.num_epochs)
        fit_epochs(model, batches, epochs, callbacks, unfinished)
        first = epochs.stop


def _restore_in_float32(
    weights: Path, recipe: Recipe, job: TrainingJob, input_shape: tuple[int, int, int]
) -> keras.Model:
    """The kept weights in an uncompiled model that infers in float32 on any machine."""
    keras.config.set_dtype_policy("float32")
    restored = recipe.build_model(job.own, input_shape)
    restored.load_weights(weights)
    return restored
