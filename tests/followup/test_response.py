"""RECIST 1.1 by its own rules, worked out by hand."""

import pytest

from liverseg.followup.changes import ComparedLesions, compare_lesions
from liverseg.followup.pairing import Track
from liverseg.followup.response import find_measurable_mm, judge_response, judge_sums
from liverseg.followup.study import Lesion, Study
from liverseg.scans.diameters import Diameters
from tests.made.followup import NOWHERE, build_labels

LABELS = build_labels([])


def build(*longest_mm: float) -> Study:
    lesions = tuple(
        Lesion(number, each**3 / 2000, Diameters(each, each, NOWHERE, NOWHERE), None)
        for number, each in enumerate(longest_mm, start=1)
    )
    return Study("made", LABELS, None, lesions, None)


def judge(before, after, tracks):
    """The response to lesions of these diameters; tracks are pairs of tuples of numbers."""
    baseline, followup = build(*before), build(*after)
    compared: list[ComparedLesions] = [
        compare_lesions(Track(*track), baseline, followup) for track in tracks
    ]
    return judge_response(compared, baseline)


@pytest.mark.parametrize(
    ("before_mm", "after_mm", "outcome"),
    [
        (100, 0, "CR"),
        (100, 70, "PR"),
        (100, 70.1, "SD"),
        (100, 119.9, "SD"),
        (100, 120, "PD"),
        (20, 24.9, "SD"),  # 24.5 %, but 4.9 mm
        (20, 25, "PD"),
        (0.1 + 0.2, 0.21, "PR"),  # 30 %, whatever binary fractions make of it
    ],
)
def test_sums_are_judged_by_their_share_and_by_millimetres(before_mm, after_mm, outcome):
    assert judge_sums(before_mm, after_mm) == outcome


def test_targets_are_the_two_longest_of_ten_millimetres():
    response = judge((12, 30, 9.9, 25), (12, 30, 9.9, 25), [((n,), (n,)) for n in (1, 2, 3, 4)])
    assert response.targets == (2, 4)
    assert (response.baseline_sum_mm, response.followup_sum_mm) == (55, 55)
    assert (response.overall, response.other_outcome) == ("SD", "non-CR/non-PD")


@pytest.mark.parametrize(("slice_mm", "measurable_mm"), [(1, 10), (5, 10), (5.00001, 10), (8, 16)])
def test_thick_slices_ask_for_twice_their_thickness(slice_mm, measurable_mm):
    assert find_measurable_mm(slice_mm) == measurable_mm


def test_parts_of_a_target_count_together():
    response = judge((40,), (20, 15), [((1,), (1, 2))])
    assert (response.followup_sum_mm, response.overall) == (35, "SD")


def test_targets_that_have_merged_count_once():
    response = judge((20, 15), (38,), [((1, 2), (1,))])
    assert (response.baseline_sum_mm, response.followup_sum_mm) == (35, 38)


def test_a_new_lesion_is_progression_whatever_the_sum():
    response = judge((40,), (10, 5), [((1,), (1,)), ((), (2,))])
    assert (response.target_outcome, response.overall) == ("PR", "PD")
    assert response.new_lesions == (2,)


@pytest.mark.parametrize(
    ("before", "after", "tracks", "overall"),
    [
        ((20, 8), (8,), [((1,), ()), ((2,), (1,))], "PR"),  # targets gone, another not
        ((20, 8), (), [((1,), ()), ((2,), ())], "CR"),
        ((8,), (9,), [((1,), (1,))], "non-CR/non-PD"),
        ((8,), (), [((1,), ())], "CR"),
        ((), (), [], "NE"),
        ((), (12,), [((), (1,))], "PD"),
    ],
)
def test_targets_and_others_together_make_the_response(before, after, tracks, overall):
    assert judge(before, after, tracks).overall == overall
