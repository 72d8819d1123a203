"""Callbacks that keep their state across fits, and those that show how a training goes."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import keras
from dvclive import Live
from scmrepo.exceptions import SCMError
from tqdm import tqdm

from liverseg.errors import LiversegError
from liverseg.training.tracking import Track

Logs = dict[str, Any] | None


class KeepsState(keras.callbacks.Callback):
    """A callback whose state outlives a fit, and can outlive the process.

    Keras's own callbacks forget theirs whenever a fit begins; these begin once.
    """

    STATE: ClassVar[tuple[str, ...]]
    """Attributes that decide what the callback does next; plain numbers, lists of them, or None."""

    _has_begun = False

    def on_train_begin(self, logs: Logs = None) -> None:
        """Reset at the first fit only."""
        if not self._has_begun:
            super().on_train_begin(logs)
            self._has_begun = True

    def get_state(self) -> dict[str, Any]:
        """The state by name, fit for JSON."""
        return {name: getattr(self, name) for name in self.STATE}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        for name in self.STATE:
            setattr(self, name, state[name])
        self._has_begun = True


class ModelCheckpoint(KeepsState, keras.callbacks.ModelCheckpoint):
    """Keras's, its best value carried over from fit to fit."""

    STATE = ("best",)


class ReduceLROnPlateau(KeepsState, keras.callbacks.ReduceLROnPlateau):
    """Keras's, its best value and patience carried over from fit to fit."""

    STATE = ("best", "wait", "cooldown_counter")


class EarlyStopping(KeepsState, keras.callbacks.EarlyStopping):
    """Keras's, its best value and patience carried over from fit to fit."""

    STATE = ("best", "wait", "best_epoch", "stopped_epoch")


class History(KeepsState):
    """The logs of every epoch, over all fits."""

    STATE = ("epochs",)

    def __init__(self) -> None:
        super().__init__()
        self.epochs: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the epoch's logs."""
        del epoch
        self.epochs.append({name: float(value) for name, value in (logs or {}).items()})


class LearningRate(keras.callbacks.Callback):
    """Adds the learning rate to the logs of an epoch, as ReduceLROnPlateau does by itself."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Add that of the next step."""
        del epoch
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class Curves(keras.callbacks.Callback):
    """Writes every metric as a curve by DVCLive, and tracks it; an undefined value leaves a gap.

    DVCLive's own Keras callback renames ``val_x``; here ``x`` and ``val_x`` become ``train/x`` and
    ``val/x``.
    """

    def __init__(self, live: Live, track: Track) -> None:
        super().__init__()
        self._live = live
        self._track = track

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the epoch's values at step ``epoch``."""
        self._live.step = epoch
        defined = {
            _name_curve(name): float(value)
            for name, value in (logs or {}).items()
            if math.isfinite(value)
        }
        for name, value in defined.items():
            self._live.log_metric(name, value)
        self._live.sync()
        self._track(defined, epoch)


def open_curves(folder: Path) -> Live:
    """DVCLive in a new folder, kept from changing dvc.yaml and from saving an experiment.

    Raises:
        LiversegError: DVCLive cannot read the git repository around, e.g. one without a commit.
    """
    try:
        return Live(str(folder), dvcyaml=None, save_dvc_exp=False, report=None)
    except SCMError as error:
        raise LiversegError(
            f"{folder}: expected a git repository that DVCLive can read. Received: {error}. "
            "Commit once before training: `git add --all && git commit`."
        ) from None


class Progress(keras.callbacks.Callback):
    """A bar over the steps of an epoch, then one line with what matters."""

    def __init__(self, title: str, num_epochs: int) -> None:
        super().__init__()
        self._title = title
        self._num_epochs = num_epochs

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Open the bar."""
        del logs
        self._epoch = f"{self._title} {epoch + 1}/{self._num_epochs}"
        self._bar = tqdm(total=self.params["steps"], desc=self._epoch, unit="step", leave=False)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the bar."""
        del batch
        self._bar.update()
        self._bar.set_postfix(loss=f"{(logs or {}).get('loss', math.nan):.3f}", refresh=False)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Close the bar and write the line."""
        del epoch
        self._bar.close()
        shown = [f"{name} {value:.4g}" for name, value in (logs or {}).items() if _is_shown(name)]
        tqdm.write(f"{self._epoch}  {'  '.join(shown)}")


def _is_shown(name: str) -> bool:
    return "loss" in name or "dice" in name or "learning_rate" in name


def _name_curve(name: str) -> str:
    if name == "learning_rate":
        return name
    return f"val/{name.removeprefix('val_')}" if name.startswith("val_") else f"train/{name}"
