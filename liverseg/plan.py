"""The plan of a run: one small file a model says whether the model is part of it.

A stage of one model depends on its own plan file alone, whose bytes stay the same while the choice
of the other models changes: so a run with fewer models leaves the others cached.
"""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from liverseg.errors import DataError
from liverseg.json_files import read_json, write_json
from liverseg.params import MODEL_NAMES

COPY_NAME = "plan.json"
LOCATOR = "locator"
"""Planned like a model: it is part of a run whose models see the surroundings of the liver."""


def write_plan(
    folder: Path, models: Collection[str], ready_sha256: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write ``<name>.json`` for every model that there is, and for the locator.

    Args:
        folder: Of the plan; made where it is missing.
        models: Those that are part of the run.
        ready_sha256: Of the weights of the ready model, by the models that start from them. DVC
            does not see what a training reads of the package: so its plan file changes with it.
    """
    for name in (*MODEL_NAMES, LOCATOR):
        plan: dict[str, object] = {"model": name, "is_part_of_run": name in models}
        if name in models and name in ready_sha256:
            plan["ready_sha256"] = ready_sha256[name]
        write_json(folder / f"{name}.json", plan)


def copy_plan(path: Path, folder: Path) -> None:
    """Hand a plan file on with what a stage made of it, to whoever depends on the folder alone."""
    shutil.copyfile(path, folder / COPY_NAME)


def read_is_part_of_run(path: Path) -> bool:
    """Whether the model of a plan file, or of the copy in a folder, is part of the run.

    Raises:
        DataError: The file is missing or is no plan file.
    """
    is_part: bool = _read_plan(path)["is_part_of_run"]
    return is_part


def read_ready_sha256(path: Path) -> str | None:
    """Of the weights of the ready model as they were planned; None where none starts from them.

    Raises:
        DataError: As for ``read_is_part_of_run``.
    """
    sha256: str | None = _read_plan(path).get("ready_sha256")
    return sha256


def _read_plan(path: Path) -> dict[str, Any]:
    if path.is_dir():
        path = path / COPY_NAME
    try:
        plan = read_json(path)
        is_plan = isinstance(plan["is_part_of_run"], bool)
    except (OSError, ValueError, KeyError, TypeError):
        is_plan = False
    if not is_plan:
        raise DataError(
            str(path),
            expected='a plan file with "is_part_of_run"',
            received="another content" if path.exists() else "no such file",
            next_step="Write it with the stage plan: `dvc repro plan`.",
        )
    found: dict[str, Any] = plan
    return found
