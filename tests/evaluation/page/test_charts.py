"""What the plots of the page hold."""

import json
import math

import pandas as pd
import pytest

from liverseg.evaluation.figures import ALL_BACKGROUND, summarize_results
from liverseg.evaluation.page.data_charts import draw_diameters, draw_spacings
from liverseg.evaluation.page.pixel_charts import draw_calibration, draw_curves
from liverseg.evaluation.page.score_charts import (
    draw_cases,
    draw_estimates,
    draw_froc,
    draw_recall_by_size,
)


@pytest.fixture
def figures(score, lesions, result, results, params):
    """A U-Net with one test case: one of four lesions of 15 mm is matched."""
    test = (score("7", (100, 50, 30), lesions=lesions(found=1, missed=3, false=0)),)
    run = results(result("unet", (score("8", (1, 1, 1)),), test))
    summarized = summarize_results(run, params)
    return {each.name: each for each in summarized if each.name != ALL_BACKGROUND}


def test_recall_by_size_counts_the_lesions_of_each_size(figures):
    chart = draw_recall_by_size(figures)
    (trace,) = chart.content["data"]
    assert trace["x"] == [
        "&lt; 10 mm<br>0 lesions",
        "10 to 20 mm<br>4 lesions",
        "&gt; 20 mm<br>0 lesions",
    ]
    assert trace["y"] == [None, 0.25, None]
    assert trace["customdata"] == ["0 of 0", "1 of 4", "0 of 0"]


def test_what_is_undefined_is_null_and_the_rest_is_json(figures):
    chart = draw_estimates(figures)
    assert any(math.isnan(each) for each in chart.traces[0]["error_y"]["array"])  # too few patients
    json.dumps(chart.content, allow_nan=False)


def test_cases_stand_in_the_order_of_their_mean_dice_and_their_ids_are_no_markup():
    tables = {
        "unet": pd.DataFrame({"case_id": ["1", "<b>2"], "lesion_dice": [0.9, 0.4]}),
        "resnet": pd.DataFrame({"case_id": ["1", "<b>2"], "lesion_dice": [0.1, 0.5]}),
    }
    chart = draw_cases(tables)  # means 0.5 and 0.45
    assert chart.content["layout"]["xaxis"]["categoryarray"] == ["&lt;b&gt;2", "1"]


def test_the_kept_epoch_is_ringed_on_the_validation_curve(figures):
    table = pd.DataFrame({"epoch": [1, 2, 3], "learning_rate": ["0.1", "0.1", "0.01"]})
    for name in ("lesion_dice", "liver_dice", "loss"):
        table[name] = ["0.1", "0.2", "0.3"]
        table[f"val_{name}"] = ["0.4", None, "0.6"]
    dice, *_ = draw_curves({"unet": table}, figures)  # the third epoch was kept
    validation, training, ring = dice.content["data"]
    assert validation["y"] == [0.4, None, 0.6]
    assert training["y"] == [0.1, 0.2, 0.3]
    assert (ring["x"], ring["y"]) == ([3], [0.6])


def test_lesions_are_counted_in_steps_of_5_mm(score, lesions, result, results):
    test = (score("7", (9, 9, 9), lesions=lesions(1, 1, 0, diameter_mm=12.5)),)
    run = results(result("unet", (score("8", (0, 0, 0)),), test))
    validation, tested = draw_diameters(run).content["data"]
    assert tested["customdata"][2] == "10 to 15 mm"
    assert tested["y"][:4] == [0, 0, 2, 0]
    assert sum(validation["y"]) == 0


def test_spacings_are_drawn_by_role(evaluation):
    train, validation, test = draw_spacings(evaluation.results).content["data"]
    assert (train["x"], train["y"], train["text"]) == ([1.0], [2.0], ["000"])
    assert [len(each["x"]) for each in (validation, test)] == [6, 6]


def test_the_froc_curve_is_a_stair_that_ends_in_a_mark():
    table = pd.DataFrame(
        {
            "false_per_scan": [0.0, 0.0, 0.5],
            "sensitivity": [0.0, 0.25, 0.25],
            "least_confidence": [math.nan, 0.75, 0.5],
        }
    )
    curve, end = draw_froc({"unet": table}).content["data"]
    assert curve["line"]["shape"] == "hv"
    assert (curve["x"], curve["y"]) == ([0, 0, 0.5], [0, 0.25, 0.25])
    assert curve["text"] == [
        "no lesion counts",
        "confidence from 0.75 on",
        "confidence from 0.50 on",
    ]
    assert (end["x"], end["y"], end["mode"]) == ([0.5], [0.25], "markers")


def test_a_model_without_a_froc_curve_draws_none():
    columns = ["false_per_scan", "sensitivity", "least_confidence"]
    curve, end = draw_froc({"unet": pd.DataFrame(columns=columns)}).content["data"]
    assert curve["x"] == end["x"] == []


def test_calibration_is_solid_as_it_is_in_use_and_dotted_as_it_came():
    columns = ["mean_probability", "observed_share", "num_pixels"]
    before, after = (
        {"unet": pd.DataFrame([[mean, "0.5", "9"]], columns=columns)} for mean in ("0.75", "0.5")
    )
    _, calibrated, raw = draw_calibration(before, after).content["data"]
    assert (calibrated["x"], raw["x"]) == ([0.5], [0.75])
    assert "dash" not in calibrated["line"]
    assert raw["line"]["dash"] == "dot"
