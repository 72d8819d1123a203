"""One or more model folders as one predictor: what they are, read without TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import DataError, ModelError
from liverseg.models.description import ModelDescription, read_description
from liverseg.params import RULES_FILE, LabelRules
from liverseg.slices.stacks import Preprocessing, read_preprocessing
from liverseg.training.causes import hash_path


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
    members = tuple(_read_member(folder) for folder in folders)
    return Ensemble(members, _read_shared_preprocessing(folders), _read_rules(folders, rules_file))


def _read_member(folder: Path) -> Member:
    description = read_description(folder)
    if description is None:
        raise ModelError(
            f"{folder}: expected a trained model. Received: a model that is not part of the last "
            "run. Train it with `dvc repro`, or name another folder."
        )
    return Member(folder, description, hash_path(folder))


def _read_shared_preprocessing(folders: Sequence[Path]) -> Preprocessing:
    try:
        read = [read_preprocessing(folder) for folder in folders]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{', '.join(map(str, folders))}: expected preprocessing.json of a trained model. "
            f"Received: {error}. Train it again with `dvc repro`."
        ) from None
    seen = {
        (each.windows_hu, each.image_size): folder
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


def _read_rules(folders: Sequence[Path], rules_file: Path | None) -> LabelRules:
    files = [rules_file] if rules_file else [folder / RULES_FILE for folder in folders]
    rules = {_read_rules_file(path): path for path in files}
    if len(rules) > 1:
        raise DataError(
            "--model",
            expected="one set of rules from probabilities to labels",
            received=f"different ones in {' and '.join(map(str, rules.values()))}",
            next_step="Choose one with --rules FILE.",
        )
    return next(iter(rules))


def _read_rules_file(path: Path) -> LabelRules:
    try:
        return LabelRules.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        received = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
        raise DataError(
            str(path),
            expected="the rules from probabilities to labels",
            received=str(received).lower(),
            next_step="models/final has them; for another model name those that were tuned for it: "
            "--rules scores/<model>/rules.json.",
        ) from None
