"""A model does with a new scan what the stages did with the scans that it was scored on."""

import nibabel as nib
import numpy as np
import pytest

from liverseg.inference.mean import load_network
from liverseg.inference.predict import predict_cases
from liverseg.params import ScoreParams
from liverseg.params.scoring import RuleCandidates
from liverseg.postprocess.probabilities import PredictedCase
from liverseg.preprocess.framing import frame_scans
from liverseg.preprocess.slicing import preprocess_cases
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from liverseg.scoring.predictions import ScoringJob, score_predictions
from liverseg.scoring.score_folder import ScoreFolder
from liverseg.tables.case_table import Case
from liverseg.volumes.nifti import read_scan
from tests.scans.conftest import RULES, write_model_folder

SHAPE = (41, 37, 9)
AFFINE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.1, 0.2, -0.1) @ np.diag([1.1, -0.9, 3.0]), (5, 6, 7)
)


def write_case(root) -> Case:
    """Noise around a blob, on an oblique grid of another size than the slices."""
    root.mkdir()
    hu = np.random.default_rng(0).normal(20, 60, SHAPE)
    hu[10:30, 8:28, 2:7] += 80
    hu[15:22, 12:20, 3:6] += 60
    for name, data in (("scan", hu.astype(np.int16)), ("mask", np.ones(SHAPE, np.uint8))):
        nib.save(nib.Nifti1Image(data, AFFINE), root / f"{name}.nii.gz")
    return Case(
        case_id="1",
        patient_id="1",
        scan="scan.nii.gz",
        mask="mask.nii.gz",
        shape=SHAPE,
        spacing_mm=(1.1, 0.9, 3.0),
        axis_codes="RPS",
        dtype="int16",
        hu_min=-300.0,
        hu_max=400.0,
        liver_ml=1.0,
        lesion_ml=0.0,
        num_lesions=0,
        liver_slice_fraction=1.0,
        lesion_slice_fraction=0.0,
    )


@pytest.mark.parametrize("flips", ["none", "horizontal"])
def test_labels_are_those_of_the_stages_to_the_byte(tmp_path, flips):
    rules = RULES.model_copy(
        update={"lesion_threshold": 0.4, "min_lesion_ml": 0.05, "flips": flips}
    )
    model = write_model_folder(tmp_path / "model", sharpness=8.0, sideways=0.7, rules=rules)
    case = write_case(tmp_path / "data")
    folders = [tmp_path / name for name in ("slices", "probabilities", "scores")]
    for folder in folders:
        folder.mkdir()
    slices, probabilities, scores = folders
    ensemble = read_ensemble([model])
    regions = frame_scans(tmp_path / "data", [case], ensemble.preprocessing)
    preprocess_cases(tmp_path / "data", [case], {"1": regions[0]}, ensemble.preprocessing, slices)
    predict_cases(
        load_network(model, ensemble.members[0].description),
        slices,
        [PredictedCase("1", "1", "test")],
        batch_size=4,
        flips=flips,
        folder=probabilities,
    )
    candidates = RuleCandidates(
        lesion_threshold=(0.5,), largest_liver_component=(True,), min_lesion_ml=(0.0,)
    )
    score_predictions(
        ScoringJob(probabilities, flips, {"1": case}, tmp_path / "data", ScoreFolder(scores)),
        ScoreParams(rules=rules, tune=False, candidates=candidates, calibrate=False),
        "model",
    )
    out = tmp_path / "out"
    scans = find_scans([tmp_path / "data" / "scan.nii.gz"], out).scans
    assert predict_scans(scans, Predictor(ensemble, batch_size=7), out) == ()
    by_stages, by_predict = scores / "labels" / "1.nii.gz", out / "scan" / "labels.nii.gz"
    labels = np.asarray(nib.load(by_stages).dataobj)
    assert set(np.unique(labels)) == {0, 1, 2}
    assert by_predict.read_bytes() == by_stages.read_bytes()


def test_flips_are_those_of_the_rules_where_none_are_asked_for(tmp_path):
    rules = RULES.model_copy(update={"flips": "horizontal"})
    model = write_model_folder(tmp_path / "model", sharpness=8.0, sideways=0.7, rules=rules)
    write_case(tmp_path / "data")
    ensemble, scan = read_ensemble([model]), read_scan(tmp_path / "data" / "scan.nii.gz")
    of_rules, horizontal, none = (
        Predictor(ensemble, flips).predict(scan).labels for flips in (None, "horizontal", "none")
    )
    assert np.array_equal(of_rules, horizontal)
    assert not np.array_equal(of_rules, none)
