import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.alignment import align_labels
from liverseg.volumes.nifti import Volume

LABELS = np.random.default_rng(0).integers(0, 3, (3, 4, 5), np.uint8)
AFFINE = np.array([[-0.7, 0, 0, 90], [0, -0.7, 0, 80], [0, 0, 2.5, -400], [0, 0, 0, 1]])
GRID = Grid((3, 4, 5), AFFINE)


def test_labels_on_the_grid_of_the_reference_stay_as_they_are():
    assert np.array_equal(align_labels(Volume(LABELS, GRID), GRID, "7"), LABELS)


@pytest.mark.parametrize("axis_codes", ["RAS", "SPL", "AIR"])
def test_labels_in_another_axis_order_are_brought_to_that_of_the_reference(axis_codes):
    turned = reorient_array(LABELS, GRID.axis_codes, axis_codes)
    volume = Volume(turned, reorient_grid(GRID, axis_codes))
    assert np.array_equal(align_labels(volume, GRID, "7"), LABELS)


def test_an_affine_that_differs_by_rounding_is_the_same():
    grid = Grid(GRID.shape, GRID.affine.astype(np.float32).astype(np.float64))
    assert np.array_equal(align_labels(Volume(LABELS, grid), GRID, "7"), LABELS)


@pytest.mark.parametrize(
    "change",
    [
        np.diag([1, 1, 2.0, 1]),  # another spacing
        np.diag([1, 1, -1.0, 1]),  # flipped without being moved
        np.array([[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]),  # a voxel aside
    ],
)
def test_any_other_grid_is_an_error_that_prints_both(change):
    volume = Volume(LABELS, Grid((3, 4, 5), AFFINE @ change))
    with pytest.raises(DataError) as error:
        align_labels(volume, GRID, "prediction.nii")
    message = str(error.value)
    assert message.startswith("prediction.nii: expected labels on the grid that they belong to")
    assert "shape (3, 4, 5), 0.7 x 0.7 x 2.5 mm, axes LPS" in message
    assert "[-0.7, 0, 0, 90]" in message
    assert message.count("affine [") == 2


def test_labels_that_lost_their_affine_may_take_that_of_the_target():
    with pytest.raises(DataError, match=r"or give them its affine if the voxels correspond"):
        align_labels(Volume(LABELS, Grid((3, 4, 5), np.eye(4))), GRID, "7")


def test_another_shape_is_an_error_that_only_resampling_mends():
    volume = Volume(LABELS[:, :, :4], Grid((3, 4, 4), GRID.affine))
    with pytest.raises(DataError, match=r"\(3, 4, 5\).*\(3, 4, 4\).*\(nearest neighbour\)\.$"):
        align_labels(volume, GRID, "7")
