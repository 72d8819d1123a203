"""Rules chosen on validation cases: each scored as if tried alone, the best by both scores."""

import itertools

import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.labels import select_region
from liverseg.params import ScoreParams
from liverseg.params.scoring import RuleCandidates
from liverseg.postprocess.labels import label_volume
from liverseg.scoring.matching import score_lesions
from liverseg.scoring.overlap import count_overlap
from liverseg.scoring.tuning import (
    Candidate,
    RuleScore,
    choose_rules,
    judge_rules,
    list_rules,
    score_rules,
)
from liverseg.slices.geometry import SliceGrid
from tests.scoring.test_predictions import RULES

SIZE, NUM_SLICES = 32, 6
SPACING_MM = (1.0, 1.0, 3.0)
GRID = Grid((SIZE, SIZE, NUM_SLICES), np.diag([-1.0, -1.0, 3.0, 1.0]))
PARAMS = ScoreParams(
    rules=RULES,
    tune=True,
    candidates=RuleCandidates(
        lesion_threshold=(0.2, 0.5, 0.8),
        largest_liver_component=(True, False),
        min_lesion_ml=(0.0, 0.02, 0.1),
    ),
    calibrate=False,
)


def draw_case(seed, num_lesions):
    """Two livers, and blurred lesions in them, some of which are missed, moved or invented."""
    rng = np.random.default_rng(seed)
    values = np.zeros((NUM_SLICES, SIZE, SIZE, 2), np.uint8)
    reference = np.zeros((SIZE, SIZE, NUM_SLICES), np.uint8)
    values[:, 2:20, 2:30, 0], values[:, 24:30, 2:30, 0] = 255, 255  # rows run along j
    reference[2:30, 2:20] = 1
    for _ in range(num_lesions):
        i, j, k = rng.integers((3, 3, 0), (27, 27, 4))
        side, sure = rng.integers(1, 6), rng.integers(30, 256)
        if rng.random() < 0.8:
            reference[i : i + side, j : j + side, k : k + 2] = 2
        di, dj = rng.integers(-1, 2, 2)
        values[k : k + 2, j + dj : j + dj + side, i + di : i + di + side, 1] = sure
    return values, reference


@pytest.mark.parametrize(("seed", "num_lesions"), [(1, 9), (2, 5), (3, 1), (4, 0)])
def test_every_combination_scores_what_it_scores_when_it_alone_is_applied(seed, num_lesions):
    values, reference = draw_case(seed, num_lesions)
    slice_grid = SliceGrid(GRID, SIZE)
    expected = []
    for rules in list_rules(PARAMS):
        labels = label_volume(values[..., 0], values[..., 1], slice_grid, rules)
        masks = [select_region(each, "lesion").transpose(2, 0, 1) for each in (reference, labels)]
        found = score_lesions(*masks, (3.0, 1.0, 1.0), rules.lesion_connectivity)
        counts = found.num_reference, found.num_predicted, found.num_matched
        expected.append(RuleScore(count_overlap(*masks).dice, *counts))
    assert score_rules(values, slice_grid, reference, PARAMS) == expected
    if num_lesions == 9:
        assert len({(score.num_predicted, score.num_matched) for score in expected}) > 5


def test_scores_of_all_cases_are_a_mean_dice_and_a_pooled_f1():
    first = [RuleScore(0.5, 3, 2, 1)] * 18
    second = [RuleScore(1.0, 0, 0, 0)] * 17 + [RuleScore(0.0, 0, 5, 0)]
    candidates = judge_rules(PARAMS, [first, second])
    assert [each.rules for each in candidates] == list(list_rules(PARAMS))
    assert candidates[0].lesion_dice_per_case == 0.75
    assert candidates[0].lesions_f1 == 2 * 1 / (3 + 2)
    assert candidates[0].worth == pytest.approx((0.75 + 0.4) / 2)
    assert candidates[-1].worth == pytest.approx((0.25 + 2 * 1 / (3 + 7)) / 2)


def test_a_case_without_lesion_does_not_decide_alone():
    """Without its one false lesion the Dice is 0.14 better, but a third of the lesions is lost."""
    finds_more = Candidate(RULES.model_copy(update={"lesion_threshold": 0.1}), 0.65, 0.65)
    shows_less = Candidate(RULES, 0.76, 0.50)
    assert choose_rules([shows_less, finds_more]) == finds_more.rules


def test_without_any_lesion_the_dice_alone_decides():
    false, none = Candidate(RULES, 0.5, 0.0), Candidate(RULES, 1.0, float("nan"))
    assert (false.worth, none.worth) == (0.25, 1.0)


def test_of_equal_candidates_the_one_that_shows_least_is_chosen():
    equal = [
        Candidate(
            RULES.model_copy(update={"min_lesion_ml": smallest, "lesion_threshold": threshold}),
            0.7,
            0.6,
        )
        for smallest, threshold in itertools.product((0.5, 0.0, 0.1), (0.3, 0.4))
    ]
    assert choose_rules(equal) == equal[1].rules
