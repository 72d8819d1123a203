"""The model that is part of the package, and the word by which it is known."""

from importlib.resources import files
from pathlib import Path

from liverseg.errors import DataError

READY = "ready"
"""Its name on the command line, in the params and in tables."""

READY_FOLDER = Path(str(files("liverseg") / "ready"))

TRAINED_ON = "synthetic scans alone; it has seen no patient"

_MARKER = "model.json"  # what every model folder holds


def find_ready_model(folder: Path = READY_FOLDER) -> Path:
    """The folder of the ready model.

    Args:
        folder: Where it lies; by default in the package that runs.

    Raises:
        DataError: There is none.
    """
    if not (folder / _MARKER).exists():
        raise DataError(
            READY,
            expected=f"the model that is part of the package, in {folder}",
            received=f"no {_MARKER} there",
            next_step="Install a release that has it, or name another model.",
        )
    return folder


def is_ready_model(folder: Path) -> bool:
    """Whether a folder, however it is named, is that of the ready model."""
    return folder.resolve() == READY_FOLDER.resolve()
