import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist

from liverseg.grids.components import label_components
from liverseg.grids.cropping import find_box
from liverseg.scans.diameters import measure_diameters

spacings = st.tuples(*[st.floats(0.3, 5)] * 3)


def draw(*rows):
    """A lesion of one slice."""
    return np.array([[[mark == "#" for mark in row] for row in rows]])


def measure_across_by_rotation(plane, spacing_mm, end, other_end, step_mm=0.02):
    """The largest distance at right angles to a line, from points sampled all over the plane."""
    rows, columns = plane.shape
    y = np.arange(step_mm / 2, rows * spacing_mm[0], step_mm)
    x = np.arange(step_mm / 2, columns * spacing_mm[1], step_mm)
    inside = plane[(y / spacing_mm[0]).astype(int)][:, (x / spacing_mm[1]).astype(int)]
    points = np.argwhere(inside) * step_mm
    along = (other_end - end) / np.linalg.norm(other_end - end)
    offsets = np.rint(points @ along / (2 * step_mm)).astype(int)
    offsets -= offsets.min()
    heights = points @ np.array([-along[1], along[0]])
    highest, lowest = np.full(offsets.max() + 1, -np.inf), np.full(offsets.max() + 1, np.inf)
    np.maximum.at(highest, offsets, heights)
    np.minimum.at(lowest, offsets, heights)
    return (highest - lowest).max()


def test_a_square_is_as_wide_as_long():
    """Both diagonals of 4 x 4 mm."""
    diameters = measure_diameters(np.ones((3, 4, 4), bool), (5.0, 1.0, 1.0))
    assert diameters.longest_mm == pytest.approx(math.sqrt(32))
    assert diameters.perpendicular_mm == pytest.approx(math.sqrt(32))


def test_across_the_diagonal_of_a_rectangle_the_short_side_ends_the_line():
    """Of 6 x 8 mm the diagonal is 10 mm; a line at right angles to it that leaves through both long
    sides, 6 mm apart, is 6 / cos with cos = 8 / 10.
    """
    diameters = measure_diameters(np.ones((1, 3, 4), bool), (1.0, 2.0, 2.0))
    assert diameters.longest_mm == pytest.approx(10)
    assert diameters.perpendicular_mm == pytest.approx(7.5)


def test_the_perpendicular_is_measured_in_the_slice_of_the_longest():
    lesion = np.zeros((2, 6, 10), bool)
    lesion[0, :, :6] = True  # 6 x 6 mm, diagonals of 8.5
    lesion[1, 2] = True  # 1 x 10 mm, a diagonal of 10.05: 1 / cos across it, with cos = 10 / 10.05
    diameters = measure_diameters(lesion, (1.0, 1.0, 1.0))
    assert diameters.longest_mm == pytest.approx(math.sqrt(101))
    assert diameters.perpendicular_mm == pytest.approx(math.sqrt(101) / 10)


def test_a_gap_on_the_line_counts_as_it_does_for_the_longest():
    """A ring of 5 x 5 with its hole is as wide as the full square."""
    ring = draw("#####", "#...#", "#...#", "#...#", "#####")
    diameters = measure_diameters(ring, (1.0, 1.0, 1.0))
    assert diameters.perpendicular_mm == pytest.approx(math.sqrt(50))


def test_an_l_is_narrow_across_the_line_between_its_ends():
    """The longest is the diagonal of the 4 x 4 mm, from the one end to the other. A line at right
    angles to it meets the L in one place only, and nowhere for longer than across the square in
    its corner: a diagonal of 1 x 1 mm.
    """
    lesion = draw("#...", "#...", "#...", "####")
    diameters = measure_diameters(lesion, (1.0, 1.0, 1.0))
    assert diameters.longest_mm == pytest.approx(math.sqrt(32))
    assert diameters.perpendicular_mm == pytest.approx(math.sqrt(2))


@given(arrays(bool, st.tuples(*[st.integers(1, 6)] * 3)), spacings)
def test_a_mirrored_or_turned_lesion_has_the_same_diameters(mask, spacing_mm):
    numbers, num_components = label_components(mask, 26)
    if not num_components:
        return
    lesion = numbers == 1
    lesion = lesion[find_box(lesion)]
    slices, rows, columns = spacing_mm
    expected = measure_diameters(lesion, spacing_mm)
    for other, spacing in (
        (lesion[:, ::-1], spacing_mm),
        (lesion[::-1, :, ::-1], spacing_mm),
        (lesion.transpose(0, 2, 1), (slices, columns, rows)),
    ):
        measured = measure_diameters(other, spacing)
        assert measured.longest_mm == pytest.approx(expected.longest_mm, rel=1e-9)
        assert measured.perpendicular_mm == pytest.approx(expected.perpendicular_mm, abs=1e-4)


def test_the_ends_are_at_the_corners_of_voxels():
    """Of one voxel its four corners, half a voxel from its centre; the last slice is the wider."""
    lesion = np.zeros((2, 1, 2), bool)
    lesion[0, 0, 0] = True
    lesion[1] = True
    diameters = measure_diameters(lesion, (5.0, 1.0, 1.0))
    rows, columns = zip(*(end[1:] for end in diameters.longest_ends), strict=True)
    assert {end[0] for end in diameters.longest_ends + diameters.perpendicular_ends} == {1}
    assert (sorted(rows), sorted(columns)) == ([-0.5, 0.5], [-0.5, 1.5])


@given(arrays(bool, st.tuples(*[st.integers(1, 6)] * 3)), spacings)
def test_the_ends_lie_on_the_lesion_as_far_apart_as_is_said_and_at_right_angles(mask, spacing_mm):
    numbers, num_components = label_components(mask, 26)
    if not num_components:
        return
    lesion = numbers == 1
    lesion = lesion[find_box(lesion)]
    diameters = measure_diameters(lesion, spacing_mm)
    lines = np.array([diameters.longest_ends, diameters.perpendicular_ends])
    beside = np.abs(lines.reshape(-1, 1, 3) - np.argwhere(lesion)) - (0, 0.5, 0.5)
    assert (beside * spacing_mm).max(axis=2).min(axis=1).max() < 1e-5
    steps = (lines[:, 1] - lines[:, 0]) * spacing_mm
    lengths = diameters.longest_mm, diameters.perpendicular_mm
    assert np.linalg.norm(steps, axis=1) == pytest.approx(lengths, rel=1e-6, abs=1e-6)
    assert steps[0] @ steps[1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_diameters_agree_with_points_sampled_all_over_the_slice(seed):
    generator = np.random.default_rng(seed)
    plane = label_components(generator.random((1, 7, 8)) < 0.6, 26)[0] == 1
    spacing_mm = (0.7, 1.1)
    around = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
    corners = (np.argwhere(plane[0])[:, None] + around).reshape(-1, 2) * spacing_mm
    apart = pdist(corners)
    first, second = (each[apart.argmax()] for each in np.triu_indices(len(corners), 1))
    diameters = measure_diameters(plane, (3.0, *spacing_mm))
    assert diameters.longest_mm == pytest.approx(apart.max(), rel=1e-9)
    across = measure_across_by_rotation(plane[0], spacing_mm, corners[first], corners[second])
    assert diameters.perpendicular_mm == pytest.approx(across, abs=0.1)


@pytest.mark.parametrize(("axes_mm", "spacing_mm"), [((12, 12), (0.8, 0.8)), ((15, 9), (0.7, 1.3))])
def test_an_ellipse_has_its_two_axes_to_within_a_voxel(axes_mm, spacing_mm):
    """Voxels whose centre lies inside: a corner is at most half a diagonal further out, and the
    outermost centre at most a diagonal further in.
    """
    half = np.divide(axes_mm, 2)
    rows, columns = np.ceil(half / spacing_mm + 1).astype(int)
    y, x = np.meshgrid(
        (np.arange(-rows, rows + 1)) * spacing_mm[0],
        (np.arange(-columns, columns + 1)) * spacing_mm[1],
        indexing="ij",
    )
    inside = (y / half[0]) ** 2 + (x / half[1]) ** 2 <= 1
    diameters = measure_diameters(inside[None], (5.0, *spacing_mm))
    diagonal = math.hypot(*spacing_mm)
    assert diameters.longest_mm == pytest.approx(max(axes_mm), abs=diagonal)
    assert diameters.perpendicular_mm == pytest.approx(min(axes_mm), abs=2 * diagonal)
