"""Bodies of lesions: their sizes, kinds and contrasts, and how slices cut them."""

from dataclasses import replace

import numpy as np
import pytest

from liverseg.bodies.shapes import Ellipsoid, Points
from liverseg.training.lesion_bodies import Body, cut_body, draw_body, find_box
from tests.made.lesions import KINDS, build_lesion_params

LIVER_HU = 110.0
PLACE = (30.0, 30.0, 30.0)
NUM_DRAWS = 2000


def draw_bodies(number: int, *, liver_hu: float = LIVER_HU, **changes: object) -> list[Body]:
    rng = np.random.default_rng(0)
    params = build_lesion_params(**changes)
    return [draw_body(rng, params, PLACE, 3.0, liver_hu) for _ in range(number)]


def build_sphere(radius: float, **changes: object) -> Body:
    """A hypodense ball with a sharp border, without bumps or texture."""
    (body,) = draw_bodies(1, kind="hypodense")
    values = {"blur_mm": 0.0, "bump_share": 0.0, "texture_hu": 0.0, "contrast_hu": -40.0}
    outline = Ellipsoid(PLACE, (radius, radius, radius))
    return replace(body, lesion=replace(body.lesion, outline=outline, **(values | changes)))


def compute_diameter(body: Body) -> float:
    return 2 * float(np.cbrt(np.prod(body.lesion.outline.radii)))


def count_inside(body: Body, pixel_mm: tuple[float, float, float], shape: tuple[int, ...]):
    """Share of each pixel inside the outline, by 4 x 4 x 6 points in it: the exact meaning."""
    counts = np.array([4, 4, 6])
    axes = [
        (np.arange(length * count) + 0.5) * step / count - step / 2
        for length, count, step in zip(shape, counts, pixel_mm, strict=True)
    ]
    points = np.meshgrid(*(axis.astype(np.float32) for axis in axes), indexing="ij")
    lesion = body.lesion
    signed = lesion.outline.signed(Points(*points))
    signed += lesion.bumps.sample(tuple(axes)) * lesion.bump_share * min(lesion.outline.radii)
    parts = [part for pair in zip(shape, counts, strict=True) for part in pair]
    return (signed < 0).reshape(parts).mean(axis=(1, 3, 5))


def test_sizes_lie_within_their_range_and_half_of_them_below_the_median():
    diameters = np.array([compute_diameter(body) for body in draw_bodies(NUM_DRAWS)])
    assert diameters.min() >= 4 * (1 - 1e-9)
    assert diameters.max() <= 40 * (1 + 1e-9)
    spread = 0.5 / np.sqrt(NUM_DRAWS)  # standard deviation of the share below the median
    assert abs((diameters < 9).mean() - 0.5) < 4 * spread
    assert (diameters < 4.5).any()
    assert (diameters > 30).any()


def test_most_lesions_are_of_4_to_15_mm_with_the_shipped_range():
    """ln(15/4) / ln(40/4) of the way on the logarithmic scale: a share of 0.694."""
    diameters = np.array([compute_diameter(body) for body in draw_bodies(NUM_DRAWS)])
    assert 0.65 < (diameters < 15).mean() < 0.74


def test_every_kind_is_drawn_by_its_share_and_one_of_share_0_never():
    kinds = [body.kind for body in draw_bodies(NUM_DRAWS)]
    counts = [kinds.count(kind) for kind in KINDS]  # 1 in 6 each: 333, standard deviation 16.7
    assert max(abs(count - NUM_DRAWS / 6) for count in counts) < 4 * 16.7
    assert {body.kind for body in draw_bodies(50, kind="rim")} == {"rim"}


def measure_middle(kind: str, liver_hu: float = LIVER_HU) -> np.ndarray:
    """HU that bodies of a kind add in their very middle, drawn with homogeneous substance."""
    flat = {"texture_hu": (0.0, 0.0), "blur_mm": (0.0, 0.0), "diameter_mm": (12.0, 14.0)}
    bodies = draw_bodies(100, kind=kind, liver_hu=liver_hu, median_diameter_mm=13.0, **flat)
    changes = []
    for body in bodies:
        centred = replace(body.lesion.outline, centre=PLACE)
        moved = replace(body, lesion=replace(body.lesion, outline=centred))
        box = (range(20, 41), range(20, 41), range(29, 32))
        change_hu, coverage = cut_body(moved, (1.0, 1.0, 1.0), box, liver_hu)
        assert coverage[10, 10, 1] == 1
        changes.append(change_hu[10, 10, 1])
    return np.array(changes)


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [
        ("hypodense", -60, -15),
        ("rim", -60, -15),
        ("hyperdense", 15, 60),
        ("faint", -14, 14),
        ("necrotic", -120, -1.3 * 15),  # a core of 1.3 to 2 times the contrast
        ("cystic", -LIVER_HU, 25 - LIVER_HU),  # water, or a little more
    ],
)
def test_contrasts_lie_within_their_ranges(kind, lowest, highest):
    contrasts = measure_middle(kind)
    assert contrasts.min() >= lowest - 0.01
    assert contrasts.max() <= highest + 0.01
    assert np.ptp(contrasts) > 0.6 * (highest - lowest)


def test_faint_lesions_are_darker_or_brighter_but_never_like_the_liver():
    contrasts = measure_middle("faint")
    assert np.abs(contrasts).min() >= 7 - 0.01
    assert 25 < (contrasts < 0).sum() < 75


def test_no_solid_lesion_is_darker_than_water_where_the_liver_is_fatty():
    contrasts = measure_middle("hypodense", liver_hu=40.0)
    assert contrasts.min() >= 10 - 40 - 0.01
    assert contrasts.max() <= -15 + 0.01
    assert measure_middle("cystic", liver_hu=20.0).max() <= -15 + 0.01  # still to be seen


def test_a_rim_is_brighter_than_what_it_encloses():
    body = build_sphere(10.0, rim_hu=50.0)
    change_hu, _ = cut_body(body, (1.0, 1.0, 1.0), (range(60), range(60), range(30, 31)), LIVER_HU)
    along = change_hu[:, 30, 0]
    assert along[30] == pytest.approx(-40)
    assert along[21] == along[39] == pytest.approx(10)


def test_a_border_is_as_wide_as_it_is_blurred():
    """From -40 to 0 HU over 6 mm instead of over 1 mm, half way at the radius of 10 mm."""
    box = (range(60), range(60), range(30, 31))
    sharp, soft = (
        cut_body(build_sphere(10.0, blur_mm=blur), (1.0, 1.0, 1.0), box, LIVER_HU)[0][30:45, 30, 0]
        for blur in (0.0, 5.0)
    )
    assert [int(((part < -1) & (part > -39)).sum()) for part in (sharp, soft)] == [1, 5]
    assert sharp[10] == soft[10] == pytest.approx(-20, abs=1)


def test_neighbouring_slices_cut_a_ball_at_their_distances_in_millimetres():
    """A ball of 12 mm seen d mm from its middle is a disc of π (144 - d²) mm²."""
    pixel_mm = (0.5, 0.8, 3.0)
    body = build_sphere(12.0)
    _, coverage = cut_body(body, pixel_mm, (range(120), range(75), range(6, 15)), LIVER_HU)
    areas = coverage.sum(axis=(0, 1), dtype=float) * 0.5 * 0.8
    # a slice is 3 mm thick: the mean of d² over it is (d² + 3² / 12)
    expected = [max(np.pi * (144 - d**2 - 0.75), 0) for d in range(-12, 13, 3)]
    assert areas[1:-1] == pytest.approx(expected[1:-1], rel=0.03)
    assert areas[[0, -1]] == pytest.approx(25, abs=10)  # the cap fills less than half of a slice


@pytest.mark.parametrize("slice_mm", [2.0, 3.0, 6.0])
def test_coverage_is_the_share_of_points_inside(slice_mm):
    pixel_mm = (0.9, 1.1, slice_mm)
    shape = (60, 50, int(60 / slice_mm))
    errors, disagreements, labelled = [], 0, 0
    for body in draw_bodies(4, diameter_mm=(8.0, 24.0), median_diameter_mm=12.0):
        _, coverage = cut_body(body, pixel_mm, tuple(map(range, shape)), LIVER_HU)
        inside = count_inside(body, pixel_mm, shape)
        errors.append(np.abs(coverage - inside)[(inside > 0) | (coverage > 0)].mean())
        disagreements += ((coverage >= 0.5) != (inside >= 0.5)).sum()
        labelled += (inside >= 0.5).sum()
    assert np.mean(errors) < 0.06
    assert disagreements < 0.06 * labelled


@pytest.mark.parametrize("slice_mm", [0.8, 3.0, 5.0])
def test_a_slice_shows_the_same_whichever_others_are_cut(slice_mm):
    """One rendering of all slices and pixels, voxel by voxel against the box of one to three."""
    pixel_mm = (0.9, 1.1, slice_mm)
    whole = (range(60), range(50), range(int(60 / slice_mm)))
    for body in draw_bodies(10):
        dense = cut_body(body, pixel_mm, whole, LIVER_HU)
        middle = round(body.lesion.outline.centre[2] / slice_mm)
        for context in (0, 1):
            cut = (*whole[:2], range(middle - context, middle + context + 1))
            box = find_box(body, pixel_mm, cut)
            part = tuple(slice(numbers.start, numbers.stop) for numbers in box)
            for values, all_values in zip(
                cut_body(body, pixel_mm, box, LIVER_HU), dense, strict=True
            ):
                assert np.array_equal(values, all_values[part])
                rest = all_values[:, :, cut[2].start : cut[2].stop].astype(float)
                assert np.abs(values).sum(dtype=float) == pytest.approx(np.abs(rest).sum())


def test_the_slice_in_question_is_cut_anywhere_from_end_to_end():
    """The place along the body, in half lengths, is as often in one fifth as in another."""
    bodies = draw_bodies(NUM_DRAWS)
    shares = [
        (body.lesion.outline.centre[2] - PLACE[2]) / (body.lesion.outline.radii[2] + 1.5)
        for body in bodies
    ]
    counts, _ = np.histogram(shares, bins=5, range=(-1, 1))  # 400 each, standard deviation 18
    assert counts.sum() == NUM_DRAWS
    assert max(abs(counts - 400)) < 4 * 18
