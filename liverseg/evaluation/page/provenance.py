"""Where the models come from: their params, inputs, packages, preprocessing and label rules."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from liverseg.errors import DataError
from liverseg.evaluation.results import ModelResult
from liverseg.json_files import read_json
from liverseg.networks.causes import CAUSES_FILE
from liverseg.pages.markdown import TITLES
from liverseg.pages.table import Cell, Column, Table
from liverseg.params import EvaluateParams

PREPROCESSING_FILE = "preprocessing.json"


def build_provenance_tables(models: Sequence[ModelResult], params: EvaluateParams) -> list[Table]:
    """Tables with a column a model; a dash where a model has no such value.

    Raises:
        DataError: A model's files do not say where it comes from.
    """
    causes = [_read_json(model.folder / CAUSES_FILE) for model in models]
    shared = params.model_dump(mode="json")
    values: dict[str, tuple[str, Iterable[Mapping[str, Any]]]] = {
        "params": (
            "Params of the training, overrides in place, and of the evaluation.",
            [{**_drop_overrides(each["params"]), "evaluate": shared} for each in causes],
        ),
        "preprocessing": (
            "From scan to slice.",
            [_read_json(model.folder / PREPROCESSING_FILE) for model in models],
        ),
        "rules": (
            "From slice to label: tuned on the validation cases, but for the flips.",
            [_read_json(model.scores.rules) for model in models],
        ),
        "inputs": (
            "Inputs of the training by their MD5, as dvc.lock gives them.",
            [each["inputs"] for each in causes],
        ),
        "packages": (
            "Packages that compute between slices and weights.",
            [each["packages"] for each in causes],
        ),
    }
    return [
        _build_table(name, caption, models, [_flatten(each) for each in contents])
        for name, (caption, contents) in values.items()
    ]


def _build_table(
    name: str,
    caption: str,
    models: Sequence[ModelResult],
    contents: Sequence[Mapping[str, str]],
) -> Table:
    keys = dict.fromkeys(key for content in contents for key in content)
    titles = [TITLES[model.description.model] for model in models]
    return Table(
        f"{name}-table",
        caption,
        (Column("Name", is_number=False), *(Column(title, is_number=False) for title in titles)),
        tuple((Cell(key), *(Cell(each.get(key)) for each in contents)) for key in keys),
        is_searchable=name == "params",
    )


def _drop_overrides(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Without ``models.<name>.train``, which already stands in ``train``."""
    return {
        name: {key: value for key, value in section.items() if key != "train"}
        for name, section in sections.items()
    }


def _flatten(value: Any, name: str = "") -> dict[str, str]:
    """Texts by their dotted name."""
    if isinstance(value, Mapping):
        prefix = f"{name}." if name else ""
        return {
            key: text
            for member, content in value.items()
            for key, text in _flatten(content, f"{prefix}{member}").items()
        }
    return {name: value if isinstance(value, str) else json.dumps(value)}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = read_json(path)
    except (OSError, ValueError) as error:
        reason = str(error.strerror).lower() if isinstance(error, OSError) else str(error)
        raise DataError(
            str(path),
            expected="a JSON file of the stage that made this folder",
            received=reason,
            next_step="Make it again: `dvc repro`.",
        ) from None
    return content
