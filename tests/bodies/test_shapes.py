"""Implicit shapes and their partial volume, against geometry worked out by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Field, draw_field, draw_waves
from liverseg.bodies.shapes import (
    Ellipsoid,
    Points,
    Shape,
    Tube,
    compute_coverage,
    smooth_intersection,
    smooth_union,
)

Draw = Callable[[np.random.Generator, tuple[float, float]], Field]


def lay_points(spacing_mm: tuple[float, float, float], reach_mm: float = 30) -> Points:
    axes = [np.arange(-reach_mm, reach_mm, step, np.float32) for step in spacing_mm]
    return Points(*np.meshgrid(*axes, indexing="ij"))


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0, 1.0), (0.8, 0.8, 5.0), (1.6, 1.6, 3.0)])
@pytest.mark.parametrize(
    ("shape", "volume_mm3"),
    [
        (Ellipsoid((1.3, -2.1, 0.4), (15, 15, 15)), 4 / 3 * np.pi * 15**3),
        (Ellipsoid((0, 0.7, 0.2), (20, 12, 10), 35), 4 / 3 * np.pi * 20 * 12 * 10),
        # A cylinder of length 30 and two half balls.
        (Tube((-15, 3, 1), (15, 3, 1), 8, 8), np.pi * 64 * 30 + 4 / 3 * np.pi * 8**3),
    ],
)
def test_coverage_adds_up_to_the_volume_of_the_shape(
    shape: Shape, volume_mm3: float, spacing_mm: tuple[float, float, float]
) -> None:
    coverage = compute_coverage(shape.signed(lay_points(spacing_mm)))
    assert coverage.sum() * np.prod(spacing_mm) == pytest.approx(volume_mm3, rel=0.03)


def test_a_plane_through_a_voxel_covers_its_share() -> None:
    # Voxels of 2 mm at 0, 2, 4; inside is x < 2.5: all of the first, 0.75 of the second.
    coverage = compute_coverage(np.array([-2.5, -0.5, 1.5], np.float32).reshape(3, 1, 1))
    np.testing.assert_allclose(coverage.ravel(), [1, 0.75, 0], atol=1e-6)


def test_a_blurred_border_is_wider_than_a_voxel() -> None:
    # Voxels of 1 mm and 3 mm of blur: the border is 4 mm wide.
    signed = np.arange(-3, 4, dtype=np.float32).reshape(7, 1, 1)
    coverage = compute_coverage(signed, blur_mm=3).ravel()
    np.testing.assert_allclose(coverage, [1, 1, 0.75, 0.5, 0.25, 0, 0], atol=1e-6)


@pytest.mark.parametrize(
    "shape", [Ellipsoid((5, -3, 2), (20, 6, 9), 40), Tube((-9, 4, 0), (12, -6, 7), 5, 2)]
)
def test_a_shape_lies_within_its_bounds(shape: Shape) -> None:
    points = lay_points((1.0, 1.0, 1.0))
    inside = shape.signed(points) < 0
    low, high = shape.bounds
    for coordinates, lowest, highest in zip(points, low, high, strict=True):
        assert lowest <= coordinates[inside].min() < coordinates[inside].max() <= highest


def test_smooth_union_and_intersection_meet_the_sharp_ones_away_from_the_seam() -> None:
    first, second = np.float32([-10, 4, 0]), np.float32([5, 30, 0])
    # At equal distances the seam is rounded by a quarter of the blend: 8 / 4 = 2 mm.
    np.testing.assert_allclose(smooth_union(first, second, 8), [-10, 4, -2])
    np.testing.assert_allclose(smooth_intersection(first, second, 8), [5, 30, 2])


@pytest.mark.parametrize("draw", [draw_field, draw_waves])
def test_a_smooth_field_has_mean_zero_and_variance_one(draw: Draw) -> None:
    axis = np.linspace(-2000, 2000, 90)
    values = draw(np.random.default_rng(0), (50, 100)).sample((axis, axis, axis))
    assert values.mean() == pytest.approx(0, abs=0.02)
    assert values.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("draw", [draw_field, draw_waves])
def test_a_smooth_field_is_the_same_on_every_grid(draw: Draw) -> None:
    field = draw(np.random.default_rng(0), (50, 100))
    fine, coarse = np.arange(0, 40, 1.0), np.arange(0, 40, 4.0)
    sampled = field.sample((fine, fine, fine))[::4, ::4, ::4]
    np.testing.assert_allclose(sampled, field.sample((coarse, coarse, coarse)), atol=1e-6)


@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 0, 1), (1, 1, 0), (1, 1, 1)])
def test_waves_are_alike_in_every_direction(direction: tuple[int, int, int]) -> None:
    # Plane waves of one length from all directions correlate over a distance d as
    # sin(k d) / (k d): for 50 mm and d = 20 mm, k d = 0.8 pi and sin(0.8 pi) / (0.8 pi) = 0.234.
    field = draw_waves(np.random.default_rng(0), (50, 50), 1500)
    axis = np.arange(-1000, 1000, 61.0)
    step = 20 * np.array(direction) / np.linalg.norm(direction)
    here = field.sample((axis, axis, axis))
    there = field.sample((axis + step[0], axis + step[1], axis + step[2]))
    assert np.corrcoef(here.ravel(), there.ravel())[0, 1] == pytest.approx(0.234, abs=0.06)


def test_painting_a_shape_beside_the_canvas_changes_nothing() -> None:
    axis = np.arange(-5, 5, 1.0)
    points = Points(*np.meshgrid(*[axis.astype(np.float32)] * 3, indexing="ij"))
    canvas = Canvas((axis, axis, axis), points, np.zeros((10, 10, 10), np.float32), (2, 2, 2))
    canvas.paint(Ellipsoid((100, 0, 0), (5, 5, 5)), 50)
    assert not canvas.hu.any()
    canvas.paint(Ellipsoid((5, 0, 0), (3, 3, 3)), 50)
    assert canvas.hu[-1, 5, 5] == pytest.approx(50)
