"""Versions of packages: those that a model was trained with, and those that are installed.

They decide results as code and params do, and DVC does not see them.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from liverseg.json_files import read_json
from liverseg.networks.causes import CAUSES_FILE
from liverseg.text import format_columns


@dataclass(frozen=True)
class PackageChange:
    """A package whose installed version is not that of a model; ``none`` where it is missing."""

    name: str
    of_model: str
    installed: str


def find_package_changes(model: Path) -> tuple[PackageChange, ...] | None:
    """Packages that differ from those that a model was trained with, by name.

    Returns:
        Empty where all are alike; None where the folder does not say, since it holds no model or an
        older one.
    """
    try:
        packages = dict(read_json(model / CAUSES_FILE)["packages"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    pairs = [(str(name), str(of_model), _find_version(name)) for name, of_model in packages.items()]
    return tuple(PackageChange(*pair) for pair in sorted(pairs) if pair[1] != pair[2])


def describe_package_changes(changes: tuple[PackageChange, ...]) -> str:
    """A sentence, and below it a row for each package that differs."""
    if not changes:
        return "The installed packages are those that it was trained with."
    rows = [(each.name, each.of_model, each.installed) for each in changes]
    table = format_columns(("package", "of the model", "installed"), rows)
    return (
        "It was trained with other packages than are installed here, so a new training may give "
        f"another model:\n{table}"
    )


def _find_version(package: str) -> str:
    try:
        return version(package)
    except (PackageNotFoundError, ValueError):  # the second: an empty name
        return "none"
