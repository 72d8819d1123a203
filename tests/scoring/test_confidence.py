import math

import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.params import ModelRules
from liverseg.scoring.case_score import score_case
from liverseg.scoring.confidence import measure_confidence, rank_lesions

RULES = ModelRules(
    liver_threshold=0.5,
    lesion_threshold=0.5,
    largest_liver_component=True,
    min_lesion_ml=0,
    lesion_connectivity=6,
)
AFFINES = {
    "slices last": np.diag([-1.0, -1.0, 2.0, 1.0]),
    "slices first": np.array([[0, 0, -1.0, 0], [0, -1.0, 0, 0], [2.0, 0, 0, 0], [0, 0, 0, 1]]),
}


def rank(labels, probability, *, affine=AFFINES["slices last"], temperature=1.0):
    grid = Grid(labels.shape, affine)
    score = score_case("7", "7", labels, labels, grid, 6)
    rules = RULES.model_copy(update={"lesion_temperature": temperature})
    return rank_lesions(score, labels, probability, grid, rules).lesions.predicted


def test_the_confidence_is_the_mean_calibrated_probability():
    # odds of 4 to 1 and of 1 to 4, at their roots 2 to 1 and 1 to 2; 1 stays
    steps = np.array([204, 51, 255], np.uint8)
    assert measure_confidence(steps, 1) == pytest.approx((0.8 + 0.2 + 1) / 3)
    assert measure_confidence(steps, 2) == pytest.approx((2 / 3 + 1 / 3 + 1) / 3)


@pytest.mark.parametrize("affine", AFFINES.values(), ids=AFFINES)
def test_each_lesion_gets_the_confidence_of_its_own_voxels(affine):
    labels = np.ones((7, 8, 9), np.uint8)
    probability = np.full(labels.shape, 255, np.uint8)
    # lesions of one, two and three voxels, met in another order along each axis
    for number, place in enumerate([(5, 0, 4), (0, 4, 6), (2, 6, 0)], start=1):
        i, j, k = place
        labels[i, j, k : k + number] = 2
        probability[i, j, k : k + number] = 51 * number
    lesions = rank(labels, probability, affine=affine)
    by_size = {round(each.volume_ml / 0.002): each.confidence for each in lesions}
    assert by_size == pytest.approx({1: 0.2, 2: 0.4, 3: 0.6})


def test_a_temperature_moves_the_confidence():
    labels = np.full((2, 2, 2), 2, np.uint8)
    (lesion,) = rank(labels, np.full(labels.shape, 204, np.uint8), temperature=2.0)
    assert lesion.confidence == pytest.approx(2 / 3)


@pytest.mark.parametrize("value", [0, 1])
def test_without_a_predicted_lesion_nothing_is_ranked(value):
    labels = np.full((3, 4, 5), value, np.uint8)
    assert rank(labels, np.full(labels.shape, 200, np.uint8)) == ()


def test_a_score_of_masks_alone_has_no_confidence(make_score):
    (lesion,) = make_score("7", "1122", "1122").lesions.predicted
    assert math.isnan(lesion.confidence)
