"""Probabilities on disk in, rules and scores out."""

import json

import nibabel as nib
import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.params import LabelRules, ScoreParams
from liverseg.params.scoring import RuleCandidates
from liverseg.postprocess.probabilities import (
    CaseProbabilities,
    PredictedCase,
    write_predicted_cases,
    write_probabilities,
)
from liverseg.scoring.predictions import ScoringJob, score_predictions
from liverseg.scoring.score_folder import ScoreFolder
from liverseg.slices.geometry import SliceGrid
from tests.evaluation.conftest import build_case

SIZE = 16
AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])
GRID = Grid((SIZE, SIZE, 3), AFFINE)
RULES = LabelRules(
    liver_threshold=0.5,
    lesion_threshold=0.5,
    largest_liver_component=True,
    min_lesion_ml=0.0,
    lesion_connectivity=6,
)
CANDIDATES = RuleCandidates(
    lesion_threshold=(0.5,), largest_liver_component=(True,), min_lesion_ml=(0.0,)
)
BLOCKS = ((2, 2), (2, 9), (9, 2), (9, 9))
SURE = 204  # 0.8, odds of 4 to 1


def write_case(root, case_id, num_true):
    """Four blocks in the middle slice are lesion with 0.8, so many of them truly; liver all."""
    labels = np.ones(GRID.shape, np.uint8)
    values = np.zeros((3, SIZE, SIZE, 2), np.uint8)
    values[..., 0] = 255
    for place, (i, j) in enumerate(BLOCKS):
        labels[i : i + 3, j : j + 3, 1] = 2 if place < num_true else 1
        values[1, j : j + 3, i : i + 3, 1] = SURE  # rows run along j, columns along i
    for name, data in (("segmentation", labels), ("volume", np.zeros(GRID.shape, np.int16))):
        nib.save(nib.Nifti1Image(data, AFFINE), root / f"{name}-{case_id}.nii.gz")
    probabilities = CaseProbabilities(values, SliceGrid(GRID, SIZE))
    write_probabilities(root / "probabilities", case_id, probabilities)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that scores a validation and a test case, of which so many blocks are true."""
    monkeypatch.setenv(
        "LIVERSEG_WORKERS", "1"
    )  # cases this small are done sooner than processes start
    (tmp_path / "probabilities").mkdir()
    roles = (("1", "validation"), ("2", "test"))
    cases = [PredictedCase(case_id, case_id, role) for case_id, role in roles]
    write_predicted_cases(tmp_path / "probabilities", cases)

    def score(name, *num_true, calibrate=True):
        for case, number in zip(cases, num_true, strict=True):
            write_case(tmp_path, case.case_id, number)
        table = {case.case_id: build_case(case.case_id) for case in cases}
        scores = ScoreFolder(tmp_path / name)
        scores.path.mkdir()
        params = ScoreParams(rules=RULES, tune=False, candidates=CANDIDATES, calibrate=calibrate)
        job = ScoringJob(tmp_path / "probabilities", "horizontal", table, tmp_path, scores)
        score_predictions(job, params, "model")
        return scores

    return score


def read_rules(scores):
    return json.loads(scores.rules.read_text())


def list_confidences(scores):
    return [lesion.confidence for case in scores.read_cases() for lesion in case.lesions.predicted]


def test_the_temperature_is_that_of_the_validation_cases_and_moves_no_label(run):
    # 2 of 4 blocks are true where 4 of 5 were promised: odds of 1 to 1 ask for the highest there is
    fitted, plain = run("fitted", 2, 4), run("plain", 2, 4, calibrate=False)
    assert read_rules(fitted)["lesion_temperature"] == pytest.approx(10, abs=0.01)
    assert read_rules(plain)["lesion_temperature"] == 1
    assert read_rules(fitted)["liver_temperature"] == 1  # all of it is certain
    assert read_rules(fitted)["flips"] == "horizontal"  # of the probabilities
    for case_id in ("1", "2"):
        labels = [each.labels_of(case_id).read_bytes() for each in (fitted, plain)]
        assert labels[0] == labels[1]


def test_the_test_cases_have_no_part_in_the_temperature(run):
    rules = [read_rules(run(f"with-{number}", 3, number)) for number in (0, 4)]
    assert rules[0] == rules[1]
    # odds of 3 to 1 where 4 to 1 were promised: log 4 over log 3
    assert rules[0]["lesion_temperature"] == pytest.approx(np.log(4) / np.log(3), abs=1e-3)


def test_every_predicted_lesion_has_a_confidence_the_false_ones_too(run):
    scores = run("scores", 3, 1)
    assert list_confidences(scores) == pytest.approx([3 / 4] * 8, abs=1e-3)
    assert list_confidences(run("plain", 3, 1, calibrate=False)) == pytest.approx([0.8] * 8)
    (_, test) = scores.read_cases()
    assert [lesion.is_matched for lesion in test.lesions.predicted].count(False) == 3


def test_calibration_is_told_before_and_after(run):
    scores = run("scores", 3, 3)
    errors = json.loads(scores.calibration_errors.read_text())
    # 36 of 3 * 16 * 16 pixels say 0.8, and 3 in 4 of them are lesion
    assert errors["lesion_ece"] == pytest.approx(36 / 768 * 0.05)
    assert errors["lesion_ece_calibrated"] == pytest.approx(0, abs=1e-4)
    assert errors["lesion_brier_calibrated"] < errors["lesion_brier"]
    assert errors["liver_ece"] == errors["liver_ece_calibrated"] == 0
    last = [path.read_text().splitlines()[-1] for path in (scores.calibration, scores.calibrated)]
    assert last[0] == "lesion,0.8,0.75,36"
    region, mean, *rest = last[1].split(",")
    assert (region, float(mean), rest) == ("lesion", pytest.approx(0.75, abs=1e-3), ["0.75", "36"])
