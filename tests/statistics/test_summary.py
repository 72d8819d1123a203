import json
import math
from dataclasses import replace

import pytest

from liverseg.errors import DataError
from liverseg.statistics.summary import summarize, write_scores


def summarize_cases(*scores):
    return summarize(scores, seed=1, num_bootstraps=2000)


def summarize_lesions(*scores):
    """Scores by their keys within ``lesions``."""
    estimates = summarize_cases(*scores).estimates
    return {
        key.removeprefix("lesions."): estimate
        for key, estimate in estimates.items()
        if key.startswith("lesions.")
    }


@pytest.fixture
def three_cases(make_score):
    """A lesion half found, none where there is none, and one predicted where there is none."""
    return (
        # lesion Dice 2 * 2 / (4 + 2)
        make_score("1", "1111222211", "1111112211"),
        # two empty masks
        make_score("2", "1111111111", "1111111111"),
        make_score("3", "1111111111", "1111111122"),
    )


def test_both_conventions_on_empty_masks_are_reported_with_their_number_of_cases(three_cases):
    summary = summarize_cases(*three_cases)
    assert summary["lesion.dice_per_case"].value == pytest.approx((4 / 6 + 1 + 0) / 3)
    assert summary["lesion.dice_per_case"].num_cases == 3
    assert summary["lesion.dice_positive"].value == pytest.approx(4 / 6)
    assert summary["lesion.dice_positive"].num_cases == 1


def test_the_global_dice_pools_voxels_of_all_cases(three_cases):
    summary = summarize_cases(*three_cases)
    # shared 2; reference 4; predicted 2 + 2
    assert summary["lesion.dice_global"].value == pytest.approx(2 * 2 / (4 + 4))
    assert summary["lesion.dice_global"].num_cases == 3
    assert summary["lesion.dice_global_positive"].value == pytest.approx(2 * 2 / (4 + 2))
    assert summary["lesion.dice_global_positive"].num_cases == 1


def test_means_leave_out_cases_where_a_score_is_undefined(three_cases):
    summary = summarize_cases(*three_cases)
    # precision: 2 / 2, undefined, 0 / 2; recall: 2 / 4, undefined, undefined
    assert (summary["lesion.precision"].value, summary["lesion.precision"].num_cases) == (0.5, 2)
    assert (summary["lesion.recall"].value, summary["lesion.recall"].num_cases) == (0.5, 1)
    assert (summary["lesion.rvd"].value, summary["lesion.rvd"].num_cases) == (-0.5, 1)
    # from the surfaces of columns 4 to 7 and 6 to 7: 2 + 1 mm over 6 voxels
    assert summary["lesion.assd_mm"].value == pytest.approx(3 / 6)
    assert summary["lesion.assd_mm"].num_cases == 1
    # 1 / 2, 0 and 1
    assert summary["lesion.voe"].value == pytest.approx((0.5 + 0 + 1) / 3)


def test_a_missed_case_drops_out_of_the_distances_is_counted_and_makes_the_penalised_one_worse(
    make_score,
):
    off_by_one = make_score("1", "1112211111", "1111221111")
    found, missed = make_score("2", "1112211111", "1112211111"), "1111111111"
    before = summarize_cases(off_by_one, found)
    after = summarize_cases(make_score("1", "1112211111", missed), found)
    # The surface distances of the first are 1, 0, 0 and 1: their 95th percentile is 1.
    assert before["lesion.hd95_mm"].value == pytest.approx(0.5)
    assert after["lesion.hd95_mm"].value == after["lesion.assd_mm"].value == 0  # "better"
    assert after["lesion.hd95_mm"].num_cases == 1
    assert [each.get_value("lesion.num_missed") for each in (before, after)] == [0, 1]
    assert before["lesion.hd95_mm_with_penalty"].value == pytest.approx(0.5)
    # 1 x 10 x 1 voxels of 1 mm: the diagonal is the root of 102
    assert after["lesion.hd95_mm_with_penalty"].value == pytest.approx(math.sqrt(102) / 2)
    assert after["lesion.hd95_mm_with_penalty"].num_cases == 2


def test_missed_and_invented_regions_are_told_apart(three_cases, make_score):
    summary = summarize_cases(*three_cases, make_score("4", "112", "000"))
    # lesions: found, none, invented, missed; the last case lacks its liver too
    counts = ("lesion.num_missed", "lesion.num_invented", "liver.num_missed", "liver.num_invented")
    assert [summary.get_value(key) for key in counts] == [1, 1, 1, 0]


def test_burden_errors_are_squared_and_the_largest_is_absolute(three_cases):
    summary = summarize_cases(*three_cases)
    # (2 - 4) / 10, 0 and 2 / 10
    assert summary["burden_rmse"].value == pytest.approx(math.sqrt((0.04 + 0 + 0.04) / 3))
    assert summary["burden_largest_error"].value == pytest.approx(0.2)


def test_a_largest_error_below_zero_is_reported_without_its_sign(make_score):
    summary = summarize_cases(make_score("1", "1122", "1111"))
    assert summary["burden_largest_error"].value == 0.5


def test_lesions_are_pooled_over_cases_and_those_without_a_lesion_count(make_score):
    lesions = summarize_lesions(
        make_score("1", "1222212201", "1222112111"),  # 3 of 4 match; 1 of 2 touches, IoU 1 / 2
        make_score("2", "1111111111", "1121211111"),  # two false positives
    )
    assert (
        lesions["num_reference"].value,
        lesions["num_predicted"].value,
        lesions["num_matched"].value,
    ) == (2, 4, 1)
    assert lesions["precision"].value == pytest.approx(1 / 4)
    assert lesions["recall"].value == pytest.approx(1 / 2)
    assert lesions["f1"].value == pytest.approx(2 * 1 / (2 + 4))
    assert lesions["precision_any_overlap"].value == pytest.approx(2 / 4)
    assert lesions["recall_any_overlap"].value == 1
    assert lesions["false_positives_per_case"].value == pytest.approx(3 / 2)
    assert [lesions["precision"].num_cases, lesions["recall"].num_cases] == [2, 1]
    assert lesions["matched_dice"].value == pytest.approx(2 * 3 / (4 + 3))
    assert lesions["matched_voe"].value == pytest.approx(1 - 3 / 4)
    assert lesions["matched_rvd"].value == pytest.approx(-1 / 4)
    assert lesions["matched_assd_mm"].value == pytest.approx(1 / 7, rel=1e-6)
    assert lesions["matched_msd_mm"].value == pytest.approx(1, rel=1e-6)
    assert lesions["matched_dice"].num_cases == 1


def test_matched_lesions_weigh_alike_whichever_case_they_are_from(make_score):
    lesions = summarize_lesions(
        make_score("1", "12221222", "12221222"),  # two with Dice 1
        make_score("2", "12222111", "12221111"),  # one with Dice 6 / 7
    )
    assert lesions["matched_dice"].value == pytest.approx((1 + 1 + 6 / 7) / 3)


def test_false_positives_are_binned_by_their_own_size(make_score):
    # diameters in mm of a row of n voxels: the root of 1 + n * n
    lesions = summarize_lesions(
        make_score("1", "1" + "2" * 15 + "1" * 30, "1" + "2" * 15 + "1" * 30),  # medium, found
        make_score("2", "1" + "2" * 25 + "1" * 20, "1" * 46),  # large, missed
        make_score("3", "1" * 46, "12212" + "1" * 41),  # two small ones that are none
        make_score("4", "1" * 46, "1" + "2" * 30 + "1" * 15),  # a large one that is none
    )
    assert (lesions["small.num_reference"].value, lesions["small.num_false_positives"].value) == (
        0,
        2,
    )
    assert math.isnan(lesions["small.recall"].value)
    assert lesions["small.f1"].value == 0
    assert (lesions["medium.recall"].value, lesions["medium.f1"].value) == (1, 1)
    assert (lesions["large.num_reference"].value, lesions["large.num_false_positives"].value) == (
        1,
        1,
    )
    assert (lesions["large.recall"].value, lesions["large.f1"].value) == (0, 0)


def test_the_f1_of_a_size_counts_what_was_missed_and_what_was_invented(make_score):
    lesions = summarize_lesions(
        # of three lesions one is found; three others are none
        make_score("1", "12212211221111111111", "12211111111121212121"),
    )
    assert (
        lesions["small.num_reference"].value,
        lesions["small.num_matched"].value,
        lesions["small.num_false_positives"].value,
    ) == (3, 1, 4)
    assert lesions["small.recall"].value == pytest.approx(1 / 3)
    assert lesions["small.f1"].value == pytest.approx(2 * 1 / (2 * 1 + 2 + 4))


def test_without_any_lesion_lesion_scores_are_undefined(make_score):
    summary = summarize_cases(make_score("1", "1111", "1111"), make_score("2", "1111", "1111"))
    for name in ("precision", "recall", "f1", "matched_dice"):
        estimate = summary[f"lesions.{name}"]
        assert math.isnan(estimate.value)
        assert estimate.num_cases == 0
    assert summary["lesions.false_positives_per_case"].value == 0
    assert math.isnan(summary["lesion.dice_positive"].value)
    assert math.isnan(summary["lesion.dice_global_positive"].value)
    assert summary["lesion.dice_per_case"].value == summary["lesion.dice_global"].value == 1


def test_six_patients_have_intervals_around_every_mean(make_score):
    rows = ["1222111111", "1122221111", "1112221111", "1111222211", "1111111222", "1111111111"]
    scores = [make_score(str(case), row, "1112222111") for case, row in enumerate(rows)]
    summary = summarize_cases(*scores)
    assert summary.num_patients == 6
    estimate = summary["lesion.dice_per_case"]
    assert 0 <= estimate.low < estimate.value < estimate.high <= 1
    assert summary["burden_rmse"].low < summary["burden_rmse"].value < summary["burden_rmse"].high
    assert math.isnan(summary["burden_largest_error"].low)


def test_six_scans_of_five_patients_have_none(make_score):
    scores = [make_score(str(case), "1122", "1112", patient_id=str(case % 5)) for case in range(6)]
    summary = summarize_cases(*scores)
    assert (summary.num_cases, summary.num_patients) == (6, 5)
    for estimate in summary.estimates.values():
        assert math.isnan(estimate.low)
        assert math.isnan(estimate.high)


def test_the_order_of_the_cases_does_not_matter(three_cases):
    copies = [
        replace(score, case_id=f"{score.case_id}{copy}", patient_id=f"{score.case_id}{copy}")
        for score in three_cases
        for copy in range(4)
    ]
    assert repr(summarize_cases(*copies)) == repr(summarize_cases(*copies[::-1]))


def test_the_json_of_a_summary_nests_by_its_keys_with_null_where_undefined(three_cases, tmp_path):
    path = tmp_path / "scores.json"
    write_scores(path, three_cases, summarize_cases(*three_cases))
    assert "NaN" not in path.read_text()
    document = json.loads(path.read_text())
    assert len(document["cases"]) == 3
    summary = document["summary"]
    assert list(summary)[:2] == ["num_cases", "num_patients"]
    dice = {"value": pytest.approx((4 / 6 + 1 + 0) / 3), "low": None, "high": None, "num_cases": 3}
    assert summary["lesion"]["dice_per_case"] == dice
    assert summary["lesion"]["num_invented"] == 1
    assert summary["lesions"]["small"]["recall"]["value"] == 0  # IoU 2 / 4 is no match
    assert summary["burden_rmse"]["num_cases"] == 3


def test_no_case_is_an_error():
    with pytest.raises(DataError, match="at least one scored case"):
        summarize_cases()
