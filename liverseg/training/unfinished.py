"""The state of a training after its last finished epoch, from which an interrupted one goes on."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import keras
from keras import ops

from liverseg.errors import ModelError
from liverseg.outputs import whole_folder
from liverseg.training.averaging import AveragedWeights
from liverseg.training.callbacks import KeepsState, Logs

_MODEL_FILE = "model.weights.h5"
_AVERAGE_FILE = "average.npz"
_GENERATORS_FILE = "generators.json"
_CALLBACKS_FILE = "callbacks.json"


class Unfinished(keras.callbacks.Callback):
    """Writes at the end of every epoch all that the next one depends on, and reads it again.

    Each epoch gets a folder of its own, which appears whole; then the one before is removed. It
    holds the model with its optimizer and the state of its random generators, the average of its
    weights where one is kept, what the callbacks remember, and the best weights so far. The order
    of the slices and their augmentation need no state: they follow from the seed and the epoch; nor
    does a rate that follows from the optimizer's step.

    Put it after all callbacks that it restores, so that they have seen the epoch.

    Args:
        folder: For this training alone; its name should say all that decides how it goes.
        callbacks: Of them, those that keep state are restored.
        best_weights: The file that ModelCheckpoint writes, if there is one.
    """

    def __init__(
        self,
        folder: Path,
        callbacks: Iterable[keras.callbacks.Callback],
        best_weights: Path | None = None,
    ) -> None:
        super().__init__()
        self._folder = folder
        self._stateful = [each for each in callbacks if isinstance(each, KeepsState)]
        self._averaged = [each for each in self._stateful if isinstance(each, AveragedWeights)]
        self._best_weights = best_weights
        self.num_epochs = 0
        self.has_stopped = False

    def restore_callbacks(self) -> None:
        """Take up the state of the last finished epoch, if there is one.

        ``num_epochs`` then says how many are finished, ``has_stopped`` whether it stopped early.

        Raises:
            ModelError: The state cannot be read.
        """
        newest = max(self._folder.glob("epoch_*"), default=None)
        if newest is None:
            return
        try:
            state = json.loads((newest / _CALLBACKS_FILE).read_text(encoding="utf-8"))
            for callback in self._stateful:
                callback.set_state(state["callbacks"][_name(callback)])
            self.num_epochs, self.has_stopped = state["num_epochs"], state["has_stopped"]
            if self._best_weights:
                shutil.copyfile(newest / self._best_weights.name, self._best_weights)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._describe_damage(error) from None
        print(f"going on after epoch {self.num_epochs}, from {self._folder}", flush=True)

    def restore_model(self, model: keras.Model) -> None:
        """Give a compiled model the weights, optimizer and generators of the last finished epoch.

        The average of its weights goes to the callback that keeps it.

        Its optimizer must be built: Keras passes over one that is not.

        Raises:
            ModelError: The state does not fit the model.
        """
        folder = self._name_folder(self.num_epochs)
        try:
            model.load_weights(folder / _MODEL_FILE)
            states = json.loads((folder / _GENERATORS_FILE).read_text(encoding="utf-8"))
            for generator, state in zip(_list_generators(model), states, strict=True):
                generator.assign(state)
            for each in self._averaged:
                each.read_average(folder / _AVERAGE_FILE, model)
        except (OSError, ValueError, TypeError) as error:
            raise self._describe_damage(error) from None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the state; the state of the epoch before is removed."""
        del logs
        self.num_epochs, self.has_stopped = epoch + 1, bool(self.model.stop_training)
        state = {
            "num_epochs": self.num_epochs,
            "has_stopped": self.has_stopped,
            "callbacks": {_name(callback): callback.get_state() for callback in self._stateful},
        }
        with whole_folder(self._name_folder(self.num_epochs)) as partial:
            self.model.save_weights(partial / _MODEL_FILE)
            generators = [
                ops.convert_to_numpy(each).tolist() for each in _list_generators(self.model)
            ]
            (partial / _GENERATORS_FILE).write_text(json.dumps(generators), encoding="utf-8")
            for each in self._averaged:
                each.write_average(partial / _AVERAGE_FILE)
            if self._best_weights:
                shutil.copyfile(self._best_weights, partial / self._best_weights.name)
            (partial / _CALLBACKS_FILE).write_text(json.dumps(state), encoding="utf-8")
        for older in self._folder.glob("epoch_*"):
            if older != self._name_folder(self.num_epochs):
                shutil.rmtree(older)

    def _name_folder(self, num_epochs: int) -> Path:
        return self._folder / f"epoch_{num_epochs:06d}"

    def _describe_damage(self, error: Exception) -> ModelError:
        return ModelError(
            f"{self._folder}: expected the state of an interrupted training. "
            f"Received: {' '.join(str(error).split())[:300]}. "
            "Remove the folder: the training then begins anew."
        )


def _list_generators(model: keras.Model) -> list[keras.Variable]:
    """States of the random generators, of dropout say, which Keras leaves out of a weights file."""
    weights = {id(weight) for weight in model.weights}
    return [each for each in model.variables if id(each) not in weights]


def _name(callback: KeepsState) -> str:
    return type(callback).__name__
