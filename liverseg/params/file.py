"""The whole of params.yaml, read and validated."""

import difflib
import json
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import PlainValidator, ValidationError, ValidationInfo, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import (
    AliasToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from liverseg.errors import ParamsError
from liverseg.params.fields import MODEL_NAMES, ModelName, Section
from liverseg.params.input import DataParams, PhantomParams, PreprocessParams, SplitParams
from liverseg.params.models import LocatorParams, ModelsParams
from liverseg.params.scoring import EvaluateParams, ModelRules, PredictParams, ScoreParams
from liverseg.params.training import AugmentParams, TrainParams
from liverseg.regular_files import read_regular

NO_YAML = (YAMLError, ValueError, TypeError, IndexError, RecursionError)
"""ruamel's errors, and what it lets pass: bytes that are no text, impossible dates, keys that are
lists, numbers without a digit, brackets without end."""

LARGEST_FILE = 2**18
"""Bytes; the shipped file has 5 thousand."""

LARGEST_DEPTH = 100
"""Of values in values; for each open bracket ruamel looks through all others."""

_YAML = YAML(typ="safe", pure=True)
_YAML.composer.warn_double_anchors = False  # YAML allows them
_OPENING = (
    *(FlowMappingStartToken, FlowSequenceStartToken),
    *(BlockMappingStartToken, BlockSequenceStartToken),
)
_CLOSING = (FlowMappingEndToken, FlowSequenceEndToken, BlockEndToken)


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
    split: SplitParams
    locator: LocatorParams
    preprocess: PreprocessParams
    augment: AugmentParams
    train: TrainParams
    models: ModelsParams
    predict: PredictParams
    score: ScoreParams
    evaluate: EvaluateParams

    @field_validator("predict")
    @classmethod
    def _check_flips(cls, predict: PredictParams, others: ValidationInfo) -> PredictParams:
        """The liver of ``benchmarks.real_case`` fell to 0.73 by mirror images that it never saw."""
        augment = others.data.get("augment")
        if augment is None:  # has problems of its own
            return predict
        chances = {
            "horizontal": augment.flip.horizontal_probability,
            "vertical": augment.flip.vertical_probability,
        }
        asked = {"none": (), "horizontal": ("horizontal",), "all": tuple(chances)}[predict.flips]
        if unseen := [name for name in asked if not chances[name]]:
            keys = " and ".join(f"augment.flip.{name}_probability" for name in unseen)
            raise ValueError(
                f"expected flips of mirror images that training shows ({keys} above 0), or none. "
                f"Received: {predict.flips}"
            )
        return predict

    @property
    def rules(self) -> ModelRules:
        """The rules of ``score`` with the flips of ``predict``: of a model that is not tuned."""
        return ModelRules(**dict(self.score.rules), flips=self.predict.flips)


def read_params(path: Path) -> Params:
    """Params of a YAML file, every section validated.

    YAML 1.2 as DVC reads it: ``1e-4`` is a number.

    Raises:
        ParamsError: The file is missing, is no YAML, is larger than any set of params, or holds
            unknown keys, wrong types or values out of range; all problems stand in one message,
            each with its dotted key.
    """
    try:
        text = json.dumps(_load_yaml(path), default=str, ensure_ascii=False).encode()
    except OSError as error:
        raise ParamsError(
            f"{path}: expected a params file. Received: {str(error.strerror).lower()}. "
            "Run from the repository root, or restore it with `git checkout params.yaml`."
        ) from None
    except NO_YAML as error:
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


def _load_yaml(path: Path) -> object:
    """The content of a file, which takes no more work than its size: it has no aliases."""
    text = read_regular(path, LARGEST_FILE).decode("utf-8")
    depth = 0
    for token in _YAML.scan(text):
        if isinstance(token, AliasToken):
            raise ValueError(f"the alias *{token.value}: write out what it stands for")
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > LARGEST_DEPTH:
            raise ValueError(f"values nested more than {LARGEST_DEPTH} deep")
    content: object = _YAML.load(text)
    return content


def _locate(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return where + " ".join(str(getattr(error, "problem", error)).split())


def _describe(problem: Any) -> str:
    location = [str(part) for part in problem["loc"] if part != "[key]"]  # a bad key of a mapping
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
        annotation = section.model_fields[part].annotation
        kinds = (annotation, *get_args(annotation))  # the second: a section, or null
        section = next(kind for kind in kinds if hasattr(kind, "model_fields"))
    return tuple(section.model_fields)


def _suggest(unknown: list[str], known: tuple[str, ...]) -> str:
    for name in unknown:
        close = difflib.get_close_matches(name, known, n=1)
        if close:
            return f"; did you mean {close[0]!r}?"
    return ""
