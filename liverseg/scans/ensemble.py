"""One or more model folders as one predictor: what they are, read without TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import DataError, ModelError
from liverseg.hashing import hash_path
from liverseg.networks.description import ModelDescription
from liverseg.networks.model_folder import ModelFolder, read_rules
from liverseg.params import LabelRules
from liverseg.slices.stacks import Preprocessing


@dataclass(frozen=True)
class Member:
    """A model of an ensemble.

    Attributes:
        folder: Where it lies.
        description: What it is.
        md5: Of the folder, as DVC takes it: that of ``dvc.lock``.
    """

    folder: Path
    description: ModelDescription
    md5: str


@dataclass(frozen=True)
class Ensemble:
    """Models whose probabilities are averaged, and all that their use takes.

    Attributes:
        members: At least one.
        preprocessing: From scans to slices, the same for all.
        rules: From the mean probabilities to labels.
    """

    members: tuple[Member, ...]
    preprocessing: Preprocessing
    rules: LabelRules


def read_ensemble(folders: Sequence[Path], rules_file: Path | None = None) -> Ensemble:
    """The models of some folders, whatever their kinds and contexts.

    Args:
        folders: One or more.
        rules_file: Where the rules stand; by default in the folders, which must agree.

    Raises:
        ModelError: A folder holds no model.
        DataError: The models see slices of different windows or sizes, the rules are missing, or
            they differ.
    """
    models = [ModelFolder(folder) for folder in folders]
    members = tuple(map(_read_member, models))  # hashed before all is read
    preprocessing = _read_shared_preprocessing(models)
    rules = read_rules(rules_file) if rules_file else _read_shared_rules(models)
    return Ensemble(members, preprocessing, rules)


def _read_member(folder: ModelFolder) -> Member:
    md5 = hash_path(folder.path)
    description = folder.read_description()
    if description is None:
        raise ModelError(
            f"{folder.path}: expected a trained model. Received: a model that is not part of the "
            "last run. Train it with `dvc repro`, or name another folder."
        )
    return Member(folder.path, description, md5)


def _read_shared_preprocessing(folders: Sequence[ModelFolder]) -> Preprocessing:
    read = [folder.read_preprocessing() for folder in folders]
    seen = {
        (each.windows_hu, each.image_size): folder.path
        for each, folder in zip(read, folders, strict=True)
    }
    if len(seen) > 1:
        raise DataError(
            "--model",
            expected="models that see slices of the same windows and size",
            received="; ".join(
                f"{folder}: {windows} HU, {size} pixels" for (windows, size), folder in seen.items()
            ),
            next_step="Name models of one preprocessing.",
        )
    return read[0]


def _read_shared_rules(folders: Sequence[ModelFolder]) -> LabelRules:
    rules = {folder.read_rules(): folder.path for folder in folders}
    if len(rules) > 1:
        raise DataError(
            "--model",
            expected="one set of rules from probabilities to labels",
            received=f"different ones in {' and '.join(map(str, rules.values()))}",
            next_step="Choose one with --rules FILE.",
        )
    return next(iter(rules))
