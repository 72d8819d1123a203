"""Which folders a user means by the names of models."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from liverseg.errors import DataError
from liverseg.ready_model import READY, TRAINED_ON, find_ready_model

FINAL_MODEL = Path("models/final")
"""The default: what the pipeline chose, seen from where the user works."""

NamedModel = str | os.PathLike[str]


def find_models(named: NamedModel | Iterable[NamedModel] | None = None) -> list[Path]:
    """The folders of models.

    Args:
        named: One or more. The string ``ready`` is the model of the package, whatever lies in the
            working folder; a folder of that name is ``./ready`` or ``Path("ready")``. None or
            nothing stands for ``models/final`` and, where that is missing, for the ready model: a
            warning says so.

    Raises:
        DataError: The ready model is meant, and the package has none.
    """
    if isinstance(named, str | os.PathLike):
        named = [named]
    folders = [find_ready_model() if each == READY else Path(each) for each in named or ()]
    return folders or [_find_default()]


def _find_default() -> Path:
    if FINAL_MODEL.exists():
        return FINAL_MODEL
    try:
        folder = find_ready_model()
    except DataError as error:
        raise DataError(
            str(FINAL_MODEL),
            expected=f"a trained model, or in its place {error.expected}",
            received="neither",
            next_step="Train one with `dvc repro`, or name a model folder.",
        ) from None
    logging.getLogger(__name__).warning(
        f"no {FINAL_MODEL} here: the model is {READY}, trained on {TRAINED_ON}"
    )
    return folder
