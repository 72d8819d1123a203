"""The folder of a trained model: which files it holds, and how each is written and read.

Importable, and readable but for the network itself, without TensorFlow.
"""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import TypeAdapter
from pydantic.types import AllowInfNan

from liverseg.checked_json import describe_problem, read_checked
from liverseg.errors import DataError, ModelError
from liverseg.json_files import write_json
from liverseg.networks.causes import CAUSES_FILE, Causes, write_causes
from liverseg.networks.description import (
    ModelDescription,
    read_description,
    write_description,
)
from liverseg.networks.seen import SEEN_FILE, Seen
from liverseg.params import RULES_FILE, ModelRules
from liverseg.slices.stacks import (
    LOCATOR_FOLDER,
    PREPROCESSING_FILE,
    Preprocessing,
    write_preprocessing,
)

if TYPE_CHECKING:
    import keras

METRICS_FILE = "metrics.json"
CURVES_FOLDER = "curves"

Value = TypeVar("Value")

_CAUSES = TypeAdapter(Causes)
_METRICS = TypeAdapter(dict[str, int | Annotated[float, AllowInfNan(False)] | None])
_PREPROCESSING = TypeAdapter(Preprocessing)
_RULES = TypeAdapter(ModelRules)
_SEEN = TypeAdapter(Seen)


@dataclass(frozen=True)
class ModelFolder:
    """A model on disk: ``model.json`` says what it is, or that it is not part of the run.

    Of a model there are also ``model.weights.h5`` and ``architecture.json``, ``preprocessing.json``
    and ``causes.json``, ``metrics.json`` and ``curves/`` of its training, ``seen.json`` of the
    scans that it was trained on, and in the folder of the final model ``rules.json``; of one that
    sees the surroundings of the liver alone, ``locator/``, the model that finds the liver. What is
    read may come from elsewhere: it is bounded, typed, and refused where it is no regular file.

    Attributes:
        path: Of the folder.
    """

    path: Path

    @property
    def curves(self) -> Path:
        """The folder of the curves of its training."""
        return self.path / CURVES_FOLDER

    def write_trained(
        self, model: "keras.Model", description: ModelDescription, preprocessing: Preprocessing
    ) -> None:
        """Write what every use of the model takes.

        Raises:
            ModelError: It could not be loaded again.
        """
        from liverseg.networks.saved import write_model

        write_model(self.path, model)
        write_description(self.path, description)
        write_preprocessing(self.path, preprocessing)

    @property
    def locator(self) -> "ModelFolder":
        """The model that finds the liver first, of one that sees its surroundings alone."""
        return ModelFolder(self.path / LOCATOR_FOLDER)

    def write_metrics(self, metrics: Mapping[str, float | None]) -> None:
        """Write the epoch that was kept, and its metrics by name."""
        write_json(self.path / METRICS_FILE, dict(metrics))

    def write_causes(self, causes: Causes) -> None:
        """Write what the model follows from."""
        write_causes(self.path, causes)

    def write_seen(self, seen: Seen) -> None:
        """Write what its training scans were like."""
        write_json(self.path / SEEN_FILE, asdict(seen))

    def load(self) -> "keras.Model":
        """The network itself.

        Raises:
            ModelError: It cannot be loaded.
        """
        from liverseg.networks.saved import load_model

        return load_model(self.path)

    def read_description(self) -> ModelDescription | None:
        """What the model is; None where it is not part of the run.

        Raises:
            ModelError: The folder holds no model.
        """
        return read_description(self.path)

    def read_preprocessing(self) -> Preprocessing:
        """How scans become the slices that it sees.

        Raises:
            ModelError: The file is missing or damaged, or asks for what this version does not do.
        """
        return self._read(
            PREPROCESSING_FILE, _PREPROCESSING, "how a trained model's slices were made"
        )

    def read_metrics(self) -> dict[str, float | None]:
        """The epoch that was kept and its metrics by name; None where a metric is undefined.

        Raises:
            ModelError: The file is missing or damaged.
        """
        return self._read(METRICS_FILE, _METRICS, "the metrics of a training")

    def read_causes(self) -> Causes:
        """What the model follows from.

        Raises:
            ModelError: The file is missing or damaged.
        """
        return self._read(CAUSES_FILE, _CAUSES, "what a trained model follows from")

    def read_seen(self) -> Seen | None:
        """What its training scans were like; None of a model that does not say.

        Raises:
            ModelError: The file is damaged.
        """
        if not (self.path / SEEN_FILE).exists():
            return None
        return self._read(SEEN_FILE, _SEEN, "what the training scans of a model were like")

    def read_rules(self) -> ModelRules:
        """From probabilities to labels.

        Raises:
            DataError: As ``read_rules`` does.
        """
        return read_rules(self.path / RULES_FILE)

    def _read(self, name: str, kind: TypeAdapter[Value], expected: str) -> Value:
        path = self.path / name
        try:
            return read_checked(path, kind)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{path}: expected {expected}. Received: {describe_problem(error)}. "
                "Train the model again with `dvc repro`."
            ) from None


def copy_locator(locator: Path, folder: Path) -> None:
    """Put a locator, where there is one, into the folder of a model that sees what it finds.

    Args:
        locator: A model folder, or one that says that it holds none.
        folder: Of the model.
    """
    if read_description(locator) is not None:
        # Contents only: DVC may have made its files read-only.
        shutil.copytree(locator, folder / LOCATOR_FOLDER, copy_function=shutil.copyfile)


def read_rules(path: Path) -> ModelRules:
    """From probabilities to labels, of a file that may lie beside scores too.

    Raises:
        DataError: The file is missing or damaged.
    """
    try:
        return read_checked(path, _RULES)
    except (OSError, ValueError) as error:
        raise DataError(
            str(path),
            expected="the rules from probabilities to labels",
            received=describe_problem(error),
            next_step="models/final has them; for another model name those that were tuned for it: "
            "--rules scores/<model>/rules.json.",
        ) from None
