"""A scan unlike all scans that the models were trained on is told, and by what."""

import json
import re
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.networks.input_figures import InputFigures
from liverseg.networks.model_folder import ModelFolder
from liverseg.networks.seen import Seen, SeenRange, measure_seen
from liverseg.preprocess.slicing import build_stack, describe_slices
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.likeness import judge_likeness
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from liverseg.slices.stacks import write_index, write_preprocessing, write_stack
from liverseg.tables.split import CaseRole
from liverseg.volumes.nifti import Volume
from tests.scans.conftest import AFFINE, OTHER_HU

SEEN = Seen(
    {
        "slice_mm": SeenRange(5.0, 5.0, 5.0, 5.0),
        "liver_hu": SeenRange(80.0, 90.0, 110.0, 120.0),
        "liver_noise_hu": SeenRange(5.2, 6.0, 8.0, 9.4),
    }
)


def judge(**figures: float) -> list[str]:
    usual = {"slice_mm": 5.0, "body_percent": 70.0, "liver_hu": 100.0, "liver_noise_hu": 7.0}
    rest = dict.fromkeys(("liver_spread_hu", "flesh_hu", "liver_above_flesh_hu"))
    found = judge_likeness(InputFigures(**rest | usual | figures), SEEN)
    return [each.reason for each in found]


@pytest.mark.parametrize("liver_hu", [60.0, 80.0, 100.0, 140.0])
def test_a_liver_within_a_distance_of_quartiles_from_the_range_is_like_them(liver_hu):
    assert judge(liver_hu=liver_hu) == []


@pytest.mark.parametrize("liver_hu", [59.0, 141.0])
def test_a_liver_beyond_that_is_told_with_the_range(liver_hu):
    told = f"a liver of {liver_hu:.0f} HU (theirs 80 to 120)"
    assert judge(liver_hu=liver_hu) == [f"unlike all scans that the model was trained on: {told}"]


def test_where_all_training_scans_are_alike_a_small_difference_matters_not():
    assert judge(slice_mm=5.5) == judge(slice_mm=4.5) == []
    (reason,) = judge(slice_mm=1.25)
    assert reason.endswith(": slices 1.2 mm apart (theirs 5.0 to 5.0)")


def test_all_that_is_unlike_is_in_one_sentence():
    (reason,) = judge(liver_hu=30.0, liver_noise_hu=21.26)
    assert reason.endswith(
        ": a liver of 30 HU (theirs 80 to 120), noise of 21.3 HU in the liver (theirs 5.2 to 9.4)"
    )


def test_what_the_scan_or_the_training_scans_do_not_tell_is_not_judged():
    assert judge(liver_hu=None, body_percent=1.0) == []
    usual = InputFigures(5.0, 70.0, 30.0, None, None, None, None)
    assert judge_likeness(usual, Seen({})) == judge_likeness(None, SEEN) == ()


@pytest.fixture(scope="module")
def predict(tmp_path_factory):
    """Predict these voxels with these models: what is said of likeness."""

    def run(hu: np.ndarray, *models: Path) -> list[str]:
        folder = tmp_path_factory.mktemp("scan")
        nib.save(nib.Nifti1Image(np.rint(hu).astype(np.int16), AFFINE), folder / "a.nii")
        predictor = Predictor(read_ensemble(models))
        scans = find_scans([folder / "a.nii"], folder / "out").scans
        assert predict_scans(scans, predictor, folder / "out") == ()
        summary = json.loads((folder / "out/a/summary.json").read_text())
        reasons = [each["reason"] for each in summary["findings"]]
        return [each for each in reasons if each.startswith("unlike")]

    return run


@pytest.fixture(scope="module")
def noisy(hu) -> np.ndarray:
    """The scan with noise, and flesh darker than what the networks take for liver amid air."""
    hu = np.where(hu == OTHER_HU, 10, hu)
    hu[:2] = -1000
    return np.rint(hu + np.random.default_rng(0).normal(0, 4, hu.shape))


def change_liver(hu: np.ndarray, labels: np.ndarray, change: float | np.ndarray) -> np.ndarray:
    return np.where(labels == 1, hu + change, hu)


@pytest.fixture(scope="module")
def trained(model, noisy, labels, tmp_path_factory) -> Path:
    """The model, as if trained on the scan with livers of 90, 95, 100, 105 and 110 HU."""
    folder = ModelFolder(shutil.copytree(model, tmp_path_factory.mktemp("trained") / "model"))
    preprocessing = folder.read_preprocessing()
    slices = tmp_path_factory.mktemp("slices")
    write_preprocessing(slices, preprocessing)
    rows, roles = [], []
    for change in (-10, -5, 0, 5, 10):
        scan = Volume(change_liver(noisy, labels, change), Grid(labels.shape, AFFINE))
        stack = build_stack(str(change), scan, labels, preprocessing, None)
        write_stack(slices, stack, "npz")
        rows += describe_slices(stack)
        roles.append(CaseRole(stack.case_id, stack.case_id, "train", None))
    write_index(slices, rows)
    folder.write_seen(measure_seen(slices, roles))
    return folder.path


def test_a_scan_like_those_of_the_training_passes_and_another_is_told(
    predict, trained, noisy, labels
):
    assert predict(noisy, trained) == []
    (reason,) = predict(change_liver(noisy, labels, 30), trained)
    assert "a liver of 130 HU (theirs 90 to 110)" in reason
    assert "noise" not in reason
    noise = np.random.default_rng(1).normal(0, 10, noisy.shape)
    (reason,) = predict(change_liver(noisy, labels, noise), trained)
    told = re.search(r"noise of (.*) HU in the liver \(theirs (.*) to (.*)\)", reason)
    assert list(map(float, told.groups())) == pytest.approx([np.hypot(4, 10), 4, 4], rel=0.1)


def test_a_model_that_does_not_say_what_it_was_trained_on_tells_nothing(
    predict, model, trained, noisy, labels
):
    brighter = change_liver(noisy, labels, 30)
    assert predict(brighter, model) == []
    assert len(predict(brighter, model, trained)) == 1
