import csv
import json
import math

import pytest

from liverseg.errors import DataError
from liverseg.scoring.score_files import (
    read_case_scores,
    write_case_scores,
    write_score_table,
)


@pytest.fixture
def scores(make_score):
    return (
        make_score("007", "0112210220", "0112200121", patient_id="03"),
        make_score("empty", "000", "000"),
        make_score("missed", "0122", "0000"),
        make_score("invented", "0000", "0122"),
    )


def test_scores_come_back_as_they_were(tmp_path, scores):
    write_case_scores(tmp_path / "scores.json", scores)
    # the text of a float is exact, and shows NaN as equal
    assert repr(read_case_scores(tmp_path / "scores.json")) == repr(scores)


def test_the_json_holds_the_documented_keys(tmp_path, scores):
    path = tmp_path / "scores.json"
    write_case_scores(path, scores)
    case = json.loads(path.read_text())["cases"][0]
    assert case["case_id"] == "007"
    names = {"dice", "precision", "recall", "voe", "rvd", "assd_mm", "msd_mm", "hd95_mm"}
    names |= {"surface_dice_2mm", "hd95_mm_with_penalty"}
    assert case["liver"].keys() == case["lesion"].keys() == names
    assert case["liver"]["dice"] == scores[0].liver.dice
    # the first lesion is found in full; of the second one voxel of two: IoU 1 / 2
    counts = ["num_reference", "num_predicted", "num_matched", "num_touched", "num_touching"]
    assert [case["lesions"][name] for name in counts] == [2, 2, 1, 2, 2]
    assert case["burden_error"] == scores[0].burden_error


def test_undefined_is_null_in_json(tmp_path, scores):
    path = tmp_path / "scores.json"
    write_case_scores(path, scores)
    assert "NaN" not in path.read_text()
    assert json.loads(path.read_text())["cases"][2]["lesion"]["precision"] is None


def test_undefined_is_an_empty_field_in_csv(tmp_path, scores):
    path = tmp_path / "scores.csv"
    write_score_table(path, scores)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["case_id"] for row in rows] == ["007", "empty", "missed", "invented"]
    assert rows[0]["patient_id"] == "03"
    assert float(rows[0]["lesion_assd_mm"]) == scores[0].lesion.assd_mm
    assert rows[1]["lesion_dice"] == "1.0"
    assert rows[1]["lesion_assd_mm"] == ""
    assert rows[2]["liver_rvd"] == "-1.0"
    assert rows[3]["lesions_num_predicted"] == "1"
    assert math.isnan(scores[3].liver.rvd)
    assert rows[3]["liver_rvd"] == ""


def test_equal_scores_give_equal_bytes(tmp_path, scores):
    for name in ("first.json", "second.json"):
        write_case_scores(tmp_path / name, scores)
    assert (tmp_path / "first.json").read_bytes() == (tmp_path / "second.json").read_bytes()


@pytest.mark.parametrize("content", ["", "{}", '{"cases": [{"case_id": "1"}]}', "[1]"])
def test_a_file_of_anything_else_is_refused(tmp_path, content):
    path = tmp_path / "scores.json"
    path.write_text(content)
    with pytest.raises(DataError, match=r"scores\.json: expected scores of cases"):
        read_case_scores(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_case_scores(tmp_path / "scores.json")
