"""The plan of a run: one small file a model says whether the model is part of it.

A stage of one model depends on its own plan file alone, whose bytes stay the same while the choice
of the other models changes: so a run with fewer models leaves the others cached.
"""

import shutil
from collections.abc import Collection
from pathlib import Path

from liverseg.errors import DataError
from liverseg.json_files import read_json, write_json
from liverseg.params import MODEL_NAMES

COPY_NAME = "plan.json"


def write_plan(folder: Path, models: Collection[str]) -> None:
    """Write ``<name>.json`` for every model that there is; ``models`` are part of the run."""
    for name in MODEL_NAMES:
        write_json(folder / f"{name}.json", {"model": name, "is_part_of_run": name in models})


def copy_plan(path: Path, folder: Path) -> None:
    """Hand a plan file on with what a stage made of it, to whoever depends on the folder alone."""
    shutil.copyfile(path, folder / COPY_NAME)


def read_is_part_of_run(path: Path) -> bool:
    """Whether the model of a plan file, or of the copy in a folder, is part of the run.

    Raises:
        DataError: The file is missing or is no plan file.
    """
    if path.is_dir():
        path = path / COPY_NAME
    try:
        is_part = read_json(path)["is_part_of_run"]
    except (OSError, ValueError, KeyError, TypeError):
        is_part = None
    if not isinstance(is_part, bool):
        raise DataError(
            str(path),
            expected='a plan file with "is_part_of_run"',
            received="another content" if path.exists() else "no such file",
            next_step="Write it with the stage plan: `dvc repro plan`.",
        )
    return is_part
