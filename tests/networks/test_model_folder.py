import json
import subprocess
import sys
from pathlib import Path

import pytest

from liverseg.errors import LiversegError, ModelError
from liverseg.networks.causes import Causes
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.seen import Seen, SeenRange
from liverseg.scans.ensemble import read_ensemble
from tests.scans.conftest import RULES, write_model_folder

CAUSES = Causes({"split": "0" * 32}, {"train": {"seed": 1, "plateau": None}}, {"numpy": "2.0"})
SEEN = Seen({"slice_mm": SeenRange(1.0, 1.25, 2.5, 5.0)})
METRICS = {"kept_epoch": 3, "val_lesion_dice": 0.1, "val_lesion_precision": None}


@pytest.fixture
def folder(tmp_path) -> ModelFolder:
    folder = ModelFolder(write_model_folder(tmp_path / "model"))
    folder.write_causes(CAUSES)
    folder.write_metrics(METRICS)
    folder.write_seen(SEEN)
    return folder


def change(folder: ModelFolder, name: str, key: str, value: object) -> None:
    path = folder.path / name
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))


def test_everything_that_is_written_comes_back(folder):
    description = folder.read_description()
    assert (description.model, description.context) == ("unet", 1)
    assert folder.read_preprocessing().windows_hu == ((0.0, 255.0),)
    assert folder.read_rules() == RULES
    assert folder.read_causes() == CAUSES
    assert folder.read_seen() == SEEN
    assert repr(folder.read_metrics()) == repr(METRICS)  # an epoch stays a whole number
    assert "NaN" not in (folder.path / "metrics.json").read_text()
    assert folder.load().input_shape == (None, 32, 32, 3)


def test_a_folder_is_read_without_tensorflow(folder):
    code = (
        "import sys; from pathlib import Path; from liverseg.scans.ensemble import read_ensemble; "
        "read_ensemble([Path(sys.argv[1])]); print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(folder.path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        *(("model.json", "context", each) for each in (1.5, None, "1", -1, True, 10**400)),
        ("model.json", "model", "vgg"),
        ("model.json", "loss", "focal"),
        ("model.json", "initial_weights", "x" * 10**5),
        ("model.json", "num_parameters", 1.0),
        ("model.json", "is_part_of_run", "yes"),
        ("model.json", "is_part_of_run", False),
        ("model.json", "other", 1),
        *(("preprocessing.json", "image_size", each) for each in (96.5, None, "96", 0, 10**6)),
        *(
            ("preprocessing.json", "windows_hu", each)
            for each in (
                *([], [[]], [[1]], [[1, 2, 3]], [["a", "b"]], "ab", None, {}),
                *([[0, 10**400]], [[100, 100]], [[100, -100]], [[0, float("inf")]]),
                *([[float("nan"), 100]], [[-1e308, 1e308]], [[0, 255]] * 17),
            )
        ),
        ("preprocessing.json", "format", "jpeg"),
        ("preprocessing.json", "axis_codes", "IPL"),
        ("rules.json", "lesion_threshold", "0.5"),
        ("rules.json", "min_lesion_ml", float("inf")),
        *(("seen.json", "ranges", each) for each in (None, [], {"slice_mm": {"minimum": "1"}})),
    ],
)
def test_a_value_that_cannot_be_used_is_one_message_that_names_its_key(folder, name, key, value):
    change(folder, name, key, value)
    with pytest.raises(LiversegError) as caught:
        read_ensemble([folder.path])
    message = str(caught.value)
    assert message.startswith(f"{folder.path / name}: expected")
    assert key in message or key == "is_part_of_run"
    assert len(message.splitlines()) == 1
    assert len(message) < 1000


@pytest.mark.parametrize("name", ["model.json", "preprocessing.json", "rules.json"])
@pytest.mark.parametrize("content", [None, b"", b"[" * 10**5, b'{"a":' * 10**5, b"3", b"\xff"])
def test_a_file_that_is_no_description_is_a_users_error(folder, name, content):
    path = folder.path / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(LiversegError, match=name.replace(".", r"\.")):
        read_ensemble([folder.path])


@pytest.mark.parametrize("content", [None, b"", b"[" * 10**5, b'{"a": "b"}', b'{"a": NaN}'])
def test_damaged_metrics_and_causes_are_users_errors(folder, content):
    for name, read in (("metrics", folder.read_metrics), ("causes", folder.read_causes)):
        path = Path(folder.path, f"{name}.json")
        path.unlink() if content is None else path.write_bytes(content)
        with pytest.raises(ModelError, match=rf"{name}\.json: expected .* `dvc repro`"):
            read()
