import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from liverseg.scoring.matching import score_lesions

SPACING_MM = (2.0, 1.0, 1.0)


def row(*columns):
    """A mask of one row of voxels, from the first and the last column of each lesion."""
    mask = np.zeros((1, 1, 40), bool)
    for first, last in columns:
        mask[..., first : last + 1] = True
    return mask


def count(scores):
    return (
        *(scores.num_reference, scores.num_predicted, scores.num_matched),
        *(scores.num_touched, scores.num_touching),
    )


def test_a_lesion_found_in_full_matches_and_scores_perfectly():
    scores = score_lesions(row((2, 6)), row((2, 6)), SPACING_MM, 6)
    assert count(scores) == (1, 1, 1, 1, 1)
    (match,) = scores.matched
    assert (match.iou, match.dice, match.voe, match.rvd) == (1, 1, 0, 0)
    assert (match.assd_mm, match.msd_mm) == (0, 0)


def test_an_iou_of_exactly_one_half_touches_and_does_not_match():
    # 2 voxels shared, 4 in the union
    scores = score_lesions(row((0, 3)), row((0, 1)), SPACING_MM, 6)
    assert count(scores) == (1, 1, 0, 1, 1)
    assert not scores.reference[0].is_matched
    assert scores.predicted[0].is_touching


def test_an_iou_just_above_one_half_matches():
    # 3 voxels shared, 5 in the union
    (match,) = score_lesions(row((0, 3)), row((1, 4)), SPACING_MM, 6).matched
    assert match.iou == pytest.approx(3 / 5, abs=1e-12)
    assert match.dice == pytest.approx(6 / 8, abs=1e-12)
    assert match.voe == pytest.approx(2 / 5, abs=1e-12)
    assert match.rvd == 0
    # one end of each sticks out by 1 mm; of 8 surface voxels 6 lie on both
    assert match.assd_mm == pytest.approx(2 / 8, rel=1e-6)
    assert match.msd_mm == pytest.approx(1, rel=1e-6)


def test_a_prediction_that_spans_two_lesions_touches_both_and_matches_the_larger():
    # with the first: 10 shared of 16; with the second: 3 of 16
    scores = score_lesions(row((0, 9), (13, 15)), row((0, 15)), SPACING_MM, 6)
    assert count(scores) == (2, 1, 1, 2, 1)
    assert [lesion.is_matched for lesion in scores.reference] == [True, False]
    assert [lesion.is_touched for lesion in scores.reference] == [True, True]


def test_a_lesion_found_in_two_parts_is_touched_by_both_and_matched_by_none():
    # 5 shared of 11 with each part
    scores = score_lesions(row((0, 10)), row((0, 4), (6, 10)), SPACING_MM, 6)
    assert count(scores) == (1, 2, 0, 1, 2)


def test_matches_name_their_lesions():
    scores = score_lesions(row((0, 1), (20, 29)), row((10, 11), (20, 29)), SPACING_MM, 6)
    assert count(scores) == (2, 2, 1, 1, 1)
    (match,) = scores.matched
    assert (match.reference_index, match.predicted_index) == (1, 1)


def test_lesions_carry_their_volume_and_diameter():
    scores = score_lesions(row((0, 9)), row((0, 9), (20, 20)), SPACING_MM, 6)
    # voxels of 2 x 1 x 1 mm; in the slice 1 mm by 10 mm, and 1 mm by 1 mm
    assert [lesion.volume_ml for lesion in scores.predicted] == pytest.approx([0.02, 0.002])
    diameters_mm = [lesion.diameter_mm for lesion in scores.predicted]
    assert diameters_mm == pytest.approx([101**0.5, 2**0.5])
    assert [lesion.size for lesion in scores.predicted] == ["medium", "small"]
    assert scores.reference[0].size == "medium"


@pytest.mark.parametrize(("connectivity", "num_reference"), [(6, 3), (18, 2), (26, 1)])
def test_the_connectivity_says_what_is_one_lesion(connectivity, num_reference):
    mask = np.zeros((3, 3, 3), bool)
    mask[0, 0, 0] = mask[0, 1, 1] = mask[1, 2, 2] = True  # an edge, then a corner apart
    assert score_lesions(mask, mask, SPACING_MM, connectivity).num_matched == num_reference


@pytest.mark.parametrize(
    ("reference", "predicted", "counts"),
    [
        ((), (), (0, 0, 0, 0, 0)),
        (((0, 3),), (), (1, 0, 0, 0, 0)),
        ((), ((0, 3), (6, 7)), (0, 2, 0, 0, 0)),
    ],
)
def test_without_reference_or_prediction_nothing_matches(reference, predicted, counts):
    assert count(score_lesions(row(*reference), row(*predicted), SPACING_MM, 6)) == counts


@given(arrays(bool, st.tuples(st.just(2), *[st.integers(1, 6)] * 3)))
def test_counts_agree_with_a_comparison_of_all_pairs(masks):
    (reference, num_reference), (predicted, num_predicted) = map(ndimage.label, masks)
    ious = np.zeros((num_reference, num_predicted))
    for i, j in np.ndindex(ious.shape):
        one, other = reference == i + 1, predicted == j + 1
        ious[i, j] = (one & other).sum() / (one | other).sum()
    scores = score_lesions(*masks, SPACING_MM, 6)
    assert count(scores) == (
        *(num_reference, num_predicted, (ious > 0.5).sum()),
        *((ious > 0).any(axis=1).sum(), (ious > 0).any(axis=0).sum()),
    )
    for match in scores.matched:
        iou = ious[match.reference_index, match.predicted_index]
        assert match.iou == pytest.approx(iou, abs=1e-9)
