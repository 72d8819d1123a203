import math
from dataclasses import replace

import pytest
from scipy import stats

from liverseg.errors import DataError
from liverseg.statistics.comparison import compare_paired

FIRST = (0.9, 0.8, 0.7, 0.9, 0.6, 0.85, 0.7)
SECOND = (0.7, 0.75, 0.4, 0.5, 0.55, 0.7, 0.72)


@pytest.fixture
def make_model(make_score):
    """Scores of a model, a case and a patient for each lesion Dice."""
    template = make_score("0", "0112", "0112")

    def make(dice_values, patient_ids=None):
        return [
            replace(
                template,
                case_id=f"case {number}",
                patient_id=patient_ids[number] if patient_ids else str(number),
                lesion=replace(template.lesion, dice=dice),
            )
            for number, dice in enumerate(dice_values)
        ]

    return make


def compare(first, second):
    return compare_paired(first, second, seed=1, num_bootstraps=2000)


def test_a_clearly_better_model_has_an_interval_above_0(make_model):
    comparison = compare(make_model(FIRST), make_model(SECOND))
    differences = [one - other for one, other in zip(FIRST, SECOND, strict=True)]
    assert comparison.mean_difference == pytest.approx(sum(differences) / 7)
    assert 0 < comparison.low < comparison.mean_difference < comparison.high
    assert comparison.p_value == pytest.approx(stats.wilcoxon(FIRST, SECOND).pvalue)
    assert comparison.num_patients == 7


def test_swapping_the_models_swaps_the_signs(make_model):
    there = compare(make_model(FIRST), make_model(SECOND))
    back = compare(make_model(SECOND), make_model(FIRST))
    assert back.mean_difference == pytest.approx(-there.mean_difference)
    assert (back.low, back.high) == (pytest.approx(-there.high), pytest.approx(-there.low))
    assert back.p_value == pytest.approx(there.p_value)


def test_six_better_patients_are_just_enough_for_a_rank_test(make_model):
    comparison = compare(make_model([0.9] * 6), make_model([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    assert comparison.p_value == pytest.approx(2 / 2**6)  # both ends of all signs alike


def test_a_model_ties_with_itself(make_model):
    comparison = compare(make_model(FIRST), make_model(FIRST))
    assert (comparison.mean_difference, comparison.low, comparison.high) == (0, 0, 0)
    assert comparison.p_value == 1


def test_five_patients_are_too_few_for_an_interval_and_a_test(make_model):
    comparison = compare(make_model(FIRST[:5]), make_model(SECOND[:5]))
    assert comparison.mean_difference == pytest.approx(0.2)  # 0.2, 0.05, 0.3, 0.4, 0.05
    assert math.isnan(comparison.low)
    assert math.isnan(comparison.p_value)
    assert comparison.num_patients == 5


def test_two_scans_of_a_patient_count_once_in_the_rank_test(make_model):
    patient_ids = ["a", "a", "b", "c", "d", "e", "f"]
    comparison = compare(make_model(FIRST, patient_ids), make_model(SECOND, patient_ids))
    # the first patient gains (0.2 + 0.05) / 2
    by_patient = [0.125, 0.3, 0.4, 0.05, 0.15, -0.02]
    assert comparison.p_value == pytest.approx(stats.wilcoxon(by_patient).pvalue)
    assert comparison.num_patients == 6


def test_the_order_of_the_cases_does_not_matter(make_model):
    first, second = make_model(FIRST), make_model(SECOND)
    assert compare(first[::-1], second).p_value == compare(first, second).p_value


def test_models_scored_on_other_cases_are_not_compared(make_model):
    with pytest.raises(DataError, match="case 6 for one of them alone"):
        compare(make_model(FIRST), make_model(SECOND[:6]))
