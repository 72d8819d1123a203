"""A trained model on disk: weights and architecture, loadable without this repository's params."""

import json
from pathlib import Path

import keras

from liverseg.errors import ModelError

WEIGHTS_FILE = "model.weights.h5"
ARCHITECTURE_FILE = "architecture.json"


def write_model(folder: Path, model: keras.Model) -> None:
    """Write an uncompiled model; a compiled one would save its optimizer too."""
    architecture = json.dumps(json.loads(model.to_json()), indent=1)
    (folder / ARCHITECTURE_FILE).write_text(f"{architecture}\n", encoding="utf-8")
    model.save_weights(folder / WEIGHTS_FILE)


def load_model(folder: Path) -> keras.Model:
    """The uncompiled model of a folder.

    Raises:
        ModelError: Files are missing or do not fit each other.
    """
    try:
        architecture = (folder / ARCHITECTURE_FILE).read_text(encoding="utf-8")
        model = keras.models.model_from_json(architecture)
        model.load_weights(folder / WEIGHTS_FILE)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{folder}: expected {ARCHITECTURE_FILE} and {WEIGHTS_FILE} of one model. "
            f"Received: {' '.join(str(error).split())[:300]}. Train it again with `dvc repro`."
        ) from None
    return model
