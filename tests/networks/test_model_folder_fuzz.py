"""Whatever a model folder holds, it is a model or an error with a message, in bounded time.

Ten thousand inputs a test: see tests/volumes/test_nifti_fuzz.py.
"""

import copy
import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from liverseg.errors import LiversegError, ModelError
from liverseg.inference.compiled import load_compiled
from liverseg.models.unet import build_model
from liverseg.networks.architecture import read_architecture
from liverseg.networks.description import ModelDescription, write_description
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.saved import SIGNS_OF_DAMAGE, load_model, write_model
from liverseg.scans.ensemble import read_ensemble
from liverseg.slices.stacks import Preprocessing, write_preprocessing
from tests.bounds import bounded
from tests.made.params import build_unet_params
from tests.scans.conftest import RULES

NUM_INPUTS = max(300, settings().max_examples)
SECONDS, MEBIBYTES = 10, 256
NETWORK = build_unet_params(normalization="group")
DESCRIPTION = ModelDescription("unet", 1, "random", "bce", "float32", 1000, 2000)
RANGE_KEYS = ("minimum", "lower_quartile", "upper_quartile", "maximum")
CAUSES = {"inputs": {"split": "0"}, "params": {"train": {"seed": 1}}, "packages": {"numpy": "2"}}
SEEN = {"ranges": {"slice_mm": dict.fromkeys(RANGE_KEYS, 2.5)}}
SNIPPETS = ("[", "]", "{", "}", ":", ",", '"', "\\", "NaN", "-Infinity", "1e999", "null", "true")
SNIPPETS += ("0", "-1", "1.5", "9" * 5000, "\\ud800", "\ufeff", "\x00", "é", "[" * 5000)
NUMBERS = (0, -1, 1.5, 2**31, 2**63, 10**400, float("nan"), float("inf"), -1e308, 5e-324)
snippets = st.sampled_from(SNIPPETS) | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The last in which every file is whole."""
    folder = tmp_path_factory.mktemp("models") / "final"
    folder.mkdir()
    write_description(folder, DESCRIPTION)
    write_preprocessing(folder, Preprocessing(((-100.0, 400.0),), 32, "npz"))
    (folder / "rules.json").write_text(RULES.model_dump_json(), encoding="utf-8")
    (folder / "causes.json").write_text(json.dumps(CAUSES), encoding="utf-8")
    (folder / "seen.json").write_text(json.dumps(SEEN), encoding="utf-8")
    ModelFolder(folder).write_metrics({"kept_epoch": 3, "val_lesion_precision": None})
    write_model(folder, build_model(NETWORK, (32, 32, 3)))
    return folder


def replace_somewhere(content: object, data: st.DataObject, wanted: st.SearchStrategy) -> object:
    """The content with another value somewhere, however deep, or with another key."""
    if not isinstance(content, dict | list) or not content or not data.draw(st.integers(0, 3)):
        return data.draw(wanted)
    changed = copy.copy(content)
    keys = sorted(changed) if isinstance(changed, dict) else range(len(changed))
    key = data.draw(st.sampled_from(keys))
    if isinstance(changed, dict) and not data.draw(st.integers(0, 9)):
        changed[data.draw(st.text(max_size=5))] = data.draw(wanted)
    else:
        changed[key] = replace_somewhere(changed[key], data, wanted)
    return changed


def check_descriptions(folder: Path, name: str, content: bytes) -> None:
    with TemporaryDirectory() as changed:
        for path in folder.glob("*.json"):
            Path(changed, path.name).write_bytes(path.read_bytes())
        Path(changed, name).write_bytes(content)
        model = ModelFolder(Path(changed))
        with bounded(SECONDS, MEBIBYTES):
            for read in (read_ensemble_of, ModelFolder.read_causes, ModelFolder.read_metrics):
                try:
                    read(model)
                    event("read")
                except LiversegError as error:
                    assert len(str(error).splitlines()) == 1  # noqa: PT017
                    event("refused")


def read_ensemble_of(model: ModelFolder) -> None:
    read_ensemble([model.path])


names = st.sampled_from(
    ["model.json", "preprocessing.json", "rules.json", "causes.json", "metrics.json", "seen.json"]
)


@given(names, st.data())
@settings(max_examples=NUM_INPUTS)
def test_any_value_under_any_key_of_a_description_is_read_or_refused(folder, name, data):
    content = json.loads((folder / name).read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(1, 2))):
        content = replace_somewhere(content, data, values)
    check_descriptions(folder, name, json.dumps(content).encode())


@given(names, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40), snippets), max_size=3))
@settings(max_examples=NUM_INPUTS)
def test_a_description_with_any_changes_is_read_or_refused(folder, name, changes):
    text = (folder / name).read_text(encoding="utf-8")
    for place, num_removed, snippet in changes:
        text = text[:place] + snippet + text[place + num_removed :]
    check_descriptions(folder, name, text.encode("utf-8", "surrogatepass"))


def check_architecture(folder: Path, content: bytes) -> None:
    """Only what gets through the look at it is built."""
    with TemporaryDirectory() as changed:
        weights = Path(changed, "model.weights.h5")
        weights.write_bytes((folder / weights.name).read_bytes())
        path = Path(changed, "architecture.json")
        path.write_bytes(content)
        with bounded(SECONDS, MEBIBYTES):
            try:
                read_architecture(path, weights.stat().st_size)
            except (ModelError, *SIGNS_OF_DAMAGE):
                event("refused at a look")
                return
            for load in (load_model, partial(load_compiled, num_threads=1)):
                try:
                    load(Path(changed))
                    event("loaded")
                except ModelError:
                    event("refused by Keras or OpenVINO")


sizes = st.sampled_from([*NUMBERS, 1, 2, 3, 32, 64, "same", "valid", [2, 2], [10**6, 10**6]])


@pytest.mark.filterwarnings("ignore")  # Keras, before its error
@given(st.data())
@settings(max_examples=NUM_INPUTS)
def test_any_value_in_an_architecture_is_loaded_or_refused(folder, data):
    content = json.loads((folder / "architecture.json").read_text(encoding="utf-8"))
    layers = content["config"]["layers"]
    for index in data.draw(st.sets(st.sampled_from(range(len(layers))), min_size=1, max_size=2)):
        config = layers[index]["config"]
        if data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(config)))
            layers[index]["config"] = config | {key: data.draw(sizes | values)}
        else:
            layers[index] = replace_somewhere(layers[index], data, values)
    check_architecture(folder, json.dumps(content).encode())


@given(st.binary(max_size=200) | st.lists(snippets, max_size=20).map("".join))
@settings(max_examples=NUM_INPUTS)
def test_any_bytes_in_place_of_any_file_are_refused(folder, content):
    written = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    check_descriptions(folder, "model.json", written)
    check_architecture(folder, written)
