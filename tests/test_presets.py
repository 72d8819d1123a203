"""The ready-made params files fit the code and the shipped params.yaml."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from liverseg.params import MODEL_NAMES, read_params
from tests.pipeline.clone import REPOSITORY

PRESETS = sorted((REPOSITORY / "presets").glob("*.yaml"))


def flatten(section: dict[str, object], prefix: str = "") -> set[str]:
    keys: set[str] = set()
    for name, value in section.items():
        keys |= flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return keys


def read_keys(path: Path) -> set[str]:
    keys = flatten(YAML(typ="safe").load(path))
    return {key for key in keys if ".train." not in key}  # overrides are each file's own


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_can_be_used(path: Path) -> None:
    assert read_params(path).model == (("unet",) if path.stem == "small" else MODEL_NAMES)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_has_the_keys_of_the_shipped_params(path: Path) -> None:
    assert read_keys(path) == read_keys(REPOSITORY / "params.yaml")


def test_the_plain_recipe_is_plain() -> None:
    params = read_params(REPOSITORY / "presets/plain.yaml")
    assert params.train.loss == "bce"
    assert params.train.context == 0
    assert params.train.early_stopping_patience is None
    assert not params.score.tune


@pytest.mark.parametrize(
    ("name", "root", "patients"),
    [
        ("lits", "data/lits", None),
        ("msd", "data/Task03_Liver", None),
        ("ircadb", "data/ircadb", "patients.csv"),
    ],
)
def test_a_public_set_is_read_where_the_readme_puts_it(
    name: str, root: str, patients: str | None
) -> None:
    data = read_params(REPOSITORY / f"presets/{name}.yaml").data
    assert (data.root, data.patients) == (root, patients)


@pytest.mark.parametrize("name", ["msd", "ircadb"])
def test_public_sets_are_trained_alike(name: str) -> None:
    own, lits = (read_params(REPOSITORY / f"presets/{each}.yaml") for each in (name, "lits"))
    for section in set(type(own).model_fields) - {"data", "split"}:
        assert getattr(own, section) == getattr(lits, section), section


def test_lits_leaves_out_what_has_lost_its_geometry() -> None:
    excluded = read_params(REPOSITORY / "presets/lits.yaml").data.exclude
    assert excluded == tuple(str(number) for number in (*range(28, 48), 53, 54))
