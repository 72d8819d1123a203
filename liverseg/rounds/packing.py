"""The mean of rounds as part of the package: the files of the last, weights as half floats."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from liverseg.errors import ModelError
from liverseg.json_files import write_json
from liverseg.networks.architecture import ARCHITECTURE_FILE, WEIGHTS_FILE
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.seen import SEEN_FILE
from liverseg.params import RULES_FILE, ModelRules
from liverseg.slices.stacks import PREPROCESSING_FILE

ALIKE = (ARCHITECTURE_FILE, PREPROCESSING_FILE)
"""In which rounds must agree for means of their weights."""


def pack_model(rounds: Sequence[Path], seen: Path, rules: ModelRules, target: Path) -> None:
    """Copy the last model and its locator, with the means of the weights of all rounds.

    Rounds that go on from one another can lie in one valley of the loss, whose middle generalises
    better than a point at its edge (Izmailov et al., Averaging Weights Leads to Wider Optima and
    Better Generalization, arXiv 1803.05407, there along one training). Moving means and variances
    of batch normalisation are averaged like all else, not measured anew. Every weight is rounded to
    the nearest half float: half the bytes; networks compute in float32 as before. Equal models give
    equal bytes. ``metrics.json`` and ``causes.json`` stay those of the last round.

    Args:
        rounds: Model folders of the same layers, which see scans alike; at least one.
        seen: What the rounds have seen, a file beside them.
        rules: How its probabilities become labels, whatever they were when the last round ended.
        target: An existing folder; files of the same names are replaced, others stay.

    Raises:
        ModelError: Rounds differ in layers or in what they see; nothing is written then.
    """
    models = (rounds, [ModelFolder(each).locator.path for each in rounds])
    for folders in models:
        for name in ALIKE:
            _refuse_unlike([folder / name for folder in folders])
    means = [_average_weights([folder / WEIGHTS_FILE for folder in each]) for each in models]
    targets = (target, ModelFolder(target).locator.path)
    for folders, weights, new in zip(models, means, targets, strict=True):
        new.mkdir(exist_ok=True)
        for path in folders[-1].glob("*.json"):
            shutil.copyfile(path, new / path.name)
        _write_weights(new / WEIGHTS_FILE, weights, like=folders[-1] / WEIGHTS_FILE)
    write_json(target / RULES_FILE, rules.model_dump())
    shutil.copyfile(seen, target / SEEN_FILE)


def _refuse_unlike(files: Sequence[Path]) -> None:
    last = files[-1].read_bytes()
    for file in files:
        if file.read_bytes() != last:
            raise ModelError(
                f"{file}: expected the same as {files[-1]}, for means of the weights of both. "
                "Received: another one. Name rounds that go on from one another."
            )


def _average_weights(files: Sequence[Path]) -> dict[str, npt.NDArray[np.float64]]:
    """The means over HDF5 files of all arrays, by their names."""
    means: dict[str, npt.NDArray[np.float64]] = {}
    with ExitStack() as opened:
        first, *others = (opened.enter_context(h5py.File(file, "r")) for file in files)

        def average(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Dataset):
                each = [item[()], *(other[name][()] for other in others)]
                means[name] = np.mean(each, axis=0, dtype=np.float64)

        first.visititems(average)
    return means


def _write_weights(
    file: Path, weights: Mapping[str, npt.NDArray[np.float64]], *, like: Path
) -> None:
    """Write an HDF5 file with the groups and attributes of another, and half floats."""
    with h5py.File(like, "r") as old, h5py.File(file, "w") as new:

        def copy(name: str, item: h5py.Group | h5py.Dataset) -> None:
            if isinstance(item, h5py.Group):
                made: h5py.Group | h5py.Dataset = new.require_group(name)
            else:
                made = new.create_dataset(name, data=weights[name].astype(np.float16))
            for key, value in item.attrs.items():
                made.attrs[key] = value

        old.visititems(copy)
        for key, value in old.attrs.items():
            new.attrs[key] = value
