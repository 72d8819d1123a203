import nibabel as nib
import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.viewing.scene import build_scene, find_start
from tests.viewing.conftest import AFFINE


def test_the_crosshair_begins_in_the_middle_of_the_largest_lesion(scene_files):
    scan, mask = scene_files
    scene = build_scene(scan, [mask])
    assert scene.start_mm == (50 - 2 * 6, 40 - 2 * 7, -70 + 3 * 8)
    assert scene.files == (scan, mask)


def test_without_lesion_it_begins_in_the_liver_and_without_liver_nowhere(labels):
    grid = Grid((24, 20, 16), np.eye(4))
    liver = (labels > 0).astype(np.uint8)
    x, y, z = find_start(liver, grid)
    assert (
        abs(x - 11) + abs(y - 9.5) + abs(z - 7.5) <= 1
    )  # a voxel at the centre of 3:20, 3:17, 2:14
    assert find_start(np.zeros_like(liver), grid) is None


def test_it_begins_inside_of_a_lesion_whose_centre_is_not():
    """A ring of eight voxels around one that is liver."""
    labels = np.ones((3, 3, 1), np.uint8) * 2
    labels[1, 1] = 1
    x, y, z = find_start(labels, Grid((3, 3, 1), np.eye(4)))
    assert labels[int(x), int(y), int(z)] == 2


def test_a_mask_in_another_axis_order_is_on_the_grid(scene_files, tmp_path):
    scan, mask = scene_files
    reordered = nib.as_closest_canonical(nib.load(mask))
    nib.save(reordered, tmp_path / "ras.nii.gz")
    assert (
        build_scene(scan, [tmp_path / "ras.nii.gz"]).start_mm == build_scene(scan, [mask]).start_mm
    )


@pytest.mark.parametrize("shift_mm", [(1, 0, 0), (0, 0, 3)])
def test_a_mask_on_another_grid_is_an_error_that_names_both(
    scene_files, labels, tmp_path, shift_mm
):
    affine = AFFINE.copy()
    affine[:3, 3] += shift_mm
    nib.save(nib.Nifti1Image(labels, affine), tmp_path / "moved.nii")
    with pytest.raises(
        DataError, match=r"moved\.nii: expected a mask on the grid of .*scan"
    ) as caught:
        build_scene(scene_files[0], [tmp_path / "moved.nii"])
    assert "2 x 2 x 3 mm, axes LPS" in str(caught.value)


def test_a_scan_is_no_mask_and_a_series_no_scan(scene_files, tmp_path):
    scan, mask = scene_files
    with pytest.raises(DataError, match="0 background, 1 liver, 2 lesion"):
        build_scene(scan, [scan])
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4, 2), np.int16), AFFINE), tmp_path / "4d.nii")
    with pytest.raises(DataError, match="one three-dimensional volume"):
        build_scene(tmp_path / "4d.nii", [])
    with pytest.raises(DataError, match="no such file"):
        build_scene(tmp_path / "none.nii", [mask])
