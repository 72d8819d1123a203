import tracemalloc

import numpy as np
import pytest
from scipy import ndimage

from liverseg.grids.grid import Grid
from liverseg.params import LabelRules
from liverseg.postprocess.labels import build_labels, label_volume
from liverseg.slices.geometry import SliceGrid

GRID = Grid((16, 16, 4), np.diag([-1.0, -1.0, 2.0, 1.0]))  # 2 mm3 a voxel: 0.002 ml


def build_params(**values) -> LabelRules:
    shipped = {
        "liver_threshold": 0.5,
        "lesion_threshold": 0.5,
        "largest_liver_component": True,
        "min_lesion_ml": 0.0,
        "lesion_connectivity": 6,
    }
    return LabelRules(**(shipped | values))


def empty():
    return np.zeros(GRID.shape, bool)


@pytest.fixture
def liver():
    """200 voxels, and an island of 8."""
    mask = empty()
    mask[:10, :10, :2] = True
    mask[14:, 14:, 2:] = True
    return mask


def test_lesion_is_2_liver_is_1_and_the_rest_0(liver):
    lesion = empty()
    lesion[2:4, 2, 0] = True
    labels = build_labels(liver, lesion, build_params(), GRID)
    assert labels.dtype == np.uint8
    assert np.bincount(labels.ravel()).tolist() == [1024 - 200, 198, 2]
    assert (labels[2:4, 2, 0] == 2).all()


def test_only_the_largest_part_of_the_liver_stays(liver):
    labels = build_labels(liver, empty(), build_params(), GRID)
    assert labels.sum() == 200
    assert not labels[14:].any()


def test_every_part_of_the_liver_stays_where_that_is_asked_for(liver):
    labels = build_labels(liver, empty(), build_params(largest_liver_component=False), GRID)
    assert labels.sum() == 208


def test_parts_that_touch_by_a_corner_are_one_liver():
    liver = empty()
    liver[:4, :4, :2] = True
    liver[4, 4, 2] = True
    assert build_labels(liver, empty(), build_params(), GRID)[4, 4, 2] == 1


def test_lesions_outside_the_liver_are_dropped(liver):
    lesion = empty()
    lesion[8:12, 0, 0] = True  # 2 voxels inside, 2 outside
    labels = build_labels(liver, lesion, build_params(), GRID)
    assert (labels[:, 0, 0] == 2).nonzero()[0].tolist() == [8, 9]


def test_lesions_in_a_part_of_the_liver_that_is_dropped_go_with_it(liver):
    lesion = empty()
    lesion[14:, 14:, 2:] = True
    assert not (build_labels(liver, lesion, build_params(), GRID) == 2).any()


def test_a_lesion_of_the_smallest_volume_stays_and_one_voxel_less_becomes_liver(liver):
    lesion = empty()
    lesion[0:3, 0, 0] = True  # 3 voxels of 0.002 ml
    lesion[5:7, 5, 0] = True  # 2 voxels
    labels = build_labels(liver, lesion, build_params(min_lesion_ml=0.006), GRID)
    assert (labels[0:3, 0, 0] == 2).all()
    assert (labels[5:7, 5, 0] == 1).all()


def test_the_volume_of_a_lesion_is_that_inside_the_liver(liver):
    lesion = empty()
    lesion[8:12, 0, 0] = True  # 2 of its 4 voxels are inside
    labels = build_labels(liver, lesion, build_params(min_lesion_ml=0.006), GRID)
    assert not (labels == 2).any()


@pytest.mark.parametrize(("connectivity", "kept"), [(6, 0), (18, 2), (26, 2)])
def test_voxels_that_share_an_edge_are_one_lesion_by_18_neighbours(liver, connectivity, kept):
    lesion = empty()
    lesion[2, 2, 0] = lesion[3, 3, 0] = True
    params = build_params(min_lesion_ml=0.004, lesion_connectivity=connectivity)
    assert (build_labels(liver, lesion, params, GRID) == 2).sum() == kept


def test_without_liver_there_is_nothing():
    lesion = np.ones(GRID.shape, bool)
    assert not build_labels(empty(), lesion, build_params(), GRID).any()


def test_the_masks_that_come_in_stay_as_they_are(liver):
    lesion = liver.copy()
    before = liver.copy(), lesion.copy()
    build_labels(liver, lesion, build_params(min_lesion_ml=0.1), GRID)
    assert np.array_equal(liver, before[0])
    assert np.array_equal(lesion, before[1])


def test_each_region_has_its_own_threshold():
    slice_grid = SliceGrid(GRID, 16)
    liver = np.full((4, 16, 16), 0.4, np.float32)
    lesion = np.full((4, 16, 16), 0.7, np.float32)
    for liver_threshold, lesion_threshold, expected in (
        (0.4, 0.7, 2),
        (0.4, 0.71, 1),
        (0.5, 0.1, 0),
    ):
        params = build_params(liver_threshold=liver_threshold, lesion_threshold=lesion_threshold)
        assert (label_volume(liver, lesion, slice_grid, params) == expected).all()


def test_probabilities_are_brought_back_before_the_threshold():
    # one pixel in two is certain: at twice the size the values 1, 0.75, 0.25, 0 lie between them
    slice_grid = SliceGrid(Grid((32, 32, 1), np.diag([-1.0, -1.0, 1.0, 1.0])), 16)
    liver = np.zeros((1, 16, 16), np.float32)
    liver[:, :, :8] = 1
    for threshold, columns in ((0.8, 15), (0.7, 16), (0.2, 17)):
        params = build_params(liver_threshold=threshold)
        labels = label_volume(liver, np.zeros_like(liver), slice_grid, params)
        assert labels[:, 0, 0].sum() == columns


def test_a_box_with_odd_sides_gives_the_labels_of_the_whole_volume():
    """Components of boxes of every parity, also at the ends of the array, against all voxels."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        liver = np.zeros((9, 8, 7), np.bool_, order="F")
        first, last = rng.integers(0, 3, 3), rng.integers(5, 8, 3)
        box = tuple(slice(*ends) for ends in zip(first, last, strict=True))
        liver[box] = rng.random(liver[box].shape) < 0.2
        numbers, _ = ndimage.label(liver, np.ones((3, 3, 3)))
        sizes = np.bincount(numbers.ravel())[1:]
        labels = build_labels(
            liver, np.zeros_like(liver), build_params(), Grid(liver.shape, np.eye(4))
        )
        assert np.count_nonzero(labels) == sizes.max()
        assert len(set(numbers[labels > 0].tolist())) == 1


def test_labels_take_two_bytes_a_voxel_and_the_box_of_the_liver():
    """Large scans: a mask of the liver, whose place the labels take, and one of the lesions."""
    slice_grid = SliceGrid(Grid((160, 160, 160), np.eye(4)), 160)
    liver = np.zeros((160, 160, 160), np.uint8)
    liver[40:80, 40:80, 40:80] = 255
    lesion = np.zeros_like(liver)
    lesion[50:60, 50:60, 50:60] = 255
    tracemalloc.start()
    labels = label_volume(liver, lesion, slice_grid, build_params())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (labels == 2).sum() == 1000
    assert peak < 2.3 * liver.size  # 0.3 for the box, a 64th of the volume
