import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liverseg.scoring.lesions import LesionScores, PredictedLesion, ReferenceLesion
from liverseg.statistics.bootstrap import PatientBootstrap
from liverseg.statistics.case_columns import tabulate_cases
from liverseg.statistics.froc import build_froc
from tests.evaluation.conftest import build_score


def build_lesions(num_reference, *predicted):
    """So many reference lesions, and predicted ones: confidence, and whether each matches one."""
    num_matched = sum(is_matched for _, is_matched in predicted)
    reference = [
        ReferenceLesion(1.0, 15.0, is_matched=place < num_matched, is_touched=False)
        for place in range(num_reference)
    ]
    return LesionScores(
        tuple(reference),
        tuple(PredictedLesion(1.0, 15.0, each, each, confidence) for confidence, each in predicted),
        (),
    )


def froc_of(*cases):
    """Each case: its number of reference lesions, then its predicted ones."""
    scores = [
        build_score(f"{place:02d}", (1, 1, 1), lesions=build_lesions(*case))
        for place, case in enumerate(cases)
    ]
    return build_froc(tabulate_cases(scores))


FOUR = (
    (2, (0.9, True), (0.6, False), (0.5, True)),
    (1, (0.8, False), (0.7, True)),
    (1, (0.4, False)),
    (0, (0.3, False)),  # no lesion: what is predicted here is false
)


def trace(froc):
    return [each.tolist() for each in froc.trace(np.ones(len(froc.num_reference)))]


def test_the_curve_takes_the_predicted_lesions_from_the_surest_down():
    froc = froc_of(*FOUR)
    num_false, sensitivities = trace(froc)
    # of 4 reference lesions in 4 scans: 0.9 found, 0.8 false, 0.7 found, 0.6 false, 0.5 found, ...
    assert num_false == [0, 0, 0.25, 0.25, 0.5, 0.5, 0.75, 1]
    assert sensitivities == [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 0.75]
    assert froc.least_confidences[1:].tolist() == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    assert math.isnan(froc.least_confidences[0])


def test_the_figure_is_the_mean_of_what_each_rate_allows():
    # 1/8 a scan is half a lesion: 0.25; 1/4: 0.5; 1/2, 1 and 2: 0.75
    assert froc_of(*FOUR).value == pytest.approx((0.25 + 0.5 + 3 * 0.75) / 5)


def test_lesions_of_one_confidence_come_together():
    froc = froc_of((1, (0.5, True), (0.5, False)))
    assert trace(froc) == [[0, 1], [0, 1]]
    assert froc.value == pytest.approx(2 / 5)  # reached at 1 and at 2 false lesions a scan


def test_without_a_prediction_nothing_is_found_and_without_a_reference_nothing_is_known():
    nothing = froc_of((2,), (0,))
    assert nothing.value == 0
    assert trace(nothing) == [[0], [0]]
    assert nothing.has_part.all()
    unknown = froc_of((0, (0.5, False)), (0,))
    assert math.isnan(unknown.value)
    assert not unknown.has_part.any()


def test_lesions_of_masks_cannot_be_ranked():
    froc = froc_of((1, (math.nan, True)), (1, (0.5, True)))
    assert math.isnan(froc.value)
    assert not froc.is_defined


def test_a_perfect_ranking_scores_one_and_the_reverse_what_its_rates_allow():
    assert froc_of((2, (0.9, True), (0.8, True), (0.2, False))).value == 1
    # both false ones come first: 2 a scan, the last rate alone
    reverse = froc_of((2, (0.1, True), (0.1, True), (0.8, False), (0.9, False)))
    assert reverse.value == pytest.approx(1 / 5)


CASES = st.tuples(
    st.integers(0, 4), st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), st.booleans()))
)


@given(st.lists(CASES, min_size=1, max_size=5))
def test_the_curve_never_falls_and_ends_at_recall_and_false_positives(cases):
    cases = [
        (max(num_reference, sum(hit for _, hit in predicted)), *predicted)
        for num_reference, predicted in cases
    ]
    froc = froc_of(*cases)
    if not froc.is_defined:
        assert not any(case[0] for case in cases)
        return
    num_false, sensitivities = trace(froc)
    assert num_false == sorted(num_false)
    assert sensitivities == sorted(sensitivities)
    hits = [hit for _, *predicted in cases for _, hit in predicted]
    assert num_false[-1] == pytest.approx(hits.count(False) / len(cases))
    assert sensitivities[-1] == pytest.approx(hits.count(True) / sum(case[0] for case in cases))
    assert 0 <= froc.value <= sensitivities[-1] + 1e-12


def test_a_case_that_is_drawn_twice_counts_as_two():
    twice = froc_of(FOUR[0], FOUR[0], FOUR[1], FOUR[3])
    weights = np.array([2.0, 1, 0, 1])
    expected = trace(twice)
    received = [each.tolist() for each in froc_of(*FOUR).trace(weights)]
    # without the points at which nothing comes in
    points = sorted(set(zip(*received, strict=True)))
    assert points == sorted(set(zip(*expected, strict=True)))


def test_the_interval_is_over_patients_and_leaves_out_draws_without_a_lesion():
    froc = froc_of(*FOUR, *FOUR)
    patients = ["a", "b", "c", "d", "e", "f", "g", "h"]
    estimate = PatientBootstrap(patients, seed=1, num_bootstraps=500).estimate(froc)
    assert estimate.low <= estimate.value <= estimate.high
    assert 0 <= estimate.low < estimate.high <= 1
    assert estimate.num_cases == 8
    few = PatientBootstrap(["a"] * 8, seed=1, num_bootstraps=500).estimate(froc)
    assert (few.value, math.isnan(few.low)) == (estimate.value, True)
