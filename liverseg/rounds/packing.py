"""The mean of rounds as part of the package: the files of the last, weights as half floats."""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np

from liverseg.json_files import write_json
from liverseg.networks.architecture import WEIGHTS_FILE
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.seen import SEEN_FILE
from liverseg.params import RULES_FILE, ModelRules


def pack_model(rounds: Sequence[Path], seen: Path, rules: ModelRules, target: Path) -> None:
    """Copy the last model and its locator, with the means of the weights of all rounds.

    Rounds that go on from one another lie in one valley of the loss, and the middle of it serves
    unknown scans better than its last point (Izmailov et al., Averaging Weights Leads to Wider
    Optima and Better Generalization, arXiv 1803.05407). Every weight is rounded to the nearest half
    float: half the bytes; networks compute in float32 as before. Equal models give equal bytes.

    Args:
        rounds: Model folders of one architecture, at least one.
        seen: What the rounds have seen, a file beside them.
        rules: How its probabilities become labels, whatever they were when the last round ended.
        target: An existing folder; files of the same names are replaced, others stay.
    """
    locator = ModelFolder(target).locator.path
    locator.mkdir(exist_ok=True)
    for old, new in (
        (rounds, target),
        ([ModelFolder(each).locator.path for each in rounds], locator),
    ):
        for path in old[-1].glob("*.json"):
            shutil.copyfile(path, new / path.name)
        _average_weights([each / WEIGHTS_FILE for each in old], new / WEIGHTS_FILE)
    write_json(target / RULES_FILE, rules.model_dump())
    shutil.copyfile(seen, target / SEEN_FILE)


def _average_weights(sources: Sequence[Path], target: Path) -> None:
    """Write an HDF5 file as the last one is, its floats as half floats: means over all."""
    with ExitStack() as opened:
        files = [opened.enter_context(h5py.File(source, "r")) for source in sources]
        last, new = files[-1], opened.enter_context(h5py.File(target, "w"))

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                made: h5py.Group | h5py.Dataset = new.require_group(name)
            else:
                values = item[()]
                if np.issubdtype(values.dtype, np.floating):
                    each = [file[name][()] for file in files]
                    values = np.mean(each, axis=0, dtype=np.float64).astype(np.float16)
                made = new.create_dataset(name, data=values)
            for key, value in item.attrs.items():
                made.attrs[key] = value

        last.visititems(copy)
        for key, value in last.attrs.items():
            new.attrs[key] = value
