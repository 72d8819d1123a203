import math
from dataclasses import replace

import pytest

from liverseg.errors import DataError, ModelError
from liverseg.evaluation.results import Inputs, read_results
from liverseg.networks.description import write_description, write_no_model
from liverseg.networks.model_folder import ModelFolder
from liverseg.scoring.score_files import write_case_scores
from liverseg.slices.stacks import Preprocessing, SliceRow, write_index, write_preprocessing
from liverseg.tables.case_table import write_cases
from liverseg.tables.split import CaseRole, write_split


@pytest.fixture
def inputs(tmp_path, score, result, results):
    """A run of the U-Net alone, whose validation case is "2" and whose test case is "3"."""
    unet = result("unet", (score("2", (10, 10, 5)),), (score("3", (10, 10, 9)),))
    run = results(unet)
    models, scores = (
        tuple(tmp_path / kind / name for name in ("simple_cnn", "unet"))
        for kind in ("models", "scores")
    )
    for folder in (*models, *scores):
        folder.mkdir(parents=True)
    write_no_model(models[0], "simple_cnn")
    write_no_model(scores[0], "simple_cnn")
    write_description(models[1], unet.description)
    write_description(scores[1], unet.description)
    ModelFolder(models[1]).write_metrics(unet.training)
    write_case_scores(scores[1] / "cases.json", [*unet.test, *unet.validation])
    background = [*run.floor.validation, *run.floor.test]
    write_case_scores(scores[1] / "all_background.json", background)
    (scores[1] / "calibration.json").write_text('{"liver_ece": 0.25, "lesion_ece": null}')
    for name in ("rules.json", "calibration.csv", "calibrated.csv", "precision_recall.csv"):
        (scores[1] / name).touch()
    write_preprocessing(tmp_path, Preprocessing(((-100, 400),), 16, "npz"))
    write_index(tmp_path, [SliceRow("2", 0, 100, 64)])
    roles = [CaseRole("2", "patient-2", "validation", None), CaseRole("3", "c", "test", None)]
    write_split(tmp_path / "split.csv", roles)
    write_cases(tmp_path / "cases.csv", run.cases.values())
    return Inputs(models, scores, tmp_path, tmp_path / "split.csv", tmp_path / "cases.csv")


def test_a_model_that_is_not_part_of_the_run_is_left_out(inputs):
    assert [each.description.model for each in read_results(inputs).models] == ["unet"]


def test_scores_are_told_apart_by_the_role_of_their_case(inputs):
    (unet,) = read_results(inputs).models
    assert [score.case_id for score in unet.validation] == ["2"]
    assert [score.case_id for score in unet.test] == ["3"]
    assert read_results(inputs).floor.val_accuracy == 0.75


def test_an_undefined_calibration_error_is_nan(inputs):
    (unet,) = read_results(inputs).models
    assert unet.liver_ece == 0.25
    assert math.isnan(unet.lesion_ece)


def test_scores_of_another_training_are_refused(inputs, result):
    other = replace(result("unet", (), ()).description, num_parameters=1)
    write_description(inputs.scores[1], other)
    with pytest.raises(DataError, match="scores of the model in"):
        read_results(inputs)


def test_scores_of_other_cases_than_those_of_the_split_are_refused(inputs, score):
    write_case_scores(inputs.scores[1] / "cases.json", [score("2", (1, 1, 1))])
    with pytest.raises(DataError, match="more or less than these: 3"):
        read_results(inputs)


def test_a_case_that_the_case_table_does_not_know_is_refused(inputs, results, result, score):
    only = results(result("unet", (score("2", (1, 1, 1)),), ())).cases
    write_cases(inputs.cases, only.values())
    with pytest.raises(DataError, match="no case 3"):
        read_results(inputs)


@pytest.mark.parametrize("name", ["rules.json", "cases.json", "precision_recall.csv"])
def test_a_missing_file_of_scores_is_named(inputs, name):
    (inputs.scores[1] / name).unlink()
    with pytest.raises(DataError, match=f"no {name}"):
        read_results(inputs)


def test_damaged_calibration_errors_are_refused(inputs):
    (inputs.scores[1] / "calibration.json").write_text("[]")
    with pytest.raises(DataError, match=r"calibration\.json"):
        read_results(inputs)


def test_a_run_without_any_model_is_refused(inputs):
    alone = replace(inputs, models=inputs.models[:1], scores=inputs.scores[:1])
    with pytest.raises(DataError, match="at least one model"):
        read_results(alone)


def test_folders_that_do_not_pair_are_refused(inputs):
    with pytest.raises(DataError, match="2 and 1"):
        read_results(replace(inputs, scores=inputs.scores[:1]))


def test_a_folder_without_a_model_is_refused(inputs):
    (inputs.models[1] / "model.json").unlink()
    with pytest.raises(ModelError, match=r"model\.json"):
        read_results(inputs)
