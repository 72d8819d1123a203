"""The model of a round as part of the package: the same files, its weights as half floats."""

import shutil
from pathlib import Path

import h5py
import numpy as np

from liverseg.json_files import write_json
from liverseg.networks.architecture import WEIGHTS_FILE
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.seen import SEEN_FILE
from liverseg.params import RULES_FILE, ModelRules


def pack_model(source: Path, seen: Path, rules: ModelRules, target: Path) -> None:
    """Copy a model and its locator; every weight is rounded to the nearest half float.

    That takes half the bytes; networks compute in float32 as before. Equal models give equal bytes.

    Args:
        source: Model folder of a round.
        seen: What the rounds have seen, a file beside them.
        rules: How its probabilities become labels, whatever they were when the round ended.
        target: An existing folder; files of the same names are replaced, others stay.
    """
    locator = ModelFolder(target).locator.path
    locator.mkdir(exist_ok=True)
    for old, new in ((source, target), (ModelFolder(source).locator.path, locator)):
        for path in old.glob("*.json"):
            shutil.copyfile(path, new / path.name)
        _round_weights(old / WEIGHTS_FILE, new / WEIGHTS_FILE)
    write_json(target / RULES_FILE, rules.model_dump())
    shutil.copyfile(seen, target / SEEN_FILE)


def _round_weights(source: Path, target: Path) -> None:
    """Copy an HDF5 file with its groups and attributes, its floats as half floats."""
    with h5py.File(source, "r") as old, h5py.File(target, "w") as new:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                made: h5py.Group | h5py.Dataset = new.require_group(name)
            else:
                values = item[()]
                half = np.issubdtype(values.dtype, np.floating)
                made = new.create_dataset(name, data=values.astype(np.float16) if half else values)
            for key, value in item.attrs.items():
                made.attrs[key] = value

        old.visititems(copy)
        for key, value in old.attrs.items():
            new.attrs[key] = value
