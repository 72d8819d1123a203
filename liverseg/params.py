"""Typed, validated sections of params.yaml.

No field has a default: every value stands in params.yaml. Only ``train`` inside ``models.<name>``
is partial, since it overrides single values of the shared ``train`` section.
"""

import difflib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from liverseg.errors import ParamsError

ModelName = Literal["simple_cnn", "unet", "resnet"]
MODEL_NAMES: tuple[ModelName, ...] = get_args(ModelName)

Fraction = Annotated[float, Field(ge=0, le=1)]
OpenFraction = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Index = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Value = TypeVar("Value")


def _check_not_empty(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if not values:
        raise ValueError("expected at least one value. Received: an empty list")
    return values


# Field(min_length=1) counts the valid items only, and so complains of each bad item twice.
NotEmpty = AfterValidator(_check_not_empty)


class Section(BaseModel):
    """A section of params.yaml: strict types, finite numbers, no unknown keys, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def _check_window(window: tuple[float, float]) -> tuple[float, float]:
    low, high = window
    if low >= high:
        raise ValueError(f"expected low < high in HU. Received: low {low:g}, high {high:g}")
    return window


Window = Annotated[tuple[float, float], AfterValidator(_check_window)]


class DataParams(Section):
    """Where the cases are."""

    root: Annotated[str, Field(min_length=1)]
    patients: str | None
    exclude: tuple[str, ...]


def _check_spacing(spacing: tuple[float, float]) -> tuple[float, float]:
    smallest, largest = spacing
    if not 0 < smallest <= largest:
        raise ValueError(
            f"expected 0 < smallest <= largest in mm. Received: {smallest:g}, {largest:g}"
        )
    return spacing


SpacingRange = Annotated[tuple[float, float], AfterValidator(_check_spacing)]


class PhantomParams(Section):
    """The synthetic demo data."""

    seed: Index
    num_patients: Count
    num_second_scans: Index
    field_of_view_mm: Positive
    in_plane_spacing_mm: SpacingRange
    slice_spacing_mm: SpacingRange

    @model_validator(mode="after")
    def _check_second_scans(self) -> Self:
        if self.num_second_scans > self.num_patients:
            raise ValueError(
                f"expected num_second_scans of at most num_patients ({self.num_patients}). "
                f"Received: {self.num_second_scans}"
            )
        return self


class PreprocessParams(Section):
    """From NIfTI volumes to windowed slices."""

    windows_hu: Annotated[tuple[Window, ...], NotEmpty]
    image_size: Annotated[int, Field(ge=32, multiple_of=32)]  # the coarsest stride of a ResNet
    format: Literal["npz", "png"]


class SplitParams(Section):
    """Roles by patient: one fixed split, or one fold of a cross-validation."""

    seed: Index
    validation_fraction: OpenFraction
    test_fraction: OpenFraction
    num_folds: Index
    fold: Index

    @model_validator(mode="after")
    def _check_folds(self) -> Self:
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError(
                "expected validation_fraction + test_fraction below 1. "
                f"Received: {self.validation_fraction + self.test_fraction:g}"
            )
        if self.num_folds in (1, 2):
            raise ValueError(
                "expected num_folds of 0 (one fixed split) or at least 3 "
                f"(test, validation, training). Received: {self.num_folds}"
            )
        if self.fold >= max(self.num_folds, 1):
            raise ValueError(
                f"expected fold below num_folds ({self.num_folds}). Received: {self.fold}"
            )
        return self


class FlipParams(Section):
    """Left-right and front-back mirroring."""

    horizontal_probability: Fraction
    vertical_probability: Fraction


class AffineParams(Section):
    """Rotation, zoom and shift in one interpolation; a range without width switches one off."""

    probability: Fraction
    max_rotation_degrees: Annotated[float, Field(ge=0, le=180)]
    smallest_scale: Positive
    largest_scale: Positive
    max_shift_fraction: Fraction

    @model_validator(mode="after")
    def _check_scales(self) -> Self:
        if self.smallest_scale > self.largest_scale:
            raise ValueError(
                "expected smallest_scale <= largest_scale. "
                f"Received: {self.smallest_scale:g} > {self.largest_scale:g}"
            )
        return self


class ElasticParams(Section):
    """Mild elastic deformation: displacement strength and smoothness in pixels."""

    probability: Fraction
    alpha_px: NonNegative
    sigma_px: Positive


class BrightnessContrastParams(Section):
    """Brightness as a fraction of the 8-bit range, contrast as a factor around 1."""

    probability: Fraction
    max_brightness: Fraction
    max_contrast: Fraction


class NoiseParams(Section):
    """Gaussian noise, its standard deviation as a fraction of the 8-bit range."""

    probability: Fraction
    max_std: Fraction


class AugmentParams(Section):
    """Augmentation of training slices; a probability of 0 switches a transform off."""

    flip: FlipParams
    affine: AffineParams
    elastic: ElasticParams
    brightness_contrast: BrightnessContrastParams
    noise: NoiseParams


class PlateauParams(Section):
    """ReduceLROnPlateau on the monitored metric."""

    factor: OpenFraction
    patience: Count
    min_learning_rate: NonNegative


class TrainParams(Section):
    """How all three models are trained."""

    seed: Index
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    loss: Literal["bce", "bce_dice"]
    precision: Literal["float32", "mixed"]
    context: Index
    lesion_oversampling: Count
    liver_free_fraction: Fraction
    monitor: Literal["val_lesion_dice", "val_liver_dice", "val_loss"]
    plateau: PlateauParams
    early_stopping_patience: Count | None


class TrainOverrides(Section):
    """Values of ``train`` that one model takes for itself; absent keys keep the shared value."""

    epochs: Count | None = None
    batch_size: Count | None = None
    learning_rate: Positive | None = None
    loss: Literal["bce", "bce_dice"] | None = None
    context: Index | None = None
    lesion_oversampling: Count | None = None
    liver_free_fraction: Fraction | None = None
    monitor: Literal["val_lesion_dice", "val_liver_dice", "val_loss"] | None = None
    plateau: PlateauParams | None = None


class SimpleCnnParams(Section):
    """Convolutions and pooling, then fully connected layers that end in a coarse mask."""

    filters: Annotated[tuple[Count, ...], NotEmpty, Field(max_length=4)]
    dense_units: Count
    grid_size: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    train: TrainOverrides


class UnetParams(Section):
    """Encoder, decoder and skip connections."""

    filters: Count
    depth: Annotated[int, Field(ge=1, le=4)]
    normalization: Literal["batch", "group", "none"]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    train: TrainOverrides


class PretrainParams(Section):
    """Training of the encoder on what a slice shows, for ``weights: slices``."""

    epochs: Count
    batch_size: Count
    learning_rate: Positive


class ResnetParams(Section):
    """A ResNet encoder from keras.applications with a segmentation head."""

    depth: Literal[50, 101, 152]
    last_stage: Literal["conv3", "conv4", "conv5"]
    weights: Annotated[str, Field(min_length=1)]
    weights_sha256: Sha256 | None
    head_filters: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    frozen_epochs: Index
    fine_tune_learning_rate: Positive
    pretrain: PretrainParams
    train: TrainOverrides

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        is_path = self.weights not in ("imagenet", "none", "slices")
        if is_path and self.weights_sha256 is None:
            raise ValueError(
                "expected weights of imagenet, none, slices or a file with its weights_sha256 "
                f"(DVC cannot see what a param points at). Received: weights {self.weights!r} "
                "without weights_sha256"
            )
        if not is_path and self.weights_sha256 is not None:
            raise ValueError(
                "expected weights_sha256 of null unless weights is a file. "
                f"Received: a checksum beside weights {self.weights!r}"
            )
        return self


class ModelsParams(Section):
    """What is each model's own."""

    simple_cnn: SimpleCnnParams
    unet: UnetParams
    resnet: ResnetParams


class PredictParams(Section):
    """Inference."""

    batch_size: Count


class LabelRules(Section):
    """How probabilities become labels on the grid of the scan."""

    liver_threshold: OpenFraction
    lesion_threshold: OpenFraction
    largest_liver_component: bool
    min_lesion_ml: NonNegative
    lesion_connectivity: Literal[6, 18, 26]


class RuleCandidates(Section):
    """Values of three rules; every combination of them is tried on the validation cases."""

    lesion_threshold: Annotated[tuple[OpenFraction, ...], NotEmpty]
    largest_liver_component: Annotated[tuple[bool, ...], NotEmpty]
    min_lesion_ml: Annotated[tuple[NonNegative, ...], NotEmpty]


class ScoreParams(Section):
    """From probabilities to scores; with ``tune`` the best candidates replace their rules."""

    rules: LabelRules
    tune: bool
    candidates: RuleCandidates


class EvaluateParams(Section):
    """Chance: intervals and tests over patients."""

    seed: Index
    num_bootstraps: Count


def _select_models(model: object) -> tuple[ModelName, ...]:
    names = model if isinstance(model, list) else [model]
    if names == ["all"]:
        return MODEL_NAMES
    unknown = [str(name) for name in names if name not in MODEL_NAMES]
    if unknown or not names or len(set(names)) != len(names):
        raise ValueError(
            f"expected all, one of {', '.join(MODEL_NAMES)}, or a list of them without repeats. "
            f"Received: {model!r}{_suggest(unknown, MODEL_NAMES)}"
        )
    return tuple(name for name in MODEL_NAMES if name in names)


class Params(Section):
    """The whole of params.yaml."""

    model: Annotated[tuple[ModelName, ...], PlainValidator(_select_models)]
    data: DataParams
    phantom: PhantomParams
    preprocess: PreprocessParams
    split: SplitParams
    augment: AugmentParams
    train: TrainParams
    models: ModelsParams
    predict: PredictParams
    score: ScoreParams
    evaluate: EvaluateParams


def read_params(path: Path) -> Params:
    """Params of a YAML file, every section validated.

    YAML 1.2 as DVC reads it: ``1e-4`` is a number.

    Raises:
        ParamsError: The file is missing, is no YAML, or holds unknown keys, wrong types or values
            out of range; all problems stand in one message, each with its dotted key.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        text = json.dumps(content, default=str)
    except OSError as error:
        raise ParamsError(
            f"{path}: expected a params file. Received: {str(error.strerror).lower()}. "
            "Run from the repository root, or restore it with `git checkout params.yaml`."
        ) from None
    except (YAMLError, ValueError, TypeError) as error:  # the last two: no text, date or plain key
        raise ParamsError(
            f"{path}: expected YAML. Received: {_locate(error)}. Mend that line."
        ) from None
    try:
        return Params.model_validate_json(text)
    except ValidationError as error:
        problems = [f"  {_describe(problem)}" for problem in error.errors()]
        raise ParamsError(
            "\n".join([f"{path}: {len(problems)} value(s) cannot be used:", *problems])
        ) from None


def apply_overrides(train: TrainParams, overrides: TrainOverrides) -> TrainParams:
    """The shared train section with one model's own values in place."""
    own = {name: value for name, value in overrides if value is not None}
    return train.model_copy(update=own)


def _locate(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return where + " ".join(str(getattr(error, "problem", error)).split())


def _describe(problem: Any) -> str:
    location = [str(part) for part in problem["loc"]]
    key = ".".join(location) or "the file"
    if problem["type"] == "extra_forbidden":
        siblings = _allowed_keys(location[:-1])
        return f"{key}: unknown key{_suggest(location[-1:], siblings)}"
    if problem["type"] == "missing":
        return f"{key}: missing; every value stands in the file"
    if problem["type"] == "model_type":
        return f"{key}: expected keys with values. Received: {problem['input']!r}"
    message = problem["msg"].removeprefix("Value error, ")
    if "Received" in message:
        return f"{key}: {message}"
    return f"{key}: {message[0].lower()}{message[1:]}. Received: {problem['input']!r}"


def _allowed_keys(location: list[str]) -> tuple[str, ...]:
    section: Any = Params
    for part in location:
        section = section.model_fields[part].annotation
    return tuple(section.model_fields)


def _suggest(unknown: list[str], known: tuple[str, ...]) -> str:
    for name in unknown:
        close = difflib.get_close_matches(name, known, n=1)
        if close:
            return f"; did you mean {close[0]!r}?"
    return ""
