"""Runs that start from the ready model, and those that do not: real runs of a tiny chain."""

import hashlib
import json
import shutil

import h5py
import pytest

from tests.made.package import put_ready_model
from tests.pipeline.clone import Clone

pytestmark = pytest.mark.slow


def shift_weights(clone: Clone) -> None:
    """Make the ready model another one of the same architecture."""
    with h5py.File(clone.folder / "liverseg/ready/model.weights.h5", "r+") as file:
        values: list[h5py.Dataset] = []
        file.visititems(
            lambda _, item: values.append(item) if isinstance(item, h5py.Dataset) else None
        )
        values[0][...] = values[0][...] + 0.25


def repro(clone: Clone) -> set[str]:
    """Which models `dvc repro` trained."""
    clone.forget_timings()
    clone.run("dvc", "repro")
    return clone.list_trained()


def test_a_new_ready_model_trains_exactly_the_model_that_starts_from_it(chain: Clone) -> None:
    trained = shutil.copytree(chain.folder / "models/unet", chain.folder / "trained")
    put_ready_model(chain.folder, trained)
    assert repro(chain) == set()  # nothing starts from it
    chain.set_params({"models.unet.weights": "ready"})
    assert repro(chain) == {"unet"}
    comparison = (chain.folder / "metrics/comparison.md").read_text(encoding="utf-8")
    rows = [line.split()[1] for line in comparison.splitlines() if " ready |" in line]
    assert rows == ["U-Net"]
    model = json.loads((chain.folder / "models/unet/model.json").read_text())
    assert model["initial_weights"] == "ready"
    assert repro(chain) == set()
    shift_weights(chain)
    assert repro(chain) == {"unet"}
    weights = (chain.folder / "liverseg/ready/model.weights.h5").read_bytes()
    causes = json.loads((chain.folder / "models/unet/causes.json").read_text())
    recorded = causes["params"]["models.unet"]
    assert recorded["weights"] == "ready"
    assert recorded["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    chain.set_params({"models.unet.weights": "none"})
    assert repro(chain) == set()  # as it was, from the cache


def test_a_model_of_another_architecture_stops_the_run_with_the_params_to_set(
    chain: Clone,
) -> None:
    trained = shutil.copytree(chain.folder / "models/unet", chain.folder / "trained")
    put_ready_model(chain.folder, trained)
    chain.set_params({"models.unet.weights": "ready", "models.unet.filters": 4})
    said = chain.run("dvc", "repro", "train@unet", expect=255)
    assert "models.unet.filters 2 instead of 4. Set these params to its own" in said
    assert "Traceback" not in said
