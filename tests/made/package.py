"""The package as it is installed, with a ready model of a test's own or without one."""

import shutil
from pathlib import Path

from tests.commands import REPOSITORY


def copy_package(folder: Path, ready: Path | None) -> Path:
    """Copy ``liverseg`` into a new folder, to be named as PYTHONPATH.

    Args:
        folder: Where it is made.
        ready: The model folder that becomes the ready model; None for none.
    """
    ignored = shutil.ignore_patterns("__pycache__", "ready")
    shutil.copytree(REPOSITORY / "liverseg", folder / "liverseg", ignore=ignored)
    put_ready_model(folder, ready)
    return folder


def put_ready_model(folder: Path, ready: Path | None) -> None:
    """Make a model folder the ready model of the package in a folder."""
    placed = folder / "liverseg" / "ready"
    shutil.rmtree(placed, ignore_errors=True)
    placed.mkdir()
    shutil.copyfile(REPOSITORY / "liverseg/ready/README.md", placed / "README.md")
    if ready is not None:
        shutil.copytree(ready, placed, dirs_exist_ok=True)
