"""What a model folder says in JSON of its model and its training; read without TensorFlow."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from liverseg.errors import ModelError
from liverseg.params import ModelName

DESCRIPTION_FILE = "model.json"
METRICS_FILE = "metrics.json"


@dataclass(frozen=True)
class ModelDescription:
    """What a model is.

    Attributes:
        model: Its name.
        context: Neighbouring slices on either side that it sees.
        initial_weights: Where training began: random, slices, imagenet or the weights file's name.
        loss: What was minimised.
        precision: Of the training, float32 or mixed; the saved weights are float32.
        num_parameters: Weights and biases, statistics of normalisations included.
        macs_per_slice: Multiply-accumulates, see ``models.cost``.
    """

    model: ModelName
    context: int
    initial_weights: str
    loss: str
    precision: str
    num_parameters: int
    macs_per_slice: int


def write_description(folder: Path, description: ModelDescription) -> None:
    """Write ``model.json``."""
    _write_json(folder / DESCRIPTION_FILE, {"is_part_of_run": True, **asdict(description)})


def write_no_model(folder: Path, name: ModelName) -> None:
    """Write, in place of a model or of what follows from it, that it is not part of this run."""
    _write_json(folder / DESCRIPTION_FILE, {"is_part_of_run": False, "model": name})


def read_description(folder: Path) -> ModelDescription | None:
    """What the model in a folder is; None where it is not part of the run.

    Raises:
        ModelError: The folder holds no model.
    """
    path = folder / DESCRIPTION_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return ModelDescription(**content) if content.pop("is_part_of_run") else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path}: expected the description of a trained model. Received: "
            f"{_describe_problem(error)}. Train it with `dvc repro`, or name another folder."
        ) from None


def write_training_metrics(folder: Path, metrics: Mapping[str, float | None]) -> None:
    """Write ``metrics.json``: the epoch that was kept, and its metrics by name."""
    _write_json(folder / METRICS_FILE, dict(metrics))


def read_training_metrics(folder: Path) -> dict[str, float | None]:
    """The epoch that was kept and its metrics by name; None where a metric is undefined."""
    path = folder / METRICS_FILE
    try:
        metrics: dict[str, float | None] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: expected the metrics of a training. Received: {_describe_problem(error)}. "
            "Train the model again with `dvc repro`."
        ) from None
    return metrics


def _describe_problem(error: Exception) -> str:
    """Without the path, which the message begins with."""
    return str(error.strerror).lower() if isinstance(error, OSError) else str(error)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
