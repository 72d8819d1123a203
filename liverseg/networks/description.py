"""What a model is, in JSON: in its folder and in those of its predictions and scores.

Read without TensorFlow.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from liverseg.checked_json import LARGEST_BYTES, STRICT, check_json, describe_problem
from liverseg.errors import ModelError
from liverseg.json_files import write_json
from liverseg.params import LossName, ModelName
from liverseg.params.fields import Context, ContextMm
from liverseg.regular_files import read_regular
from liverseg.slices.context import Surroundings

DESCRIPTION_FILE = "model.json"

Cost = Annotated[int, Field(ge=0, le=2**53)]


@dataclass(frozen=True)
class ModelDescription:
    """What a model is.

    Attributes:
        model: Its name.
        context: Neighbouring slices on either side that it sees.
        context_mm: From one of them to the next; None for the next slice, wherever it lies.
        initial_weights: Where training began: random, ready, slices, imagenet, or the name of the
            file or folder of its weights.
        loss: What was minimised.
        precision: Of the training, float32 or mixed; the saved weights are float32.
        num_parameters: Weights and biases, statistics of normalisations included.
        macs_per_slice: Multiply-accumulates, see ``networks.cost``.
    """

    __pydantic_config__ = STRICT

    model: ModelName
    context: Context
    initial_weights: Annotated[str, Field(max_length=255)]
    loss: LossName
    precision: Literal["float32", "mixed"]
    num_parameters: Cost
    macs_per_slice: Cost
    context_mm: ContextMm | None = None

    @property
    def surroundings(self) -> Surroundings:
        """What it sees beside a slice."""
        return Surroundings(self.context, self.context_mm)


@dataclass(frozen=True)
class _Flag:
    __pydantic_config__ = STRICT | {"extra": "ignore"}
    is_part_of_run: bool


@dataclass(frozen=True)
class _NoModel:
    __pydantic_config__ = STRICT
    is_part_of_run: bool
    model: ModelName


@dataclass(frozen=True, kw_only=True)
class _Model(ModelDescription):
    is_part_of_run: bool


_FLAG, _MODEL, _NO_MODEL = TypeAdapter(_Flag), TypeAdapter(_Model), TypeAdapter(_NoModel)


def write_description(folder: Path, description: ModelDescription) -> None:
    """Write ``model.json``."""
    write_json(folder / DESCRIPTION_FILE, {"is_part_of_run": True, **asdict(description)})


def write_no_model(folder: Path, name: ModelName) -> None:
    """Write, in place of a model or of what follows from it, that it is not part of this run."""
    write_json(folder / DESCRIPTION_FILE, {"is_part_of_run": False, "model": name})


def read_description(folder: Path) -> ModelDescription | None:
    """What the model in a folder is; None where it is not part of the run.

    Raises:
        ModelError: The folder holds no model.
    """
    path = folder / DESCRIPTION_FILE
    try:
        content = read_regular(path, LARGEST_BYTES)
        if not check_json(content, _FLAG).is_part_of_run:
            check_json(content, _NO_MODEL)
            return None
        fields = asdict(check_json(content, _MODEL))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path}: expected the description of a trained model. Received: "
            f"{describe_problem(error)}. Train it with `dvc repro`, or name another folder."
        ) from None
    del fields["is_part_of_run"]
    return ModelDescription(**fields)
