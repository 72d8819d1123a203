from dataclasses import replace

import numpy as np
import pytest
from nibabel.affines import from_matvec
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation

from liverseg.grids.cropping import find_box
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.params import PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import build_scan
from liverseg.scans.lesions import measure_lesions
from liverseg.volumes.nifti import Volume
from tests.made.grids import AXIS_ORDERS, build_oblique_grid
from tests.scans.conftest import RULES

PHANTOM = PhantomParams(
    seed=0,
    anatomy="plain",
    num_patients=1,
    num_second_scans=0,
    field_of_view_mm=400,
    in_plane_spacing_mm=(2.0, 2.5),
    slice_spacing_mm=(3.0, 4.0),
)
THIRDS = (("right", "left"), ("ventral", "dorsal"), ("caudal", "cranial"))
TO_RAS = np.diag([-1.0, -1, 1])


def place(labels, affine):
    """The lesions' positions, by decreasing volume."""
    empty = np.zeros(labels.shape, np.uint8)
    scan = Volume(empty.astype(np.int16), Grid(labels.shape, affine))
    return [each.position for each in measure_lesions(labels, scan, empty[find_box(labels)], RULES)]


def build_lps_affine(spacing_mm, turn=None):
    turn = np.eye(3) if turn is None else turn
    return from_matvec(TO_RAS @ turn @ np.diag(spacing_mm), [7, -11, 13])


def test_shares_count_from_the_outer_corners_of_the_livers_voxels():
    """A box of 10 x 6 x 4 voxels of 2 x 3 x 5 mm, and a voxel of it as lesion. Before its centre
    lie 1.5 of 10 voxels from the right, 5.5 of 6 from ventral and 1.5 of 4 from caudal.
    """
    labels = np.zeros((20, 16, 9), np.uint8)
    labels[5:15, 4:10, 2:6] = 1
    labels[6, 9, 3] = 2
    (position,) = place(labels, build_lps_affine((2, 3, 5)))
    assert position.shares == pytest.approx((0.15, 5.5 / 6, 0.375))
    assert position.left_of_liver_centre_mm == pytest.approx(2 * (6 - 9.5))
    assert position.words == "subcapsular right dorsal"  # 0.375 is within the middle third


@pytest.mark.parametrize(("depth_mm", "words"), [(9, "subcapsular right"), (10, "deep middle")])
def test_less_than_10_mm_from_the_surface_is_subcapsular(depth_mm, words):
    """In a cube of 31 voxels of 1 mm: 9.5 of 31 are less than a third, 10.5 are not."""
    labels = np.ones((31, 31, 31), np.uint8)
    labels[depth_mm, 15, 15] = 2
    (position,) = place(labels, build_lps_affine((1, 1, 1)))
    assert position.words == words


def test_on_an_oblique_grid_the_patients_axes_count():
    """A row of 5 voxels that is turned by 30° from left to dorsal: voxel n lies n cos 30° to the
    left and n / 2 to dorsal. The corners of a voxel reach (cos 30° + 1/2) / 2 along both axes.
    """
    turn = Rotation.from_euler("z", 30, degrees=True).as_matrix()
    labels = np.zeros((7, 3, 3), np.uint8)
    labels[1:6, 1, 1] = 2, 1, 1, 1, 1
    (position,) = place(labels, build_lps_affine((1, 1, 1), turn))
    cosine = np.sqrt(3) / 2
    corner = (cosine + 1 / 2) / 2
    expected = (corner / (4 * cosine + 2 * corner), corner / (4 / 2 + 2 * corner), 0.5)
    assert position.shares == pytest.approx(expected)
    assert position.left_of_liver_centre_mm == pytest.approx(-2 * cosine)
    assert position.words == "subcapsular right ventral"


def draw_labels():
    """An irregular liver of 24 x 20 x 16 voxels with three lesions of different size."""
    generator = np.random.default_rng(8)
    labels = np.zeros((24, 20, 16), np.uint8)
    labels[2:22, 3:18, 1:15] = generator.random((20, 15, 14)) < 0.9
    labels[3:6, 4:8, 10:14] = 2
    labels[16:19, 14:16, 3:5] = 2
    labels[11, 10, 7] = 2
    return labels


def test_the_order_of_storage_changes_no_word():
    labels = draw_labels()
    turn = Rotation.from_euler("xyz", [9, -12, 20], degrees=True).as_matrix()
    grid = Grid(labels.shape, build_lps_affine((1.5, 2, 4), turn))
    expected = place(labels, grid.affine)
    assert len(AXIS_ORDERS) == 48
    for codes in AXIS_ORDERS:
        stored = reorient_array(labels, grid.axis_codes, codes)
        found = place(stored, reorient_grid(grid, codes).affine)
        assert [each.words for each in found] == [each.words for each in expected]
        for one, other in zip(found, expected, strict=True):
            assert one.shares == pytest.approx(other.shares)
            assert one.left_of_liver_centre_mm == pytest.approx(other.left_of_liver_centre_mm)


def test_a_mirrored_patient_has_left_for_right_and_the_rest_as_before():
    labels = draw_labels()
    affine = build_lps_affine((1.5, 2, 4))
    swapped = {"right": "left", "left": "right"}
    for one, other in zip(
        place(labels, affine), place(labels, np.diag([-1, 1, 1, 1]) @ affine), strict=True
    ):
        assert [swapped.get(word, word) for word in one.words.split()] == other.words.split()
        assert one.shares[0] == pytest.approx(1 - other.shares[0])
        assert one.shares[1:] == pytest.approx(other.shares[1:])
        assert one.left_of_liver_centre_mm == pytest.approx(-other.left_of_liver_centre_mm)


def test_on_a_sheared_grid_no_word_speaks_of_depth():
    grid = build_oblique_grid("LPS", (24, 20, 16))
    words = " ".join(each.words for each in place(draw_labels(), grid.affine))
    assert words
    assert "deep" not in words
    assert "subcapsular" not in words


def test_a_liver_that_is_one_lesion_has_it_in_its_middle():
    labels = np.zeros((5, 6, 7), np.uint8)
    labels[1, 2, 3] = 2
    (position,) = place(labels, build_lps_affine((1, 1, 1)))
    assert position.shares == pytest.approx((0.5, 0.5, 0.5))
    assert position.words == "subcapsular middle"


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_the_phantoms_lesions_are_where_the_phantom_put_them(seed):
    """Its patient lies along LPS axes in mm, with z shifted by an unknown way: there lesions are
    compared with each other. Posture moves all by some 1.5 mm; bumps, and what the liver's edge
    cuts off, move a centre too: 5 mm in all.
    """
    rng = np.random.default_rng(seed)
    patient = replace(draw_patient(rng, has_lesions=True), warps=())
    scan = build_scan(rng, patient, PHANTOM)
    first, last = (end(np.argwhere(scan.labels), axis=0) for end in (np.min, np.max))
    spacing_mm, to_lps = scan.grid.spacing_mm, TO_RAS @ scan.grid.affine[:3, 3]
    first_mm, extent_mm = to_lps + (first - 0.5) * spacing_mm, (last - first + 1) * spacing_mm
    positions = place(scan.labels, scan.grid.affine)
    found = np.array([each.shares for each in positions]) * extent_mm
    known = np.array([each.outline.centre for each in patient.lesions]) - first_mm
    known[:, 2] += (found - known)[0, 2]  # the largest is the first of both
    known = known[cdist(found, known).argmin(axis=1)]
    known[:, 2] += (found - known)[:, 2].mean()
    assert len(found) == len(patient.lesions) > 1
    assert np.abs(found - known).max() < 5
    for position, centre in zip(positions, known, strict=True):
        for names, lowest, highest in zip(
            THIRDS, (centre - 5) / extent_mm, (centre + 5) / extent_mm, strict=True
        ):
            if highest < 1 / 3 or lowest > 2 / 3:
                assert names[int(lowest > 1 / 2)] in position.words.split()
