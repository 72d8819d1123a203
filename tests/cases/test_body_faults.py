"""Scans whose body lies the wrong way, is no trunk, is shifted in HU, or is there twice."""

import numpy as np
import pytest

from liverseg.cases.scan_check import check_scan, check_sides
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.params import PhantomParams
from liverseg.phantom.patient import draw_patient
from liverseg.phantom.scan import build_scan
from liverseg.phantom.varied.patient import build_varied_scan, draw_varied_patient
from liverseg.volumes.nifti import Volume, read_scan
from tests.cases.verdicts import assert_found

FRONT_BACK, HEAD_FEET = 1, 2
"""Axes of LPS, in which the phantoms come."""


def mirror(*axes):
    def spoil(sample):
        sample.hu, sample.labels = np.flip(sample.hu, axes), np.flip(sample.labels, axes)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (mirror(FRONT_BACK), ["mirrored, front and back exchanged: ", "in front"]),
        (mirror(HEAD_FEET), ["mirrored, head and feet exchanged: ", "cm2 of lung in the lowest"]),
        (mirror(0), ["mirrored, left and right exchanged: the liver lies", "to the left"]),
        (mirror(FRONT_BACK, HEAD_FEET), ["turned by half, front and back, and head and feet"]),
        (mirror(0, FRONT_BACK), ["turned by half, front and back, and left and right"]),
        (mirror(0, FRONT_BACK, HEAD_FEET), ["mirrored, front and back, and head", ", and left"]),
    ],
)
def test_a_case_whose_body_lies_the_wrong_way_says_which(tmp_path, sample, verify, spoil, words):
    spoil(sample)
    sample.save(tmp_path)
    check = verify()
    assert_found(check, "warning", "likely", *words)
    assert len(check.findings) == 1


def append_phase(hu):
    """Another phase of the patient, who has moved by a voxel: enhanced tissue is brighter."""
    return np.concatenate([hu, np.roll(np.where(hu > 50, hu + 30, hu), 1, 0)], axis=2)


def append_part(hu):
    return append_phase(hu)[..., : 3 * hu.shape[2] // 2]


def append_reversed(hu):
    return np.concatenate([hu, np.where(hu > 50, hu + 30, hu)[..., ::-1]], axis=2)


def shift_down(hu):
    return hu - np.int16(100)


def shift_up(hu):
    return hu + np.int16(100)


def find(hu, grid):
    """What is found in a scan without a mask."""
    checked = check_scan(Volume(hu, Grid(hu.shape, grid.affine)))
    return [each.reason for each in (*checked.findings, *check_sides(checked.body, None))]


def judge(scan):
    return find(scan.data, scan.grid)


FAULTS = [
    (append_phase, "anatomy begins again there, as where a second scan is appended"),
    (append_part, "anatomy begins again there"),
    (append_reversed, "anatomy begins again there"),
    (shift_down, "the values are likely shifted by -"),
    (shift_up, "the values are likely shifted by +"),
    (lambda hu: np.flip(hu, FRONT_BACK), "front and back exchanged"),
    (lambda hu: np.flip(hu, HEAD_FEET), "head and feet exchanged"),
]


@pytest.mark.parametrize(("spoil", "words"), FAULTS)
def test_a_fault_of_a_phantom_is_found_without_a_mask_and_no_other(phantom, spoil, words):
    (reason,) = find(spoil(phantom.hu), phantom.grid)
    assert words in reason


@pytest.mark.parametrize("name", ["3dircadb-17/volume-17", "ct_3mm/ct"])
def test_each_fault_of_a_real_scan_is_found_and_no_other(shared_data, name):
    scan = read_scan(shared_data / f"{name}.nii.gz")
    hu = reorient_array(scan.data, scan.grid.axis_codes, "LPS").astype(np.int16)
    grid = reorient_grid(scan.grid, "LPS")
    assert find(hu, grid) == []
    for spoil, words in FAULTS:
        (reason,) = find(spoil(hu), grid)
        assert words in reason


def build_plain_scan(rng, *, slice_mm):
    params = PhantomParams(
        anatomy="plain",
        seed=0,
        num_patients=1,
        num_second_scans=0,
        field_of_view_mm=300,
        in_plane_spacing_mm=(3.0, 4.0),
        slice_spacing_mm=(slice_mm, slice_mm),
    )
    return build_scan(rng, draw_patient(rng, has_lesions=True), params)


def test_missing_slices_are_a_step_where_they_are_missing():
    scan = build_plain_scan(np.random.default_rng(1), slice_mm=2.0)
    (reason,) = find(np.delete(scan.hu, slice(25, 50), axis=2), scan.grid)
    assert "between slices 24 and 25, counted from 0 at the feet" in reason
    assert "slices are missing there, or another scan begins" in reason


def test_blank_slices_at_an_end_are_no_second_scan(phantom):
    hu = phantom.hu.copy()
    hu[..., :2] = -1024
    assert find(hu, phantom.grid) == []


def test_an_organ_that_is_its_own_mirror_image_is_no_second_scan():
    """In a narrow part of a scan there is little else."""
    i, j, k = np.indices((24, 24, 60))
    from_middle = ((i - 11.5) / 11) ** 2 + ((j - 11.5) / 11) ** 2 + ((k - 29.5) / 15) ** 2
    hu = np.where(from_middle < 1, 150, -100).astype(np.int16)
    found = find(hu, Grid(hu.shape, np.diag([-3.0, -3, 3, 1])))
    assert [each for each in found if "begins again" in each] == []


def test_a_prone_patient_lies_as_the_header_says(phantom):
    """The spine stays behind; the table is in front."""
    hu = phantom.hu.copy()
    rows = np.flatnonzero((hu > -200).any((0, 2)))
    hu[:, rows[-1] + 1 :] = -1000
    hu[10:60, rows[0] - 3] = 0
    assert find(hu, phantom.grid) == []


def test_a_leg_is_no_trunk():
    i, j, _ = np.indices((80, 80, 40))
    distance_mm = 3 * np.hypot(i - 39.5, j - 39.5)
    hu = np.select(
        [distance_mm < 14, distance_mm < 60, distance_mm < 75], [700, 55, -100], -1000
    ).astype(np.int16)
    # a circle of 75 mm: 177 cm2, of voxels whose middle lies in it
    (reason,) = find(hu, Grid(hu.shape, np.diag([-3.0, -3, 5, 1])))
    assert reason.startswith("a body of 17")
    assert "cm2 in cross-section" in reason


@pytest.mark.parametrize("seed", range(16))
def test_nothing_is_found_on_whole_phantoms_and_parts_of_them(seed):
    rng = np.random.default_rng(seed)
    if seed % 2:
        scan = build_plain_scan(rng, slice_mm=rng.uniform(2.5, 5))
    else:
        scan = build_varied_scan(rng, draw_varied_patient(rng, has_lesions=True), (3.0, 4.0))
    assert find(scan.hu, scan.grid) == []
    for _ in range(4):
        lengths = [int(rng.integers(max(length // 5, 3), length + 1)) for length in scan.hu.shape]
        starts = [
            int(rng.integers(0, whole - part + 1))
            for whole, part in zip(scan.hu.shape, lengths, strict=True)
        ]
        box = tuple(
            slice(start, start + length) for start, length in zip(starts, lengths, strict=True)
        )
        found = find(scan.hu[box], scan.grid)
        assert [each for each in found if "air" not in each] == []  # a part may have none


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 40, 2), (1, 1, 1), (64, 2, 40), (2, 64, 64)])
@pytest.mark.parametrize("value", [-1000, 0, 40, None])
def test_a_scan_of_any_shape_and_content_has_a_verdict(shape, value):
    rng = np.random.default_rng(0)
    hu = rng.integers(-1000, 1000, shape) if value is None else np.full(shape, value)
    hu[0, 0, 0] = -900
    for dtype in (np.int16, np.float32):
        judge(Volume(hu.astype(dtype), Grid(shape, np.diag([-3.0, -3, 5, 1]))))
