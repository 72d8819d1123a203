import json
import os
from dataclasses import replace

import keras
import nibabel as nib
import numpy as np
import onnxruntime
import pytest

from liverseg.errors import DataError, ModelError
from liverseg.export.exporting import export_model
from liverseg.export.formats import FORMATS, ExportedNetwork
from liverseg.grids.grid import Grid
from liverseg.networks.description import ModelDescription, write_description
from liverseg.networks.recipe import load_recipe
from liverseg.networks.saved import write_model
from liverseg.params import ModelRules, SimpleCnnParams, TrainOverrides
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predictor import Predictor
from liverseg.slices.stacks import Preprocessing, write_preprocessing
from liverseg.volumes.nifti import Volume
from tests.made.params import build_resnet_params, build_unet_params

SIZE = 32
WINDOWS = ((-100.0, 400.0), (0.0, 200.0))
RULES = ModelRules(
    liver_threshold=0.5,
    lesion_threshold=0.5,
    largest_liver_component=False,
    min_lesion_ml=0,
    lesion_connectivity=6,
)
PARAMS = {
    "simple_cnn": SimpleCnnParams(
        filters=(2, 2), dense_units=4, grid_size=4, dropout=0.1, train=TrainOverrides()
    ),
    "unet": build_unet_params(depth=2, normalization="group"),
    "resnet": build_resnet_params(),
}
ALL = [(model, name) for model in PARAMS for name in FORMATS]
QUICK = [("unet", "openvino"), ("unet", "saved_model"), ("simple_cnn", "onnx")]


def write_model_folder(folder, name, params):
    """An untrained model with all that stands beside a trained one."""
    folder.mkdir()
    keras.utils.set_random_seed(1)
    write_model(folder, load_recipe(name).build_model(params, (SIZE, SIZE, 6)))
    write_description(folder, ModelDescription(name, 1, "random", "bce", "float32", 1, 1))
    write_preprocessing(folder, Preprocessing(WINDOWS, SIZE, "npz"))
    (folder / "rules.json").write_text(RULES.model_dump_json())
    return folder


@pytest.fixture(scope="module")
def ensembles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {
        name: read_ensemble([write_model_folder(folder / name, name, params)])
        for name, params in PARAMS.items()
    }


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """Noise on 40 x 44 x 3 voxels: padded and resized."""
    path = tmp_path_factory.mktemp("scan") / "scan.nii.gz"
    hu = np.random.default_rng(0).integers(-200, 500, (40, 44, 3), np.int16)
    nib.save(nib.Nifti1Image(hu, np.diag([-1.0, -1.0, 3.0, 1.0])), path)
    return path


@pytest.mark.parametrize(
    ("model", "name"),
    [pytest.param(*each, marks=() if each in QUICK else pytest.mark.slow) for each in ALL],
)
def test_the_exported_network_says_the_same(ensembles, model, name, scan, tmp_path):
    parity = export_model(ensembles[model], name, tmp_path / "out", scan)
    assert parity.largest_difference < 1e-5
    assert parity.num_differing == 0
    document = json.loads((tmp_path / "out" / "export.json").read_text())
    assert document["parity"]["compared_on"] == "scan.nii.gz"
    assert (tmp_path / "out" / document["file"]).exists()


@pytest.fixture(scope="module")
def onnx_export(ensembles, scan, tmp_path_factory):
    """The U-Net's folder and its JSON."""
    folder = tmp_path_factory.mktemp("onnx") / "out"
    export_model(ensembles["unet"], "onnx", folder, scan)
    return folder, json.loads((folder / "export.json").read_text())


def test_the_json_states_input_output_and_rules(onnx_export):
    _, document = onnx_export
    assert document["input"]["shape"] == [None, SIZE, SIZE, 6]
    assert document["input"]["channels"] == [
        {"slice": offset, "window_hu": list(window)} for offset in (-1, 0, 1) for window in WINDOWS
    ]
    assert document["output"]["regions"] == ["liver", "lesion"]
    assert document["preprocessing"]["axis_codes"] == "SPL"
    assert len(document["preprocessing"]["steps"]) == 6
    rules = document["postprocessing"]
    assert RULES.model_dump().items() <= rules.items()
    assert (rules["liver_connectivity"], len(rules["steps"])) == (26, 7)
    assert document["parity"]["largest_difference"] < 1e-5


def test_a_slice_made_by_hand_as_the_json_says_gets_what_the_pipeline_says(onnx_export, ensembles):
    """Of a scan in LPS that needs neither padding nor resizing: rows are j, columns are i."""
    folder, document = onnx_export
    hu = np.random.default_rng(1).integers(-200, 500, (SIZE, SIZE, 3), np.int16)
    channels = []
    for channel in document["input"]["channels"]:
        low, high = channel["window_hu"]
        plane = hu[:, :, 1 + channel["slice"]].T.astype(float)
        channels.append(np.rint((np.clip(plane, low, high) - low) * 255 / (high - low)))
    batch = np.stack(channels, axis=-1)[None].astype(np.uint8)
    session = onnxruntime.InferenceSession(folder / document["file"])
    names = document["output"]["name"], document["input"]["name"]
    (received,) = session.run([names[0]], {names[1]: batch})
    volume = Volume(hu, Grid(hu.shape, np.diag([-1.0, -1.0, 3.0, 1.0])))
    expected = Predictor(ensembles["unet"]).predict(volume).on_slices.values[1]
    assert np.abs(received[0] - expected / 255).max() < 1 / 510 + 1e-5
    assert np.ptp(expected) > 10


def test_a_network_that_differs_is_an_error_and_writes_nothing(
    ensembles, scan, tmp_path, monkeypatch
):
    """By twice of what is allowed."""
    onnx = FORMATS["onnx"]

    def open_disturbed(path):
        network = onnx.open(path)
        return ExportedNetwork(lambda slices: np.clip(network.run(slices) + 2e-4, 0, 1))

    monkeypatch.setitem(FORMATS, "onnx", replace(onnx, open=open_disturbed))
    with pytest.raises(ModelError, match=r"probability difference: 0\.0002 \(at most 0\.0001\)"):
        export_model(ensembles["unet"], "onnx", tmp_path / "out", scan)
    assert not list(tmp_path.iterdir())


def test_an_earlier_export_is_replaced_and_another_folder_never(ensembles, scan, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for earlier in ("export.json", "model.xml"):
        (out / earlier).touch()
    export_model(ensembles["unet"], "onnx", out, scan)
    assert sorted(path.name for path in out.iterdir()) == ["export.json", "model.onnx"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(DataError, match="an earlier export to replace"):
        export_model(ensembles["unet"], "onnx", tmp_path / "mine", scan)
    assert (tmp_path / "mine" / "thesis.tex").exists()


def test_a_folder_that_the_libraries_cannot_name_is_refused_before_anything_is_written(
    ensembles, scan, tmp_path
):
    out = tmp_path / os.fsdecode(b"caf\xe9")  # as a disk of the nineties has it
    with pytest.raises(DataError, match="expected a path in UTF-8"):
        export_model(ensembles["unet"], "onnx", out, scan)
    assert not out.exists()


def test_a_format_without_its_packages_is_an_error_that_names_the_extra(
    ensembles, scan, tmp_path, monkeypatch
):
    monkeypatch.setattr("liverseg.export.formats.find_spec", lambda _package: None)
    with pytest.raises(DataError, match=r"no onnx, onnxruntime, tf2onnx\. .*\[export\]"):
        export_model(ensembles["unet"], "onnx", tmp_path / "out", scan)
