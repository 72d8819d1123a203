import math

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liverseg.scoring.overlap import Overlap, count_overlap

mask_pairs = arrays(bool, st.tuples(st.just(2), *[st.integers(1, 5)] * 3))


def test_scores_of_a_pair_worked_out_by_hand():
    # 4 voxels of reference, 5 predicted, 3 of both, so 6 in the union
    overlap = Overlap(num_reference=4, num_predicted=5, num_shared=3)
    assert overlap.dice == pytest.approx(6 / 9, abs=1e-12)
    assert overlap.iou == pytest.approx(3 / 6, abs=1e-12)
    assert overlap.precision == pytest.approx(3 / 5, abs=1e-12)
    assert overlap.recall == pytest.approx(3 / 4, abs=1e-12)
    assert overlap.voe == pytest.approx(1 - 3 / 6, abs=1e-12)
    assert overlap.rvd == pytest.approx((5 - 4) / 4, abs=1e-12)


def test_rvd_is_negative_where_too_little_is_predicted():
    assert Overlap(num_reference=4, num_predicted=1, num_shared=1).rvd == -0.75


def test_two_empty_masks_score_one_in_the_lits_convention_and_have_no_precision():
    overlap = Overlap(0, 0, 0)
    assert (overlap.dice, overlap.iou, overlap.voe) == (1, 1, 0)
    assert all(map(math.isnan, (overlap.precision, overlap.recall, overlap.rvd)))


def test_a_prediction_without_reference_has_precision_zero_and_no_recall():
    overlap = Overlap(num_reference=0, num_predicted=3, num_shared=0)
    assert (overlap.dice, overlap.voe, overlap.precision) == (0, 1, 0)
    assert math.isnan(overlap.recall)
    assert math.isnan(overlap.rvd)


def test_a_reference_without_prediction_has_recall_zero_and_no_precision():
    overlap = Overlap(num_reference=3, num_predicted=0, num_shared=0)
    assert (overlap.dice, overlap.voe, overlap.recall, overlap.rvd) == (0, 1, 0, -1)
    assert math.isnan(overlap.precision)


@given(mask_pairs)
def test_overlap_agrees_with_simpleitk(masks):
    reference, predicted = masks
    assume(reference.any() and predicted.any())
    measures = sitk.LabelOverlapMeasuresImageFilter()
    images = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in (predicted, reference)]
    measures.Execute(*images)
    overlap = count_overlap(reference, predicted)
    assert overlap.dice == pytest.approx(measures.GetDiceCoefficient(), abs=1e-9)
    assert overlap.iou == pytest.approx(measures.GetJaccardCoefficient(), abs=1e-9)
    assert overlap.recall == pytest.approx(1 - measures.GetFalseNegativeError(1), abs=1e-9)
    assert overlap.precision == pytest.approx(1 - measures.GetFalseDiscoveryRate(1), abs=1e-9)


@given(mask_pairs)
def test_dice_and_voe_are_symmetric_and_swapping_swaps_precision_and_recall(masks):
    there, back = count_overlap(*masks), count_overlap(*masks[::-1])
    assert there.dice == back.dice
    assert there.voe == back.voe
    assert there.precision == pytest.approx(back.recall, abs=0, nan_ok=True)
