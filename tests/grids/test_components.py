import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from liverseg.grids.components import (
    keep_largest_component,
    label_components,
    measure_components,
)

RANK = {6: 1, 18: 2, 26: 3}

masks = arrays(bool, st.tuples(*[st.integers(1, 6)] * 3))
connectivities = st.sampled_from(sorted(RANK))


def test_voxels_that_share_a_face_an_edge_or_a_corner_join_under_6_18_and_26():
    mask = np.zeros((4, 4, 4), bool)
    mask[0, 0, 0] = mask[0, 0, 1] = True  # share a face
    mask[1, 1, 1] = True  # shares an edge with (0, 0, 1), a corner with (0, 0, 0)
    mask[2, 2, 2] = True  # shares a corner with (1, 1, 1)
    counts = [label_components(mask, connectivity)[1] for connectivity in (6, 18, 26)]
    assert counts == [3, 2, 1]


@given(masks, connectivities)
def test_numbers_are_those_of_scipy_in_c_order(mask, connectivity):
    structure = ndimage.generate_binary_structure(3, RANK[connectivity])
    expected, expected_count = ndimage.label(mask, structure)
    components, num_components = label_components(mask, connectivity)
    assert components.dtype == np.uint32
    assert num_components == expected_count
    assert np.array_equal(components, expected)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 3, 3), (1, 6, 7)])
def test_voxels_that_lie_as_densely_as_isolated_ones_can_are_one_component_each(shape):
    mask = np.zeros(shape, bool)
    mask[::2, ::2, ::2] = True
    for connectivity in RANK:
        assert label_components(mask, connectivity)[1] == np.count_nonzero(mask)


@given(masks, connectivities)
def test_the_memory_layout_does_not_matter(mask, connectivity):
    expected, _ = label_components(mask, connectivity)
    components, _ = label_components(np.asfortranarray(mask), connectivity)
    assert np.array_equal(components, expected)


@given(masks)
def test_face_and_corner_connectivity_count_what_simpleitk_counts(mask):
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    for connectivity, fully_connected in ((6, False), (26, True)):
        labels = sitk.GetArrayFromImage(sitk.ConnectedComponent(image, fully_connected))
        assert label_components(mask, connectivity)[1] == labels.max()


@given(masks)
def test_sizes_add_up_to_all_voxels(mask):
    components, num_components = label_components(mask, 6)
    sizes = measure_components(components)
    assert len(sizes) == num_components + 1
    assert sizes[0] == np.count_nonzero(~mask)
    assert sizes.tolist() == [np.count_nonzero(components == n) for n in range(len(sizes))]


def test_of_components_of_different_size_the_largest_is_kept():
    mask = np.array([[[1, 0, 1, 1]]], bool)
    assert keep_largest_component(mask, 6).tolist() == [[[False, False, True, True]]]


@pytest.mark.parametrize("order", ["C", "F"])
def test_of_equal_components_the_first_in_c_order_is_kept(order):
    mask = np.zeros((2, 2, 2), bool, order=order)
    mask[0, 1, 1] = mask[1, 0, 0] = True
    kept = keep_largest_component(mask, 6)
    assert np.argwhere(kept).tolist() == [[0, 1, 1]]


@given(arrays(bool, st.tuples(*[st.integers(1, 7)] * 3)), connectivities, st.integers(1, 60))
def test_some_planes_at_a_time_the_largest_component_is_the_same(mask, connectivity, most_voxels):
    whole = keep_largest_component(mask, connectivity)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liverseg.grids.components.MOST_VOXELS", most_voxels)
        assert np.array_equal(keep_largest_component(mask, connectivity), whole)


def test_a_component_may_wind_through_all_planes(monkeypatch):
    """A spiral whose turns meet at its end alone, and a block that is larger than any turn."""
    monkeypatch.setattr("liverseg.grids.components.MOST_VOXELS", 1)
    mask = np.zeros((12, 9, 5), bool)
    mask[:11, 0, 0] = mask[:11, 2, 0] = mask[:11, 4, 0] = True  # three columns,
    mask[10, :4, 0] = mask[0, 2:5, 0] = True  # joined at the end and at the beginning
    mask[4:7, 6:9, :3] = True  # 27 voxels
    assert keep_largest_component(mask, 6).sum() == 3 * 11 + 2 + 1
    assert keep_largest_component(mask, 6)[10, 4, 0]


@pytest.mark.parametrize("shape", [(2, 3, 4), (0, 0, 0)])
def test_an_empty_mask_has_no_component_and_stays_empty(shape):
    mask = np.zeros(shape, bool)
    components, num_components = label_components(mask, 26)
    assert components.shape == shape
    assert components.dtype == np.uint32
    assert num_components == 0
    assert measure_components(components).tolist() == [mask.size]
    assert not keep_largest_component(mask, 26).any()
