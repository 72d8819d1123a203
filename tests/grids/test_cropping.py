import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liverseg.grids.cropping import find_box, join_boxes


def test_the_box_holds_all_voxels_and_no_empty_plane_at_its_ends():
    mask = np.zeros((5, 6, 7), bool)
    mask[1, 2, 3] = mask[3, 4, 3] = True
    assert find_box(mask) == (slice(1, 4), slice(2, 5), slice(3, 4))


def test_an_empty_mask_has_an_empty_box():
    mask = np.zeros((5, 6, 7), bool)
    assert mask[find_box(mask)].size == 0


@given(arrays(bool, st.tuples(*[st.integers(1, 5)] * 3)))
def test_nothing_is_cropped_away(mask):
    box = find_box(mask)
    assert mask[box].sum() == mask.sum()
    if mask.any():
        for axis in range(3):
            assert np.take(mask[box], [0, -1], axis).any()


def test_joined_boxes_hold_both():
    first, second = (slice(1, 4), slice(5, 6), slice(0, 2)), (slice(2, 3), slice(7, 9), slice(1, 5))
    assert join_boxes(first, second) == (slice(1, 4), slice(5, 9), slice(0, 5))
