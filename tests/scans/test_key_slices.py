import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.scans.key_slices import select_key_slices
from liverseg.volumes.nifti import Volume, read_labels, read_scan

SHAPE = (20, 16, 10)
LPS_GRID = Grid(SHAPE, np.diag([-1.0, -2.0, 3.0, 1.0]))
BRIGHT_HU = 250


@pytest.fixture
def scan():
    """In LPS: bright are the voxels furthest to the right, to the front and to the head."""
    data = np.full(SHAPE, -1000, np.int16)
    data[0], data[:, 0], data[..., -1] = BRIGHT_HU, BRIGHT_HU, BRIGHT_HU
    return Volume(data, LPS_GRID)


@pytest.fixture
def labels():
    """A liver with two lesions: the first is largest at k = 6, the second lies at k = 2 alone."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[4:14, 4:12, 1:9] = 1
    labels[5:8, 5:8, 5:8] = 2
    labels[8, 5:8, 6] = 2
    labels[10:12, 9:11, 2] = 2
    return labels


def reorient(scan, labels, codes):
    grid = reorient_grid(scan.grid, codes)
    return Volume(reorient_array(scan.data, "LPS", codes), grid), reorient_array(
        labels, "LPS", codes
    )


@pytest.mark.parametrize("codes", ["LPS", "RAS", "LPI", "PSR", "SAL"])
def test_slices_are_seen_as_radiologists_see_them_whatever_the_axis_order(scan, labels, codes):
    axial, coronal, first, second = select_key_slices(*reorient(scan, labels, codes), 6).slices
    assert axial.image.shape == (16, 20)
    assert coronal.image.shape == (10, 20)
    for seen in (axial, coronal):
        assert (seen.image[:, 0] == 255).all()  # right
        assert (seen.image[0] == 255).all()  # front, or head
        assert not seen.image[1:, 1:].any()
    assert axial.pixel_mm == (2, 1)
    assert coronal.pixel_mm == (3, 1)
    assert set(np.unique(first.lesions)) == {0, 1}
    assert (first.labels == 2).sum() == 3 * 3 + 3
    assert set(np.unique(second.lesions)) == {0, 2}


@pytest.mark.parametrize("codes", ["LPS", "RAI", "IPR"])
def test_slices_count_from_the_feet_and_rows_from_the_front(scan, labels, codes):
    _, coronal, first, _ = select_key_slices(*reorient(scan, labels, codes), 6).slices
    assert first.title == "Lesion 1, slice 6"
    assert coronal.title == "Coronal, most lesion, row 7"  # rows 5 to 7 are equal: the last


def test_slices_of_lesions_show_the_liver_with_a_margin(scan, labels):
    first = select_key_slices(scan, labels, 6).slices[2]
    # the liver measures 10 x 8 pixels; 13 with a margin of 15 % on either side
    assert first.image.shape == (13, 13)


def test_lesions_that_are_largest_in_one_slice_share_it(scan, labels):
    labels[10:12, 9:11, 2] = 1
    labels[10:12, 9:11, 6] = 2
    *_, shared = select_key_slices(scan, labels, 6).slices
    assert shared.title == "Lesions 1, 2, slice 6"


def test_of_many_lesions_the_largest_are_shown(scan):
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:19, 1:15] = 1
    for k in range(8):  # one a slice, the larger the higher, none touching the next
        labels[2 + k % 2 * 9, 2 : 4 + k, k] = 2
    found = select_key_slices(scan, labels, 6)
    assert [each.title for each in found.slices[2:]] == [
        f"Lesion {number}, slice {k}"
        for number, k in zip(range(1, 7), range(7, 1, -1), strict=True)
    ]
    assert (found.num_shown, found.num_lesions) == (6, 8)


def test_without_liver_the_middle_is_shown(scan):
    found = select_key_slices(scan, np.zeros(SHAPE, np.uint8), 6)
    assert [each.title for each in found.slices] == [
        *("Axial, middle, slice 5", "Coronal, middle, row 8")
    ]
    assert not found.has_liver


def test_the_lesions_of_a_real_scan_are_shown_where_they_are_largest(shared_data):
    case = shared_data / "3dircadb-17"
    found = select_key_slices(
        read_scan(case / "volume-17.nii.gz"), read_labels(case / "segmentation-17.nii.gz").data, 6
    )
    mask = np.asarray(nib.load(case / "segmentation-17.nii.gz").dataobj) == 2
    lesions, _ = ndimage.label(mask)  # by faces; k runs from the feet in this scan
    areas = [np.sum(lesions == number, axis=(0, 1)) for number in (1, 2)]
    areas.sort(key=np.sum, reverse=True)
    assert [each.title for each in found.slices[2:]] == [
        f"Lesion {number}, slice {area.argmax()}" for number, area in enumerate(areas, start=1)
    ]
