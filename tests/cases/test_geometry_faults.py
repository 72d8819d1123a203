"""False geometry of a scan or its mask, fault by fault, and the verdict on it."""

from functools import partial

import numpy as np
import pytest

from liverseg.cases.header_checks import check_header
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.placement import read_placement
from tests.cases.verdicts import assert_found, save_image


def shear(sample):
    sample.affine[1, 2] = 1.0


def lose_spacing(sample):
    sample.affine = np.eye(4)


def change_units(sample):
    sample.affine[:3] /= 1000


def shrink_voxels(sample):
    sample.affine[:3] /= 10


def stretch_rows(sample):
    sample.affine[:, 0] *= 5


def move_sform(sample):
    moved = sample.affine.copy()
    moved[2, 3] += 30
    sample.edit_header = lambda image: image.set_sform(moved, code=2)
    sample.mask_affine = moved


def spoil_qform(sample):
    def edit(image):
        image.header["quatern_b"] = 3  # of a unit quaternion

    sample.edit_header = edit


def unset_forms(sample):
    sample.edit_header = lambda image: (image.set_qform(None, 0), image.set_sform(None, 0))
    # nibabel's guess: LAS, the origin in the middle of the volume
    sample.mask_affine = np.diag([-4.0, 4, 5, 1])
    sample.mask_affine[:3, 3] = (np.array(sample.hu.shape) - 1) / 2 * (4, -4, -5)


def spread_slices(sample):
    sample.affine[:, 2] *= 8


def raise_slices(sample):
    sample.affine[:, 2] *= 3


def squeeze_slices(sample):
    sample.affine[:, 2] /= 2.5


def mirror(sample):
    sample.affine[0] *= -1


def move_mask(sample):
    sample.mask_affine = sample.affine.copy()
    sample.mask_affine[2, 3] += 5


def crop_mask(sample):
    sample.labels = sample.labels[..., 1:]


def flip_axis_of_mask(sample):
    sample.mask_affine = sample.affine @ np.diag([-1, 1, 1, 1])


@pytest.mark.parametrize(
    ("spoil", "level", "words"),
    [
        (move_mask, "error", ["the mask of volume-1.nii.gz", "grid"]),
        (crop_mask, "error", ["(75, 75, 33)", "(75, 75, 32)"]),
        (flip_axis_of_mask, "error", ["axes LPS", "axes RPS"]),
        (shear, "error", ["sheared", "tilted gantry"]),
        (lose_spacing, "warning", ["identity affine", "LiTS 28 to 47", "overrides: {'1': [i, j"]),
        (change_units, "warning", ["0.004 x 0.004 x 0.005 mm", "not plausible"]),
        (shrink_voxels, "warning", ["axial slices of 30 x 30 mm", "data.spacing_overrides"]),
        (stretch_rows, "error", ["axial slices of 1500 x 300 mm", "false spacing"]),
        (move_sform, "warning", ["qform and sform", "the sform is used"]),
        (spoil_qform, "warning", ["qform and sform", "the sform is used"]),
        (unset_forms, "warning", ["neither qform nor sform", "guess"]),
        (spread_slices, "warning", ["a liver of 6", " ml. Check the spacing"]),
        (raise_slices, "warning", ["mm from feet to head", "data.spacing_overrides"]),
        (squeeze_slices, "warning", ["mm from feet to head", "data.spacing_overrides"]),
        (mirror, "warning", ["to the left of the body's centre", "mirrored"]),
    ],
)
def test_a_false_geometry_is_found(tmp_path, sample, verify, spoil, level, words):
    spoil(sample)
    sample.save(tmp_path)
    assert_found(verify(), level, *words)


@pytest.mark.parametrize("codes", ["RAS", "SLA", "IPR"])
def test_a_mask_in_another_axis_order_is_brought_over(tmp_path, sample, phantom, verify, codes):
    sample.save(tmp_path)
    straight = verify().case
    sample.labels = reorient_array(sample.labels, "LPS", codes)
    sample.mask_affine = reorient_grid(phantom.grid, codes).affine
    sample.save(tmp_path)
    check = verify()
    assert (check.verdict, check.case) == ("ok", straight)


def test_a_given_spacing_takes_the_place_of_the_headers(tmp_path, sample, verify):
    sample.save(tmp_path)
    true = verify().case
    sample.affine = np.diag([-1.0, -1, 1, 1])
    sample.save(tmp_path)
    check = verify(spacing_overrides={"1": (4.0, 4.0, 5.0)})
    assert check.verdict == "ok"
    assert (check.case.spacing_mm, check.case.spacing_overridden) == ((4, 4, 5), True)
    assert check.case.liver_ml == true.liver_ml


def test_a_given_spacing_mends_unequal_sides_and_is_judged_itself(tmp_path, sample, verify):
    stretch_rows(sample)
    sample.save(tmp_path)
    assert verify(spacing_overrides={"1": (4.0, 4.0, 5.0)}).verdict == "ok"
    assert_found(
        verify(spacing_overrides={"1": (4.0, 4.0, 200.0)}), "warning", "4 x 4 x 200 mm", "plausible"
    )
    for spacing_mm in ((0.001, 1000.0, 5.0), (1000.0, 4.0, 0.001)):
        assert_found(verify(spacing_overrides={"1": spacing_mm}), "error", "axial slices of")


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((512, 512, 60), ["an axial matrix of 512 x 512", "1 x 1 x 1 mm"]),
        ((60, 512, 512), ["an axial matrix of 512 x 512", "1 x 1 x 1 mm"]),
        ((500, 400, 60), []),  # a resampled scan
    ],
)
def test_a_default_spacing_is_told_by_the_matrix(tmp_path, shape, words):
    affine = np.eye(4) if shape[2] == 60 else np.eye(4)[[2, 1, 0, 3]]  # k or i to the head
    affine[:3, 3] = (-200, -250, -30)
    save_image(np.zeros(shape, np.int8), affine, tmp_path / "scan.nii")
    placement = read_placement(tmp_path / "scan.nii")
    check = partial(check_header, placement, placement.grid, spacing_step="Give the true one.")
    found = [finding.reason for finding in check()]
    assert bool(found) == bool(words)
    assert all(word in found[0] for word in words)
    assert not list(check(is_given=True))
