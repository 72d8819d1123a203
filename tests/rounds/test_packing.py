from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.saved import load_model
from liverseg.networks.seen import Seen, SeenRange
from liverseg.rounds.packing import pack_model
from tests.scans.conftest import RULES, SIZE, write_model_folder

SEEN = Seen({"slice_mm": SeenRange(1.0, 2.0, 3.0, 5.0)})


def write_seen(folder: Path) -> Path:
    ModelFolder(folder).write_seen(SEEN)
    return folder / "seen.json"


def load_weights(folder: Path) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(each) for each in load_model(folder).weights]


def test_a_packed_model_is_the_same_with_weights_rounded_to_half_floats(tmp_path):
    source = write_model_folder(tmp_path / "source", sharpness=123.456)
    write_model_folder(source / "locator", sharpness=7.89, rules=None)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pack_model([source], write_seen(tmp_path), RULES, tmp_path / name)
    one, two = ModelFolder(tmp_path / "one"), ModelFolder(tmp_path / "two")
    assert one.read_seen() == SEEN
    for packed, again, origin in (
        (one.path, two.path, source),
        (one.locator.path, two.locator.path, source / "locator"),
    ):
        added = {"seen.json"} if packed == one.path else set()
        assert {path.name for path in packed.iterdir()} == added | {
            path.name for path in origin.iterdir()
        }
        for path in packed.glob("*.*"):
            assert path.read_bytes() == (again / path.name).read_bytes()
        weights, rounded = load_weights(origin), load_weights(packed)
        for before, after in zip(weights, rounded, strict=True):
            assert after.dtype == np.float32
            assert np.array_equal(after, before.astype(np.float16).astype(np.float32))
            assert not np.array_equal(after, before) or not before.any()


def test_weights_are_the_means_of_all_rounds_and_all_else_is_of_the_last(tmp_path):
    rounds = [tmp_path / "first", tmp_path / "second"]
    for path, sharpness in zip(rounds, (10.0, 30.0), strict=True):
        write_model_folder(path, sharpness=sharpness)
        write_model_folder(path / "locator", sharpness=2 * sharpness, rules=None)
        (path / "metrics.json").write_text(f'{{"of": "the {path.name}"}}')
    (tmp_path / "mean").mkdir()
    pack_model(rounds, write_seen(tmp_path), RULES, tmp_path / "mean")
    for name, sharpness in (("mean", 20.0), ("mean/locator", 40.0)):
        expected = load_weights(write_model_folder(tmp_path / str(sharpness), sharpness=sharpness))
        for packed, own in zip(load_weights(tmp_path / name), expected, strict=True):
            np.testing.assert_array_equal(packed, own.astype(np.float16))
    assert (tmp_path / "mean/metrics.json").read_text() == '{"of": "the second"}'


@pytest.mark.parametrize("place", [".", "locator"])
@pytest.mark.parametrize("change", [{"context": 2}, {"size": SIZE // 2}])
def test_rounds_that_differ_are_refused_before_anything_is_written(tmp_path, place, change):
    rounds = [tmp_path / "first", tmp_path / "second"]
    for path in rounds:
        for part in (".", "locator"):
            differs = change if path == rounds[0] and part == place else {}
            write_model_folder(path / part, rules=None, **differs)
    (tmp_path / "mean").mkdir()
    with pytest.raises(ModelError, match=r"first.*\.json: expected the same as .*second"):
        pack_model(rounds, write_seen(tmp_path), RULES, tmp_path / "mean")
    assert list((tmp_path / "mean").iterdir()) == []


def test_the_rules_of_the_package_are_those_of_the_params(tmp_path):
    source = write_model_folder(tmp_path / "source")
    write_model_folder(source / "locator", rules=None)
    (tmp_path / "target").mkdir()
    rules = RULES.model_copy(update={"min_lesion_ml": 0.7})
    pack_model([source], write_seen(tmp_path), rules, tmp_path / "target")
    assert ModelFolder(tmp_path / "target").read_rules() == rules


def test_packing_leaves_what_is_not_of_the_model(tmp_path):
    source = write_model_folder(tmp_path / "source")
    write_model_folder(source / "locator", rules=None)
    (tmp_path / "target").mkdir()
    (tmp_path / "target/README.md").write_text("stays")
    pack_model([source], write_seen(tmp_path), RULES, tmp_path / "target")
    assert (tmp_path / "target/README.md").read_text() == "stays"
