import math

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 (its own documentation calls it so)
from nibabel.affines import apply_affine
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation

from liverseg.grids.components import label_components
from liverseg.grids.cropping import find_box
from liverseg.grids.grid import Grid
from liverseg.scans.lesions import measure_lesions
from liverseg.scoring.surface import find_surface
from liverseg.volumes.nifti import Volume
from tests.scans.conftest import RULES

SHAPE = (60, 52, 40)
SPACING_MM = np.array([0.8, 1.1, 2.5])
TURNED = Rotation.from_euler("xyz", [9, -12, 20], degrees=True).as_matrix()
OBLIQUE = nib.affines.from_matvec(TURNED @ np.diag([-1, -1, 1]) * SPACING_MM, [11, -23, 45])


def list_positions_mm(affine):
    """Of all voxels in the patient, (i, j, k, 3)."""
    return apply_affine(affine, np.moveaxis(np.indices(SHAPE), 0, -1))


def draw_ellipsoid(affine, half_axes_mm, turned):
    """Voxels whose centre lies in an ellipsoid in the middle of the volume, and its centre."""
    centre = apply_affine(affine, (np.array(SHAPE) - 1) / 2 + 0.2)
    from_centre = (list_positions_mm(affine) - centre) @ turned
    return ((from_centre / half_axes_mm) ** 2).sum(axis=-1) <= 1, centre


def measure(labels, affine, connectivity=6, *, hu=None, probability=None, temperature=1.0):
    empty = np.zeros(labels.shape)
    scan = Volume(empty.astype(np.int16) if hu is None else hu, Grid(labels.shape, affine))
    probability = empty.astype(np.uint8) if probability is None else probability
    changes = {"lesion_connectivity": connectivity, "lesion_temperature": temperature}
    return measure_lesions(
        labels, scan, probability[find_box(labels)], RULES.model_copy(update=changes)
    )


def wrap(lesion):
    """Labels: the lesion in a volume that is liver all over."""
    return np.where(lesion, 2, 1).astype(np.uint8)


@pytest.mark.parametrize("radius_mm", [6, 12])
def test_a_ball_in_an_oblique_grid_has_its_volume_centre_and_diameters(radius_mm):
    """Only the slice through the middle shows the whole diameter, and slices lie 2.5 mm apart: the
    nearest is at most 1.25 mm off. A voxel belongs where its centre does, so an end is off by at
    most a voxel's diagonal of 1.36 mm in the slice.
    """
    ball, centre = draw_ellipsoid(OBLIQUE, [radius_mm] * 3, TURNED)
    (lesion,) = measure(wrap(ball), OBLIQUE)
    expected_ml = 4 / 3 * math.pi * radius_mm**3 / 1000
    # off by at most what a shell of half a voxel's diagonal holds; in truth errors cancel
    assert lesion.volume_ml == pytest.approx(expected_ml, rel=0.03)
    assert np.abs(np.subtract(lesion.centre_ras_mm, centre)).max() < 0.1
    in_slice_mm = 2 * math.sqrt(radius_mm**2 - 1.25**2)
    diagonal_mm = math.hypot(0.8, 1.1)
    for diameter in (lesion.diameters.longest_mm, lesion.diameters.perpendicular_mm):
        assert in_slice_mm - 2 * diagonal_mm < diameter < 2 * radius_mm + diagonal_mm


def test_an_ellipsoid_along_the_axes_of_the_grid_has_its_two_axial_diameters():
    """Half axes of 15, 9 and 12 mm; ends as above."""
    ellipsoid, centre = draw_ellipsoid(OBLIQUE, [15, 9, 12], TURNED)
    (lesion,) = measure(wrap(ellipsoid), OBLIQUE)
    assert lesion.volume_ml == pytest.approx(4 / 3 * math.pi * 15 * 9 * 12 / 1000, rel=0.02)
    assert np.abs(np.subtract(lesion.centre_ras_mm, centre)).max() < 0.1
    diagonal_mm = math.hypot(0.8, 1.1)
    shrunk = math.sqrt(1 - (1.25 / 12) ** 2)
    assert 30 * shrunk - 2 * diagonal_mm < lesion.diameters.longest_mm < 30 + diagonal_mm
    assert 18 * shrunk - 2 * diagonal_mm < lesion.diameters.perpendicular_mm < 18 + diagonal_mm


@pytest.mark.parametrize(("connectivity", "fully_connected"), [(6, False), (26, True)])
def test_volume_centre_box_and_intensity_are_those_of_simpleitk(connectivity, fully_connected):
    generator = np.random.default_rng(4)
    lesion = generator.random(SHAPE) < 0.03
    hu = generator.integers(-50, 200, SHAPE).astype(np.int16)
    lesions = measure(wrap(lesion), OBLIQUE, connectivity, hu=hu)

    to_lps = np.diag([-1, -1, 1, 1]) @ OBLIQUE
    image, mask = (sitk.GetImageFromArray(each.T) for each in (hu, lesion.astype(np.uint8)))
    for each in (image, mask):
        each.SetSpacing(SPACING_MM.tolist())
        each.SetDirection((to_lps[:3, :3] / SPACING_MM).ravel().tolist())
        each.SetOrigin(to_lps[:3, 3].tolist())
    shapes = sitk.LabelShapeStatisticsImageFilter()
    components = sitk.ConnectedComponent(mask, fully_connected)
    shapes.Execute(components)
    intensities = sitk.LabelIntensityStatisticsImageFilter()
    intensities.Execute(components, image)

    def sort_key(row):
        return [round(value, 3) for value in row]

    found = sorted(
        [
            each.volume_ml,
            *each.centre_lps_mm,
            *each.first_voxel,
            *np.subtract(each.last_voxel, each.first_voxel) + 1,
            each.mean_hu,
        ]
        for each in lesions
    )
    expected = sorted(
        [
            shapes.GetPhysicalSize(label) / 1000,
            *shapes.GetCentroid(label),
            *shapes.GetBoundingBox(label),
            intensities.GetMean(label),
        ]
        for label in shapes.GetLabels()
    )
    assert len(found) > 100
    found, expected = (np.array(sorted(rows, key=sort_key)) for rows in (found, expected))
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-4)
    assert [each.volume_ml for each in lesions] == sorted(found[:, 0], reverse=True)


def test_the_distance_to_the_surface_is_that_of_brute_force():
    """Between the positions of voxels in the patient, on an oblique grid."""
    liver, _ = draw_ellipsoid(OBLIQUE, [20, 18, 30], TURNED)
    generator = np.random.default_rng(0)
    lesion = liver & (generator.random(SHAPE) < 0.002)
    labels = liver.astype(np.uint8) + lesion
    lesions = measure(labels, OBLIQUE, 26)
    positions = list_positions_mm(OBLIQUE)
    surface = positions[find_surface(liver)]
    numbers, num_lesions = label_components(lesion, 26)
    expected = [
        cdist(positions[numbers == number], surface).min() for number in range(1, num_lesions + 1)
    ]
    found = [each.distance_to_liver_surface_mm for each in lesions]
    assert num_lesions > 20
    assert sorted(found) == pytest.approx(sorted(expected), abs=1e-4)


@pytest.mark.parametrize(("i", "depth_mm"), [(1, 1.5), (9, 13.5), (20, 30.0), (39, 31.5), (60, 0)])
def test_a_surface_far_beyond_a_small_lesion_is_found(i, depth_mm):
    """A liver of 61 x 45 x 45 voxels of 1.5 mm that fills the scan, a lesion of a voxel in it.

    Its outermost voxels are its surface: from i = 39 it is 21 voxels to i = 60.
    """
    labels = np.ones((61, 45, 45), np.uint8)
    labels[i, 22, 22] = 2
    (lesion,) = measure(labels, np.diag([1.5, 1.5, 1.5, 1]))
    assert lesion.distance_to_liver_surface_mm == pytest.approx(min(depth_mm, 22 * 1.5))


def test_the_order_of_axes_changes_neither_millimetres_nor_slices():
    labels = np.zeros(SHAPE, np.uint8)
    labels[5:50, 6:44, 4:33] = 1
    labels[20:31, 9:14, 6:9] = 2
    labels[22:24, 30:40, 11:13] = 2
    image = nib.Nifti1Image(labels, OBLIQUE)
    expected = measure(labels, OBLIQUE)
    assert [(each.first_slice, each.last_slice) for each in expected] == [(6, 8), (11, 12)]
    for codes in ("RAS", "LPI", "SPL", "IAR", "PIR"):
        target = nib.orientations.ornt_transform(
            nib.io_orientation(OBLIQUE), nib.orientations.axcodes2ornt(codes)
        )
        turned = image.as_reoriented(target)
        measured = measure(np.array(turned.dataobj), turned.affine)
        for one, other in zip(measured, expected, strict=True):
            assert one.volume_ml == pytest.approx(other.volume_ml)
            assert one.centre_ras_mm == pytest.approx(other.centre_ras_mm)
            assert one.diameters.longest_mm == pytest.approx(other.diameters.longest_mm)
            assert one.diameters.perpendicular_mm == pytest.approx(other.diameters.perpendicular_mm)
            assert (one.first_slice, one.last_slice) == (other.first_slice, other.last_slice)
            depths = (each.distance_to_liver_surface_mm for each in (one, other))
            assert next(depths) == pytest.approx(next(depths), rel=1e-6)


def test_hu_and_confidence_are_those_of_the_lesion_alone():
    labels = np.ones((4, 4, 4), np.uint8)
    labels[1, 1, 1:3] = 2
    hu = np.full(labels.shape, 999, np.int16)
    probability = np.full(labels.shape, 255, np.uint8)
    hu[1, 1, 1:3] = 40, 60
    probability[1, 1, 1:3] = 102, 153  # 0.4 and 0.6
    (lesion,) = measure(labels, np.eye(4), hu=hu, probability=probability)
    assert (lesion.mean_hu, lesion.std_hu) == (50, 10)
    assert lesion.confidence == pytest.approx(0.5)


def test_the_confidence_is_the_mean_of_the_calibrated_probabilities():
    labels = np.ones((4, 4, 4), np.uint8)
    labels[1, 1, 1:3] = 2
    probability = np.zeros(labels.shape, np.uint8)
    probability[1, 1, 1:3] = 204, 255  # odds of 4 to 1, whose root is 2 to 1, and 1, which stays
    (lesion,) = measure(labels, np.eye(4), probability=probability, temperature=2.0)
    assert lesion.confidence == pytest.approx((2 / 3 + 1) / 2)


def test_voxels_that_touch_by_a_corner_are_one_lesion_under_26_and_two_under_6():
    labels = np.ones((4, 4, 4), np.uint8)
    labels[1, 1, 1] = labels[2, 2, 2] = 2
    assert [len(measure(labels, np.eye(4), connectivity)) for connectivity in (6, 26)] == [2, 1]


def test_on_a_sheared_grid_the_distance_is_undefined_and_the_volume_is_not():
    """A tilted gantry: a step along k shifts along y."""
    affine = np.diag([1.0, 1, 2, 1])
    affine[1, 2] = 0.5
    labels = np.ones((5, 5, 5), np.uint8)
    labels[2, 2, 2] = 2
    (lesion,) = measure(labels, affine)
    assert math.isnan(lesion.distance_to_liver_surface_mm)
    assert lesion.volume_ml == pytest.approx(0.002)
    assert lesion.centre_ras_mm == (2, 3, 4)


@pytest.mark.parametrize("value", [0, 1])
def test_without_label_2_there_are_no_lesions(value):
    assert measure(np.full((3, 4, 5), value, np.uint8), np.eye(4)) == ()
