"""Scans are judged before they are predicted, and their labels afterwards."""

import json
import re

import nibabel as nib
import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.judging import judge_ends
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from tests.made.grids import build_affine
from tests.scans.conftest import write_body_without_liver


@pytest.fixture(scope="module")
def predictor(model) -> Predictor:
    return Predictor(read_ensemble([model]), batch_size=16)


@pytest.fixture
def predict(tmp_path, predictor):
    """Predict these voxels: the error, and levels and reasons of the findings in the summary."""

    def run(hu, affine, **options):
        nib.save(nib.Nifti1Image(hu, affine), tmp_path / "a.nii")
        out = tmp_path / "out"
        failed = predict_scans(
            find_scans([tmp_path / "a.nii"], out).scans, predictor, out, Options(**options)
        )
        if failed:
            return failed[0].error, []
        findings = json.loads((out / "a" / "summary.json").read_text())["findings"]
        return None, [(each["level"], each["reason"]) for each in findings]

    return run


def shear(affine):
    affine = affine.copy()
    affine[1, 2] = 1.0
    return affine


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda hu: np.maximum(hu + 1000, 0) // 2, "is it MR?"),
        (lambda hu: np.clip((hu + 100.0) * 255 / 500, 0, 255).astype(np.uint8), "8-bit grey"),
        (lambda hu: (hu + 1024).astype(np.uint16), "stored with an offset of 1024"),
        (lambda hu: np.clip((hu + 160) / np.float32(400), 0, 1), "scaled to 0 to 1"),
        (lambda hu: np.where(hu < -1000, np.float32(62512), hu), "16 bits"),
    ],
)
def test_what_a_data_set_cannot_use_is_refused_unless_by_force(phantom, predict, change, words):
    hu, affine = change(phantom.hu), phantom.grid.affine
    error, _ = predict(hu, affine)
    assert str(error).startswith("scan a: expected a CT of the body in HU. Received: ")
    assert words in error.received
    assert "data.exclude" not in str(error)
    assert error.next_step.endswith("If you know better: --force-input.")
    error, found = predict(hu, affine, force_input=True)
    assert error is None
    assert any(level == "error" and words in reason for level, reason in found)
    error, _ = predict(hu, affine)  # what was forced is not done without force
    assert words in error.received


def test_a_sheared_scan_is_refused(phantom, predict):
    error, _ = predict(phantom.hu, shear(phantom.grid.affine))
    assert "sheared" in error.received


def test_a_single_slice_is_refused_even_by_force(phantom, predict):
    error, _ = predict(phantom.hu[..., 10:11], phantom.grid.affine, force_input=True)
    assert "a single slice" in error.received
    assert "--force-input" not in str(error)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda hu: np.flip(hu, 1), "mirrored, front and back exchanged"),
        (lambda hu: np.flip(hu, 2), "mirrored, head and feet exchanged"),
        (lambda hu: hu - np.int16(100), "shifted by -"),
        (lambda hu: np.concatenate([hu, hu], axis=2), "anatomy begins again there"),
    ],
)
def test_what_looks_wrong_is_predicted_and_said(phantom, predict, change, words):
    error, found = predict(change(phantom.hu), phantom.grid.affine)
    assert error is None
    assert [level for level, reason in found if words in reason] == ["warning"]


def test_nothing_is_said_of_the_phantom_as_it_is(phantom, predict):
    _, found = predict(phantom.hu, phantom.grid.affine)
    # a network that knows brightness alone takes much for liver
    of_labels = ("a liver of", "ends within the liver")
    assert [reason for _, reason in found if not any(each in reason for each in of_labels)] == []


def test_a_liver_on_the_wrong_side_is_told_by_the_labels(predict):
    """A trunk of 240 x 180 mm that is darker than the networks' liver, and a block of 420 ml."""
    hu = np.full((75, 75, 30), -1000, np.int16)
    hu[8:68, 15:60] = 0
    hu[42:62, 25:45, 10:23] = 100  # LPS: large i is the patient's left
    affine = np.diag([-4.0, -4, 5, 1])
    _, found = predict(hu, affine)
    # centres at i = 51.5 and, of the body, 37.5: 14 voxels of 4 mm; the networks see 9.4 mm
    (reason,) = [reason for _, reason in found if "exchanged" in reason]
    distance = re.search("left and right exchanged: the liver lies (.*) mm to the left", reason)
    assert float(distance[1]) == pytest.approx(56, abs=4.7)
    _, found = predict(hu[::-1], affine)
    assert [reason for _, reason in found if "exchanged" in reason] == []


def test_a_scan_in_which_no_liver_is_found_says_so(tmp_path, predictor):
    write_body_without_liver(tmp_path / "a.nii")
    out = tmp_path / "out"
    predict_scans(find_scans([tmp_path / "a.nii"], out).scans, predictor, out)
    findings = json.loads((out / "a" / "summary.json").read_text())["findings"]
    assert "no liver was found" in [each["reason"] for each in findings]


@pytest.mark.parametrize("codes", ["LPS", "RAI", "SPL"])
@pytest.mark.parametrize(
    ("side", "where"),
    [
        ("feet", np.s_[:20, 10:30, 10:30]),
        ("head", np.s_[20:, 10:30, 10:30]),
        ("front", np.s_[10:30, :20, 10:30]),
        ("left", np.s_[10:30, 10:30, 20:]),
    ],
)
def test_a_scan_that_ends_within_the_liver_says_on_which_side(codes, side, where):
    """On that side lie 20 x 20 pixels of 2 mm: 16 square centimetres."""
    grid = Grid((40, 40, 40), build_affine(codes, (2.0, 2.0, 2.0)))
    labels = np.zeros(grid.shape, np.uint8)
    reorient_array(labels, codes, "SPL")[where] = 1
    assert [each.reason for each in judge_ends(labels, grid)] == [
        f"the scan ends within the liver, at its {side}"
    ]


def test_a_tip_of_the_liver_at_the_end_of_a_scan_is_no_cut():
    """9 x 9 pixels of 2 mm are 3.2 square centimetres."""
    grid = Grid((40, 40, 40), build_affine("LPS", (2.0, 2.0, 2.0)))
    labels = np.zeros(grid.shape, np.uint8)
    labels[:9, :9, 0] = 1
    assert judge_ends(labels, grid) == ()
