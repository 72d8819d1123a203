import math
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.scoring.case_score import score_case
from liverseg.volumes.nifti import read_labels

label_pairs = arrays(
    np.uint8, st.tuples(st.just(2), *[st.integers(1, 5)] * 3), elements=st.integers(0, 2)
)


DIAGONAL_MM = math.sqrt(1 + 16 + 1)
"""Of a case of four voxels of 1 mm."""


def build_grid(shape, spacing_mm=(1.0, 1.0, 1.0)):
    return Grid(tuple(shape), np.diag([*spacing_mm, 1.0]))


def score(reference, predicted, grid):
    return score_case("7", "7", reference, predicted, grid, 6)


def nan_to_minus_one(region):
    return tuple(-1.0 if math.isnan(value) else value for value in astuple(region))


def test_the_liver_includes_its_lesions(make_score):
    case = make_score("1", "0112", "0122")
    assert case.liver.dice == 1
    # lesion: 1 voxel of reference, 2 predicted, 1 of both
    assert case.lesion.dice == pytest.approx(2 / 3, abs=1e-12)
    assert case.lesion.precision == pytest.approx(1 / 2, abs=1e-12)
    assert case.lesion.recall == 1
    # 2 / 3 - 1 / 3 of the liver
    assert case.burden_error == pytest.approx(1 / 3, abs=1e-12)
    assert (case.lesions.num_reference, case.lesions.num_predicted) == (1, 1)


def test_a_perfect_prediction_scores_perfectly(make_score):
    case = make_score("1", "01120", "01120")
    for region in (case.liver, case.lesion):
        assert astuple(region) == (1, 1, 1, 0, 0, 0, 0, 0, 1, 0)
    assert case.burden_error == 0


def test_two_empty_masks_score_what_the_convention_says(make_score):
    case = make_score("1", "0000", "0000")
    for region in (case.liver, case.lesion):
        # dice, precision, recall, voe, rvd, assd, msd, hd95, surface dice, hd95 with penalty
        assert nan_to_minus_one(region) == (1, -1, -1, 0, -1, -1, -1, -1, 1, 0)
    assert case.burden_error == 0
    assert (case.lesions.num_reference, case.lesions.num_predicted) == (0, 0)


def test_background_alone_scores_what_the_convention_says(make_score):
    case = make_score("1", "0112", "0000")
    for region in (case.liver, case.lesion):
        # dice, precision, recall, voe, rvd, assd, msd, hd95, surface dice, hd95 with penalty
        assert nan_to_minus_one(region) == (0, -1, 0, 1, -1, -1, -1, -1, 0, DIAGONAL_MM)
        assert region.rvd == -1  # a value here, not undefined
    assert case.burden_error == pytest.approx(-1 / 3, abs=1e-12)


def test_a_prediction_without_reference_scores_what_the_convention_says(make_score):
    case = make_score("1", "0000", "0112")
    for region in (case.liver, case.lesion):
        assert nan_to_minus_one(region) == (0, 0, -1, 1, -1, -1, -1, -1, 0, DIAGONAL_MM)
        assert math.isnan(region.rvd)
    assert case.burden_error == pytest.approx(1 / 3, abs=1e-12)
    assert (case.lesions.num_predicted, case.lesions.num_touching) == (1, 0)


def test_distances_follow_the_spacing_of_each_axis():
    reference, predicted = np.zeros((2, 3, 4, 5), np.uint8)
    reference[0, 0, 0] = predicted[2, 3, 4] = 2
    case = score(reference, predicted, build_grid((3, 4, 5), (6.0, 2.0, 0.5)))
    # 2 * 6, 3 * 2 and 4 * 0.5 mm
    expected = math.hypot(12, 6, 2)
    assert case.lesion.assd_mm == pytest.approx(expected, rel=1e-6)
    assert case.liver.msd_mm == pytest.approx(expected, rel=1e-6)


def test_lesions_are_measured_across_the_feet_head_axis():
    labels = np.full((2, 3, 40), 2, np.uint8)
    affine = np.array([[0, 4.0, 0, 0], [0, 0, 1.0, 0], [5.0, 0, 0, 0], [0, 0, 0, 1]])
    grid = Grid((2, 3, 40), affine)
    assert grid.axis_codes == "SRA"
    (lesion,) = score(labels, labels, grid).lesions.reference
    # a slice is 3 * 4 mm by 40 * 1 mm
    assert lesion.diameter_mm == pytest.approx(math.hypot(12, 40))


@settings(max_examples=50)
@given(label_pairs, st.sampled_from(["LPS", "SPR", "IAL", "ASR"]))
def test_the_axis_order_does_not_matter(pair, axis_codes):
    reference, predicted = pair
    grid = build_grid(reference.shape, (0.7, 1.3, 2.9))
    turned = [reorient_array(labels, grid.axis_codes, axis_codes) for labels in pair]
    expected = score(reference, predicted, grid)
    case = score(*turned, reorient_grid(grid, axis_codes))
    for region in ("liver", "lesion"):
        figures, expected_figures = (
            astuple(getattr(case, region)),
            astuple(getattr(expected, region)),
        )
        assert figures == pytest.approx(expected_figures, rel=1e-6, nan_ok=True)
    assert case.burden_error == expected.burden_error
    for kind in ("reference", "predicted"):  # numbered in another order
        lesions, expected_lesions = (
            np.array(sorted(map(astuple, getattr(one.lesions, kind)))) for one in (case, expected)
        )
        assert lesions == pytest.approx(expected_lesions, rel=1e-9, nan_ok=True)  # no confidence


@given(label_pairs)
def test_the_memory_layout_does_not_matter(pair):
    grid = build_grid(pair[0].shape)
    in_c_order = score(*pair, grid)
    in_fortran_order = score(*map(np.asfortranarray, pair), grid)
    assert repr(in_fortran_order) == repr(in_c_order)  # equal, with NaN equal to NaN


def test_an_oblique_grid_scores_like_an_upright_one():
    generator = np.random.default_rng(3)
    reference, predicted = generator.integers(0, 3, (2, 6, 7, 8), np.uint8)
    cosine, sine = math.cos(0.3), math.sin(0.3)
    turn = np.array([[cosine, -sine, 0, 5], [sine, cosine, 0, 6], [0, 0, 1, 7], [0, 0, 0, 1.0]])
    upright = build_grid(reference.shape, (0.5, 1.0, 2.0))
    oblique = Grid(upright.shape, turn @ upright.affine)
    expected, case = score(reference, predicted, upright), score(reference, predicted, oblique)
    assert astuple(case.lesion) == pytest.approx(astuple(expected.lesion), rel=1e-9)


def test_a_sheared_grid_is_refused():
    affine = np.eye(4)
    affine[1, 2] = 0.2
    labels = np.ones((2, 2, 2), np.uint8)
    with pytest.raises(DataError, match=r"right angles.*sheared affine"):
        score(labels, labels, Grid((2, 2, 2), affine))


def test_labels_of_another_shape_are_refused():
    with pytest.raises(DataError, match=r"\(2, 2, 2\).*\(2, 2, 3\)"):
        score(np.ones((2, 2, 2), np.uint8), np.ones((2, 2, 3), np.uint8), build_grid((2, 2, 2)))


def test_a_real_case_agrees_with_scipy(shared_data):
    volume = read_labels(shared_data / "3dircadb-17" / "segmentation-17.nii.gz")
    reference = volume.data[60:360, 60:360, 80:100]  # with both lesions
    grid = replace(volume.grid, shape=reference.shape)
    predicted = np.roll(reference, (3, -2, 1), axis=(0, 1, 2))
    spacing_mm = grid.spacing_mm
    case = score(reference, predicted, grid)
    for region, threshold in (("liver", 1), ("lesion", 2)):
        surfaces, maps = [], []
        for labels in (reference, predicted):
            mask = labels >= threshold
            inside = ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, 2))
            surfaces.append(mask & ~inside)
            maps.append(ndimage.distance_transform_edt(~surfaces[-1], sampling=spacing_mm))
        pooled = np.concatenate([maps[1][surfaces[0]], maps[0][surfaces[1]]])
        scores = getattr(case, region)
        assert scores.assd_mm == pytest.approx(pooled.mean(), rel=1e-5)
        assert scores.msd_mm == pytest.approx(pooled.max(), rel=1e-5)
        assert scores.hd95_mm == pytest.approx(np.percentile(pooled, 95), rel=1e-5)
        assert scores.surface_dice_2mm == pytest.approx((pooled <= 2).mean(), abs=1e-9)
