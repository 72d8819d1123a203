import math
import statistics

import pytest

from liverseg.experiments.folds import pool_folds
from liverseg.experiments.pool_scores import score_pool
from tests.made.experiments import build_fold_run, build_row, build_three_runs


def score(runs, seed=1):
    scores = score_pool(pool_folds(runs), seed=seed, num_bootstraps=200)
    return {each.score.column: each for each in scores}


def build_runs(*folds):
    return [build_fold_run(number, rows) for number, rows in enumerate(folds)]


def test_the_pooled_mean_is_over_cases_and_not_over_folds():
    dice = score(build_three_runs())["lesion_dice_per_case"]
    # 0.2 + 0.4 | 0.5 + 0.6 + 1.0 | 0.3 + 0.7; the mean of the fold means were 0.5
    assert dice.pooled.value == pytest.approx(3.7 / 7)
    assert dice.pooled.num_cases == 7
    assert dice.parts == pytest.approx((0.3, 0.7, 0.5))


def test_the_spread_is_the_sample_standard_deviation_over_folds():
    # fold means 0.3, 0.7, 0.5: deviations -0.2, 0.2, 0 of their mean, 0.08 / 2 = 0.2^2
    assert score(build_three_runs())["lesion_dice_per_case"].spread == pytest.approx(0.2)


def test_an_undefined_score_is_left_out_of_mean_fold_and_spread():
    assd = score(
        build_runs(
            [build_row("1", "a", lesion_assd_mm=2.0), build_row("2", "b")],
            [build_row("3", "c", lesion_assd_mm=5.0), build_row("4", "d", lesion_assd_mm=7.0)],
            [build_row("5", "e")],
        )
    )["lesion_assd_mm"]
    assert assd.pooled.value == pytest.approx((2 + 5 + 7) / 3)
    assert assd.pooled.num_cases == 3
    assert assd.parts[:2] == (2, 6)
    assert math.isnan(assd.parts[2])
    assert assd.spread == pytest.approx(statistics.stdev([2, 6]))


def test_a_score_that_only_one_fold_defines_has_no_spread():
    runs = build_runs(
        [build_row("1", "a", lesion_assd_mm=2.0)], [build_row("2", "b")], [build_row("3", "c")]
    )
    assd, hd95 = score(runs)["lesion_assd_mm"], score(runs)["lesion_hd95_mm"]
    assert assd.pooled.value == 2
    assert math.isnan(assd.spread)
    assert math.isnan(hd95.pooled.value)
    assert hd95.pooled.num_cases == 0
    assert math.isnan(hd95.spread)


def test_the_burden_error_is_a_root_mean_square():
    burden = score(
        build_runs(
            [build_row("1", "a", burden_error=0.03), build_row("2", "b", burden_error=-0.04)],
            [build_row("3", "c", burden_error=0.0)],
            [build_row("4", "d", burden_error=-0.05)],
        )
    )["burden_rmse"]
    assert burden.pooled.value == pytest.approx(math.sqrt((9 + 16 + 0 + 25) / 4) / 100)
    assert burden.parts == pytest.approx((math.sqrt(12.5) / 100, 0, 0.05))


def test_lesions_are_pooled_and_a_case_without_any_counts_with_what_is_predicted():
    scores = score(
        build_runs(
            [build_row("1", "a", lesions=(4, 2, 1))],
            [build_row("2", "b", lesions=(1, 3, 1))],
            [build_row("3", "c", 0.0, lesions=(0, 2, 0))],
        )
    )
    assert scores["lesions_recall"].pooled.value == pytest.approx(2 / 5)
    assert scores["lesions_recall"].pooled.num_cases == 2
    assert math.isnan(scores["lesions_recall"].parts[2])
    assert scores["lesions_precision"].pooled.value == pytest.approx(2 / 7)
    assert scores["lesions_f1"].pooled.value == pytest.approx(2 * 2 / (5 + 7))
    assert scores["lesions_f1"].parts == pytest.approx((2 / 6, 2 / 4, 0))


def test_a_case_without_lesion_counts_in_one_mean_dice_and_not_in_the_other():
    scores = score(
        build_runs(
            [build_row("1", "a", 1.0, lesions=(0, 0, 0))],
            [build_row("2", "b", 0.4)],
            [build_row("3", "c", 0.6)],
        )
    )
    assert scores["lesion_dice_per_case"].pooled.value == pytest.approx(2 / 3)
    assert scores["lesion_dice_positive"].pooled.value == pytest.approx(0.5)
    assert scores["lesion_dice_positive"].pooled.num_cases == 2


def test_six_patients_have_an_interval_and_five_have_none():
    six = score(build_three_runs())["lesion_dice_per_case"].pooled
    assert 0.2 <= six.low < six.value < six.high <= 1
    same = score(build_three_runs())["liver_dice_per_case"].pooled
    assert (same.low, same.high) == pytest.approx((0.9, 0.9))  # all cases score 0.9
    runs = build_three_runs()
    five = [runs[1], runs[2], build_fold_run(2, [build_row("7", "f"), build_row("10", "f")])]
    pooled = score(five)["lesion_dice_per_case"].pooled
    assert pooled.num_cases == 7
    assert math.isnan(pooled.low)
    assert math.isnan(pooled.high)


def test_the_interval_hangs_on_the_seed_and_not_on_the_order_of_the_experiments():
    runs = build_three_runs()
    assert score(runs)["lesion_dice_per_case"] == score(runs[::-1])["lesion_dice_per_case"]
    other = score(runs, seed=2)["lesion_dice_per_case"].pooled
    assert other.value == score(runs)["lesion_dice_per_case"].pooled.value
    assert other != score(runs)["lesion_dice_per_case"].pooled
