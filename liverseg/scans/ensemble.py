"""One or more model folders as one predictor: what they are, read without TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from liverseg.errors import DataError, ModelError
from liverseg.hashing import hash_path
from liverseg.networks.description import ModelDescription
from liverseg.networks.model_folder import ModelFolder, read_rules
from liverseg.networks.seen import Seen, join_seen
from liverseg.params import ModelRules
from liverseg.ready_model import READY, TRAINED_ON, is_ready_model
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

    @property
    def name(self) -> str:
        """``ready`` for the model of the package, else the folder as it was named."""
        return READY if is_ready_model(self.folder) else str(self.folder)

    @property
    def trained_on(self) -> str | None:
        """What scans it has seen, where that is known: of the ready model."""
        return TRAINED_ON if is_ready_model(self.folder) else None


@dataclass(frozen=True)
class Ensemble:
    """Models whose probabilities are averaged, and all that their use takes.

    Attributes:
        members: At least one.
        preprocessing: From scans to slices, the same for all.
        locators: Models that find the liver first, each once; none where the models see whole
            scans.
        rules: From the mean probabilities to labels; of several models the mean temperatures.
        seen: What their training scans were like; without ranges where none of them says.
    """

    members: tuple[Member, ...]
    preprocessing: Preprocessing
    locators: tuple[tuple[ModelFolder, ModelDescription], ...]
    rules: ModelRules
    seen: Seen


def read_ensemble(folders: Sequence[Path], rules_file: Path | None = None) -> Ensemble:
    """The models of some folders, whatever their kinds and contexts.

    Args:
        folders: One or more.
        rules_file: Where the rules stand; by default in the folders, which must agree in what
            decides about labels.

    Raises:
        ModelError: A folder holds no model.
        DataError: The models see slices of different windows or sizes, the rules are missing, or
            they differ.
    """
    models = [ModelFolder(folder) for folder in folders]
    members = tuple(map(_read_member, models))  # hashed before all is read
    preprocessing = _read_shared_preprocessing(models)
    rules = read_rules(rules_file) if rules_file else _read_shared_rules(models)
    locators = _list_locators(models) if preprocessing.region == "liver" else ()
    seen = join_seen([each for folder in models if (each := folder.read_seen()) is not None])
    return Ensemble(members, preprocessing, locators, rules, seen)


def _read_member(folder: ModelFolder) -> Member:
    md5 = hash_path(folder.path)
    return Member(folder.path, _read_trained(folder), md5)


def _read_trained(folder: ModelFolder) -> ModelDescription:
    description = folder.read_description()
    if description is None:
        raise ModelError(
            f"{folder.path}: expected a trained model. Received: a model that is not part of the "
            "last run. Train it with `dvc repro`, or name another folder."
        )
    return description


def _read_shared_preprocessing(folders: Sequence[ModelFolder]) -> Preprocessing:
    read = [folder.read_preprocessing() for folder in folders]
    seen = {
        replace(each, format="npz"): folder.path for each, folder in zip(read, folders, strict=True)
    }
    if len(seen) > 1:
        raise DataError(
            "--model",
            expected="models that see slices of the same windows, region and size",
            received="; ".join(f"{folder}: {_describe(each)}" for each, folder in seen.items()),
            next_step="Name models of one preprocessing.",
        )
    return read[0]


def _describe(preprocessing: Preprocessing) -> str:
    size, pixel_mm = preprocessing.image_size, preprocessing.pixel_mm
    scale = "" if pixel_mm is None else f" of {pixel_mm:g} mm"
    region = f"{preprocessing.region}, margin {preprocessing.margin_mm:g} mm"
    return f"{preprocessing.windows_hu} HU, {size} pixels{scale}, {region}"


def _list_locators(
    folders: Sequence[ModelFolder],
) -> tuple[tuple[ModelFolder, ModelDescription], ...]:
    """The locator of each model, those of equal content once.

    Raises:
        ModelError: A model has none.
    """
    locators = {hash_path(folder.locator.path): folder.locator for folder in folders}
    return tuple((locator, _read_trained(locator)) for locator in locators.values())


def _read_shared_rules(folders: Sequence[ModelFolder]) -> ModelRules:
    read = [folder.read_rules() for folder in folders]
    alike = {"liver_temperature": 1.0, "lesion_temperature": 1.0}
    rules = {
        each.model_copy(update=alike): folder.path
        for each, folder in zip(read, folders, strict=True)
    }
    if len(rules) > 1:
        raise DataError(
            "--model",
            expected="one set of rules and flips",
            received=f"different ones in {' and '.join(map(str, rules.values()))}",
            next_step="Choose one with --rules FILE.",
        )
    temperatures = {name: fmean(getattr(each, name) for each in read) for name in alike}
    return read[0].model_copy(update=temperatures)
