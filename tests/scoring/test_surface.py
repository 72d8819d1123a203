import math
import tracemalloc
from itertools import permutations

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from scipy.spatial.distance import cdist

from liverseg.scoring.surface import find_surface, measure_surface_distances

NEIGHBOURS_18 = ndimage.generate_binary_structure(3, 2)

masks = arrays(bool, st.tuples(*[st.integers(1, 6)] * 3))
mask_pairs = arrays(bool, st.tuples(st.just(2), *[st.integers(1, 6)] * 3))
spacings = st.tuples(*[st.floats(0.1, 6)] * 3)


def measure_by_brute_force(reference, predicted, spacing_mm):
    """All distances between two surfaces, voxel by voxel."""
    reference_points, predicted_points = (
        np.argwhere(mask & ~ndimage.binary_erosion(mask, NEIGHBOURS_18)) * spacing_mm
        for mask in (reference, predicted)
    )
    apart = cdist(reference_points, predicted_points)
    return apart.min(axis=1), apart.min(axis=0)


def test_the_surface_of_a_block_is_all_but_its_core():
    block = np.zeros((7, 7, 7), bool)
    block[1:6, 1:6, 1:6] = True  # 5 x 5 x 5
    core = np.zeros_like(block)
    core[2:5, 2:5, 2:5] = True
    assert np.array_equal(find_surface(block), block & ~core)


def test_a_voxel_that_lacks_a_neighbour_by_a_corner_alone_is_no_surface():
    block = np.ones((5, 5, 5), bool)
    block[1, 1, 1] = False
    assert not find_surface(block)[2, 2, 2]  # (1, 1, 1) touches it by a corner
    block[1, 1, 2] = False
    assert find_surface(block)[2, 2, 2]  # (1, 1, 2) touches it by an edge


def test_what_lies_outside_the_volume_counts_as_outside_the_mask():
    assert find_surface(np.ones((3, 3, 3), bool)).sum() == 26


@given(masks, st.sampled_from([1, 30, 2**24]))
def test_the_surface_is_what_an_erosion_by_18_neighbours_removes(mask, most_voxels):
    """By whole masks, by some planes at a time, and by single ones."""
    expected = mask & ~ndimage.binary_erosion(mask, NEIGHBOURS_18)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liverseg.scoring.surface.MOST_VOXELS", most_voxels)
        assert np.array_equal(find_surface(mask), expected)


def test_two_voxels_are_as_far_apart_as_their_centres():
    reference, predicted = np.zeros((2, 4, 5, 6), bool)
    reference[0, 0, 0] = predicted[3, 4, 0] = True
    distances = measure_surface_distances(reference, predicted, (1.0, 1.0, 5.0))
    assert distances.assd_mm == pytest.approx(5, rel=1e-6)  # 3, 4, 5
    assert distances.msd_mm == pytest.approx(5, rel=1e-6)
    assert distances.hd95_mm == pytest.approx(5, rel=1e-6)


def test_the_average_pools_both_surfaces_and_the_percentile_is_interpolated():
    reference, predicted = np.zeros((2, 1, 1, 4), bool)
    reference[..., 0] = predicted[...] = True
    distances = measure_surface_distances(reference, predicted, (1.0, 1.0, 2.0))
    # from the reference: 0; from the prediction: 0, 2, 4, 6 mm
    assert distances.assd_mm == pytest.approx(12 / 5, rel=1e-6)
    assert distances.msd_mm == pytest.approx(6, rel=1e-6)
    # 95 % of the way from the first to the fifth of 0, 0, 2, 4, 6 is 3.8: 4 + 0.8 * 2
    assert distances.hd95_mm == pytest.approx(5.6, rel=1e-6)
    # within 2 mm: 0 and 0, 2
    assert distances.compute_surface_dice(2.0) == pytest.approx(3 / 5, abs=1e-12)


@pytest.mark.parametrize("spacing", [0.4, float(np.float32(0.4)), 0.39999999])
def test_a_distance_of_2_mm_is_within_2_mm_however_the_header_rounds(spacing):
    reference, predicted = np.zeros((2, 1, 1, 6), bool)
    reference[..., 0] = predicted[..., 5] = True
    distances = measure_surface_distances(reference, predicted, (1.0, 1.0, spacing))
    assert distances.compute_surface_dice(2.0) == 1


def test_a_distance_just_above_2_mm_is_not():
    reference, predicted = np.zeros((2, 1, 1, 6), bool)
    reference[..., 0] = predicted[..., 5] = True
    distances = measure_surface_distances(reference, predicted, (1.0, 1.0, 0.4001))
    assert distances.compute_surface_dice(2.0) == 0


@pytest.mark.parametrize(("empty", "surface_dice"), [("both", 1), ("first", 0), ("second", 0)])
def test_distances_to_an_empty_mask_are_undefined(empty, surface_dice):
    reference, predicted = np.zeros((2, 3, 3, 3), bool)
    reference[1, 1, 1] = empty == "second"
    predicted[1, 1, 1] = empty == "first"
    distances = measure_surface_distances(reference, predicted, (1.0, 1.0, 1.0))
    assert math.isnan(distances.assd_mm)
    assert math.isnan(distances.msd_mm)
    assert math.isnan(distances.hd95_mm)
    assert distances.compute_surface_dice(2.0) == surface_dice


@given(mask_pairs, spacings)
def test_distances_agree_with_brute_force(pair, spacing_mm):
    reference, predicted = pair
    assume(reference.any() and predicted.any())
    expected = measure_by_brute_force(reference, predicted, spacing_mm)
    pooled = np.concatenate(expected)
    distances = measure_surface_distances(reference, predicted, spacing_mm)
    assert distances.from_reference == pytest.approx(expected[0], rel=1e-5)
    assert distances.from_predicted == pytest.approx(expected[1], rel=1e-5)
    assert distances.assd_mm == pytest.approx(pooled.mean(), rel=1e-5)
    assert distances.msd_mm == pytest.approx(pooled.max(), rel=1e-5)
    assert distances.hd95_mm == pytest.approx(np.percentile(pooled, 95), rel=1e-5)
    clear = np.abs(pooled - 2) > 1e-4  # rounding decides for the others
    within = (pooled <= 2)[clear].mean() if clear.all() else None
    if within is not None:
        assert distances.compute_surface_dice(2.0) == pytest.approx(within, abs=1e-9)


@given(mask_pairs, spacings)
def test_distances_are_symmetric_and_zero_to_itself(pair, spacing_mm):
    reference, predicted = pair
    assume(reference.any() and predicted.any())
    there = measure_surface_distances(reference, predicted, spacing_mm)
    back = measure_surface_distances(predicted, reference, spacing_mm)
    same = measure_surface_distances(reference, reference, spacing_mm)
    assert there.assd_mm == pytest.approx(back.assd_mm, rel=1e-9)
    assert there.hd95_mm == back.hd95_mm
    assert (same.assd_mm, same.msd_mm, same.hd95_mm) == (0, 0, 0)
    assert same.compute_surface_dice(0.0) == 1


@given(mask_pairs, spacings, st.sampled_from(list(permutations(range(3)))), st.integers(0, 2))
def test_the_order_and_the_direction_of_the_axes_do_not_matter(pair, spacing_mm, order, axis):
    reference, predicted = pair
    assume(reference.any() and predicted.any())
    turned = [np.flip(mask.transpose(order), axis) for mask in pair]
    turned_spacing = tuple(spacing_mm[i] for i in order)
    expected = measure_surface_distances(reference, predicted, spacing_mm)
    distances = measure_surface_distances(*turned, turned_spacing)
    assert distances.assd_mm == pytest.approx(expected.assd_mm, rel=1e-6)
    assert distances.msd_mm == pytest.approx(expected.msd_mm, rel=1e-6)
    assert distances.hd95_mm == pytest.approx(expected.hd95_mm, rel=1e-6)


@given(mask_pairs, spacings, st.floats(0.1, 10))
def test_distances_grow_with_the_spacing(pair, spacing_mm, factor):
    reference, predicted = pair
    assume(reference.any() and predicted.any())
    scaled_spacing = tuple(factor * step for step in spacing_mm)
    distances = measure_surface_distances(reference, predicted, spacing_mm)
    scaled = measure_surface_distances(reference, predicted, scaled_spacing)
    assert scaled.assd_mm == pytest.approx(factor * distances.assd_mm, rel=1e-6)
    assert scaled.msd_mm == pytest.approx(factor * distances.msd_mm, rel=1e-6)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), spacings)
def test_distances_across_a_large_volume_agree_with_simpleitk(seed, spacing_mm):
    generator = np.random.default_rng(seed)
    reference, predicted = np.zeros((2, 30, 40, 200), bool)
    for mask in (reference, predicted):
        mask.flat[generator.integers(0, mask.size, 20)] = True
    image = sitk.GetImageFromArray(predicted.astype(np.uint8))
    image.SetSpacing(spacing_mm[::-1])
    to_predicted = sitk.GetArrayFromImage(
        sitk.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=True)
    )
    distances = measure_surface_distances(reference, predicted, spacing_mm)
    expected = np.where(predicted, 0, to_predicted)[reference]
    assert distances.from_reference == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("most_voxels", "masks"), [(2**24, 3.2), (120**3 // 10, 1.5)])
def test_a_surface_takes_the_memory_of_four_masks_or_of_some_planes(
    monkeypatch, most_voxels, masks
):
    monkeypatch.setattr("liverseg.scoring.surface.MOST_VOXELS", most_voxels)
    mask = np.zeros((120, 120, 120), bool)
    mask[10:110, 10:110, 10:110] = True
    tracemalloc.start()
    surface = find_surface(mask)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert surface.sum() == 100**3 - 98**3
    assert peak < masks * mask.size  # beside the mask itself
