import math

import pytest

from liverseg.evaluation.comparison import build_comparison, write_table
from liverseg.evaluation.figures import summarize_results


@pytest.fixture
def comparison(score, lesions, result, results, params):
    test = (
        # Dice 2 * 30 / (50 + 70) = 0.5; burden 0.07 - 0.05 = 0.02
        score("1", (50, 70, 30), assd_mm=2.0, lesions=lesions(found=1, missed=2, false=1)),
        # No lesion, and none predicted: Dice 1, burden 0
        score("2", (0, 0, 0)),
        # Dice 2 * 40 / (40 + 60) = 0.8; burden 0.06 - 0.04 = 0.02
        score("3", (40, 60, 40), assd_mm=1.0, lesions=lesions(found=2, missed=0, false=0)),
    )
    validation = (score("9", (10, 10, 4)),)
    run = results(result("unet", validation, test))
    return build_comparison(summarize_results(run, params))


def test_there_is_a_row_a_model_and_the_last_is_all_background(comparison):
    assert list(comparison["model"]) == ["unet", "all_background"]


def test_figures_of_a_model_are_those_worked_out_by_hand(comparison):
    row = comparison.iloc[0]
    assert row["lesion_dice_per_case"] == pytest.approx((0.5 + 1 + 0.8) / 3)
    assert row["lesion_dice_per_case_num_cases"] == 3
    assert row["lesion_dice_positive"] == pytest.approx(0.65)
    assert row["lesion_dice_positive_num_cases"] == 2
    assert row["lesion_dice_global"] == pytest.approx(2 * 70 / 220)
    assert row["liver_dice_per_case"] == 1
    assert row["lesion_assd_mm"] == pytest.approx(1.5)
    assert row["lesion_assd_mm_num_cases"] == 2
    assert row["burden_rmse"] == pytest.approx(math.sqrt(2 * 0.02**2 / 3))
    # 3 of 5 found, 3 of 4 right; all between 10 and 20 mm
    assert row["lesions_recall"] == pytest.approx(3 / 5)
    assert row["lesions_precision"] == pytest.approx(3 / 4)
    assert row["lesions_f1"] == pytest.approx(2 * 3 / 9)
    assert row["lesions_medium_f1"] == pytest.approx(2 * 3 / 9)
    assert math.isnan(row["lesions_small_recall"])
    assert row["validation_lesion_dice_per_case"] == pytest.approx(0.4)
    assert row["macs_per_slice"] == 2_000_000_000
    assert row["training_val_lesion_bce"] == 0.0125


def test_all_background_scores_what_arithmetic_says(comparison):
    row = comparison.iloc[1]
    assert row["lesion_dice_per_case"] == pytest.approx(1 / 3)  # the case without lesion
    assert row["lesion_dice_global"] == 0
    assert row["liver_dice_per_case"] == 0
    assert row["burden_rmse"] == pytest.approx(math.sqrt((0.05**2 + 0.04**2) / 3))
    assert row["training_lesion_accuracy"] == 0.99
    assert row["training_val_lesion_accuracy"] == 0.98


def test_whole_numbers_stay_whole_and_undefined_fields_are_empty_on_disk(comparison, tmp_path):
    write_table(tmp_path / "comparison.csv", comparison)
    header, *lines = (tmp_path / "comparison.csv").read_text(encoding="utf-8").splitlines()
    unet, floor = (dict(zip(header.split(","), line.split(","), strict=True)) for line in lines)
    assert unet["num_parameters"] == "1000"
    assert unet["training_val_lesion_precision"] == ""
    assert unet["lesion_dice_per_case_low"] == ""  # three patients
    assert unet["lesion_ece"] == ""
    assert floor["num_parameters"] == ""
    assert floor["training_learning_rate"] == ""
