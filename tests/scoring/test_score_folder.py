import math

import pytest

from liverseg.errors import DataError
from liverseg.scoring.score_files import write_case_scores
from liverseg.scoring.score_folder import ScoreFolder


@pytest.fixture
def folder(tmp_path, make_score):
    folder = ScoreFolder(tmp_path / "scores")
    folder.path.mkdir()
    write_case_scores(folder.cases, [make_score("7", "1122", "1112")])
    write_case_scores(folder.all_background, [make_score("7", "1122", "0000")])
    folder.calibration_errors.write_text('{"liver_ece": 0.25, "lesion_ece": null}')
    for path in (folder.rules, folder.calibration, folder.calibrated, folder.precision_recall):
        path.touch()
    return folder


def test_scores_are_read_where_no_file_is_missing(folder):
    assert [score.case_id for score in folder.read_cases()] == ["7"]


@pytest.mark.parametrize(
    "name",
    [
        *("cases.json", "all_background.json", "rules.json", "calibration.csv"),
        *("calibrated.csv", "calibration.json", "precision_recall.csv"),
    ],
)
def test_a_missing_file_is_named(folder, name):
    (folder.path / name).unlink()
    with pytest.raises(DataError, match=f"no {name}"):
        folder.read_cases()


def test_an_undefined_calibration_error_is_nan(folder):
    liver, lesion = folder.read_calibration_errors()
    assert liver == 0.25
    assert math.isnan(lesion)


def test_the_labels_of_a_case_have_a_name_that_any_disk_takes(folder):
    assert folder.labels_of("a/b").parent == folder.labels
