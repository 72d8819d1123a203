import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist

from liverseg.grids.components import label_components
from liverseg.scoring.diameters import classify_size, measure_axial_diameters

spacings = st.tuples(*[st.floats(0.1, 6)] * 3)


def measure_by_brute_force(mask, spacing_mm):
    """The largest distance between any two corners of voxels in one slice."""
    largest = 0.0
    for plane in mask:
        voxels = np.argwhere(plane)
        if len(voxels):
            corners = np.concatenate(
                [voxels + np.array([down, right]) for down in (0, 1) for right in (0, 1)]
            )
            largest = max(largest, pdist(corners * spacing_mm[1:]).max())
    return largest


def test_one_voxel_measures_its_diagonal_in_the_slice():
    components = np.zeros((3, 3, 3), np.uint32)
    components[1, 1, 1] = 1
    assert measure_axial_diameters(components, (9.0, 3.0, 4.0)) == pytest.approx([5])


def test_a_lesion_that_is_long_across_slices_is_no_wider_for_it():
    components = np.ones((50, 3, 4), np.uint32)
    assert measure_axial_diameters(components, (5.0, 1.0, 1.0)) == pytest.approx([5])


def test_corners_of_two_parts_of_a_lesion_in_one_slice_count():
    components = np.zeros((2, 6, 8), np.uint32)
    components[0] = 1  # joins the two corners of the other slice
    components[0, :, 4:] = 0
    components[1, 0, 0] = components[1, 5, 7] = 1
    # in the upper slice from corner (0, 0) to corner (6, 8)
    assert measure_axial_diameters(components, (1.0, 1.0, 1.0)) == pytest.approx([10])


def test_without_a_component_there_is_no_diameter():
    assert measure_axial_diameters(np.zeros((2, 2, 2), np.uint32), (1.0, 1.0, 1.0)).shape == (0,)
    assert measure_axial_diameters(np.zeros((0, 0, 0), np.uint32), (1.0, 1.0, 1.0)).shape == (0,)


@given(arrays(bool, st.tuples(*[st.integers(1, 7)] * 3)), spacings, st.sampled_from([6, 18, 26]))
def test_diameters_agree_with_brute_force(mask, spacing_mm, connectivity):
    components, num_components = label_components(mask, connectivity)
    expected = [
        measure_by_brute_force(components == number, spacing_mm)
        for number in range(1, num_components + 1)
    ]
    assert measure_axial_diameters(components, spacing_mm) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("diameter_mm", "size"),
    [
        *((0.5, "small"), (9.99, "small"), (10.0, "medium"), (20.0, "medium"), (20.01, "large")),
        *((9.9999999, "medium"), (20.0000001, "medium")),  # as a float32 spacing leaves them
    ],
)
def test_the_limits_of_10_and_20_mm_both_belong_to_the_medium_class(diameter_mm, size):
    assert classify_size(diameter_mm) == size
