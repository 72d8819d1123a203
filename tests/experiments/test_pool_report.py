import json

from liverseg.experiments.folds import pool_folds
from liverseg.experiments.pool_report import format_pool, write_pool
from liverseg.experiments.pool_scores import score_pool
from tests.made.experiments import build_three_runs

POOL = pool_folds(build_three_runs())
SCORES = score_pool(POOL, seed=1, num_bootstraps=200)


def test_the_text_shows_folds_scores_and_what_is_undefined():
    text = format_pool(POOL, SCORES)
    assert text.startswith("U-Net: cross-validation over 3 folds, 7 cases of 6 patients, each")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    assert ["1", "exp-1", "1111111", "3", "3"] in cells
    rows = {row[0]: row[1:] for row in cells if row}
    assert rows["score"] == ["all", "95 % interval", "n", "fold 0", "fold 1", "fold 2", "SD"]
    dice = rows["Lesion Dice, per case"]
    assert dice[0] == "0.529"  # 3.7 / 7
    assert dice[2:] == ["7", "0.300", "0.700", "0.500", "0.200"]
    assert rows["Lesion ASSD, mm"] == ["–", "–", "0", "–", "–", "–", "–"]


def test_the_json_holds_the_same_with_null_where_undefined(tmp_path):
    path = tmp_path / "deep" / "folds.json"
    write_pool(path, POOL, SCORES)
    document = json.loads(path.read_text())
    assert document["model"] == "unet"
    assert (document["num_folds"], document["num_patients"], document["num_cases"]) == (3, 6, 7)
    assert document["folds"][0] == {
        "fold": 0,
        "experiment": "exp-0",
        "commit": "0" * 40,
        "num_patients": 1,
        "num_cases": 2,
    }
    undefined = {"value": None, "low": None, "high": None, "num_cases": 0}
    undefined |= {"folds": [None] * 3, "spread": None}
    assert document["scores"]["lesion_assd_mm"] == undefined
    dice = document["scores"]["lesion_dice_per_case"]
    assert dice["value"] == SCORES[0].pooled.value
    assert dice["low"] < dice["value"] < dice["high"]
