"""The varied phantom: what it must hold whatever the seed, and how wide it is over many."""

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from liverseg.bodies.shapes import Points
from liverseg.labels import LESION, LIVER
from liverseg.params import PhantomParams
from liverseg.phantom.data_set import write_phantom
from liverseg.phantom.scan import PhantomScan
from liverseg.phantom.varied import patient as varied_patient
from liverseg.phantom.varied.patient import (
    VariedPatient,
    build_varied_scan,
    draw_varied_patient,
)
from liverseg.phantom.varied.scanner import acquire
from liverseg.phantom.varied.tissues import draw_tissues

SPACING_MM = (4.0, 6.0)
NUM_SEEDS = 40


def build(seed: int, *, has_lesions: bool = True) -> PhantomScan:
    rng = np.random.default_rng(seed)
    return build_varied_scan(rng, draw_varied_patient(rng, has_lesions=has_lesions), SPACING_MM)


@pytest.fixture(scope="module")
def scans() -> list[PhantomScan]:
    return [build(seed) for seed in range(NUM_SEEDS)]


def measure_ml(scan: PhantomScan, label: int) -> float:
    return np.count_nonzero(scan.labels >= label) * scan.grid.voxel_ml


def draw_patient(seed: int) -> VariedPatient:
    return draw_varied_patient(np.random.default_rng(seed), has_lesions=True)


def is_cut(scan: PhantomScan) -> bool:
    return bool((scan.labels[..., (0, -1)] >= LIVER).any())


def test_a_scan_is_a_function_of_its_seed() -> None:
    first, again, other = build(3), build(3), build(4)
    assert np.array_equal(first.hu, again.hu)
    assert np.array_equal(first.labels, again.labels)
    assert first.hu.shape != other.hu.shape or not np.array_equal(first.hu, other.hu)


def test_a_patient_without_lesions_shows_none() -> None:
    assert all(build(seed, has_lesions=False).labels.max() <= LIVER for seed in range(5))


def test_lesions_lie_within_the_liver(scans: list[PhantomScan]) -> None:
    """No lesion stands alone: each touches liver, or fills the part of it that is scanned."""
    for scan in scans:
        lesion = scan.labels == LESION
        assert measure_ml(scan, LESION) <= 0.9 * measure_ml(scan, LIVER) or not lesion.any()


def test_livers_are_of_every_size(scans: list[PhantomScan]) -> None:
    litres = np.array([measure_ml(scan, LIVER) / 1000 for scan in scans])
    assert 0.6 < np.quantile(litres, 0.1) < 1.2 < np.median(litres) < 2.2
    assert 2.0 < np.quantile(litres, 0.9) < 4.5


def test_livers_lie_on_the_right_before_the_spine(scans: list[PhantomScan]) -> None:
    """Axes are LPS: the first index runs to the patient's left, the second to the back."""
    sides = []
    for scan in scans:
        body, liver = scan.hu > -300, scan.labels >= LIVER
        if liver.any():
            centres = [np.argwhere(mask).mean(axis=0) * SPACING_MM[0] for mask in (body, liver)]
            sides.append(centres[1][0] - centres[0][0])
    assert max(sides) < 0
    assert -110 < np.median(sides) < -30


def test_every_whole_liver_has_a_volume_that_livers_have(scans: list[PhantomScan]) -> None:
    """In ml, from a shrunken one to one that fills the belly; scans that cut the liver aside."""
    whole = [scan for scan in scans if scan.labels.any() and not is_cut(scan)]
    volumes = [measure_ml(scan, LIVER) for scan in whole]
    assert len(whole) > NUM_SEEDS / 2
    assert 300 < min(volumes) < max(volumes) < 5000


def test_every_liver_is_in_one_piece(scans: list[PhantomScan]) -> None:
    for scan in scans:
        parts, _ = ndimage.label(scan.labels >= LIVER, np.ones((3, 3, 3)))
        sizes = np.bincount(parts.ravel())[1:]
        if sizes.size and not is_cut(scan):
            assert sizes.max() >= 0.97 * sizes.sum()


def test_labels_lie_within_the_body(scans: list[PhantomScan]) -> None:
    """Not in the air around it, nor in lung: but for noise and the surface, all is soft tissue."""
    for scan in scans:
        smooth = ndimage.uniform_filter(scan.hu.astype(np.float32), 3)
        inner = ndimage.binary_erosion(scan.labels >= LIVER, np.ones((3, 3, 3)))
        assert np.count_nonzero(smooth[inner] < -100) <= 0.002 * np.count_nonzero(inner)


def test_tissues_of_every_scan_are_as_bright_as_tissues_are() -> None:
    ranges = {
        "fat": (-120, -85),
        "muscle": (0, 140),
        "liver": (-60, 240),
        "spleen": (-20, 300),
        "aorta": (30, 450),
        "portal_vein": (0, 320),
        "cartilage": (60, 170),
        "cortex": (300, 650),
        "lung": (-900, -700),
    }
    for seed in range(300):
        tissues = draw_tissues(np.random.default_rng(seed))
        for name, (low, high) in ranges.items():
            assert low <= getattr(tissues, name) <= high, (seed, name)


def test_lesions_measure_from_a_few_to_over_a_hundred_millimetres() -> None:
    diameters = np.concatenate(
        [
            [2 * np.cbrt(np.prod(lesion.outline.radii)) for lesion in patient.lesions]
            for patient in map(draw_patient, range(NUM_SEEDS))
        ]
    )
    assert 3.4 < diameters.min() < 6
    assert 60 < diameters.max() < 121
    assert 6 < np.median(diameters) < 20


def test_the_brightness_of_the_liver_does_not_give_it_away(scans: list[PhantomScan]) -> None:
    """What is as bright as the liver, smoothed against noise, holds as much of other organs."""
    scores = []
    for scan in scans:
        liver = scan.labels >= LIVER
        if liver.any():
            smooth = ndimage.median_filter(scan.hu, 3)
            found = np.abs(smooth - np.median(smooth[liver])) < 20
            shared = np.count_nonzero(found & liver)
            scores.append(2 * shared / (np.count_nonzero(found) + np.count_nonzero(liver)))
    assert np.median(scores) < 0.7


def test_the_brightness_of_livers_spans_all_phases(scans: list[PhantomScan]) -> None:
    medians = [np.median(scan.hu[scan.labels == LIVER]) for scan in scans]
    assert min(medians) < 55
    assert max(medians) > 130


def test_the_cava_is_one_vessel_of_varied_flatness() -> None:
    """Where it is cut across, within 100 mm of the hilum."""
    x, y = np.meshgrid(*[np.arange(-60, 120, dtype=np.float32)] * 2, indexing="ij")
    shapes = []
    for seed in range(150):
        cava = draw_patient(seed).neighbours.cava
        for z in (-90, 0, 60):
            points = Points(x, y, np.full_like(x, z))
            within = np.min([tube.signed(points) for tube in cava], axis=0) <= 0
            assert ndimage.label(within)[1] == 1
            wide, deep = (np.ptp(along) + 1 for along in np.nonzero(within))
            shapes.append(wide / deep)
    low, high = np.percentile(shapes, (5, 95))
    assert 0.8 < min(shapes) <= low < 1.15
    assert 1.4 < high <= max(shapes) < 2.2


def test_tongues_of_liver_are_usual() -> None:
    tips = [draw_patient(seed).liver.tips for seed in range(400)]
    shares = np.bincount([len(each) for each in tips], minlength=4) / len(tips)
    assert np.allclose(shares, (0.18, 0.36, 0.34, 0.12), atol=0.07)


def test_in_most_a_diaphragm_parts_the_liver_from_the_wall(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As bright as muscle, which may be as bright as the liver: here it is brighter than all."""
    linings = np.array([draw_patient(seed).lining_mm for seed in range(300)])
    assert 0.5 < np.mean(linings > 0) < 0.7
    assert 0.9 < linings[linings > 0].min() < linings.max() < 5.1
    tissues = replace(draw_tissues(np.random.default_rng(0)), muscle=1000.0)
    monkeypatch.setattr(varied_patient, "draw_tissues", lambda _: tissues)
    for seed in range(4):
        patient = replace(draw_patient(seed), lesions=(), ascites_mm=0.0)
        bare, lined = (
            build_varied_scan(
                np.random.default_rng(1), replace(patient, lining_mm=lining_mm), (2.0, 5.0)
            )
            for lining_mm in (0.0, 5.0)
        )
        lining = (bare.labels == LIVER) & (lined.labels != LIVER)
        assert 20 < np.count_nonzero(lining) * bare.grid.voxel_ml < 300
        assert np.median(bare.hu[lining]) < 200
        assert np.median(lined.hu[lining]) > 700


def test_air_fat_soft_tissue_and_bone_have_their_hu(scans: list[PhantomScan]) -> None:
    """Thick slices blur the cortex of thin bones down to less than it is."""
    for scan in scans:
        shares = [
            np.mean((scan.hu >= low) & (scan.hu < high))
            for low, high in ((-1100, -700), (-150, -60), (0, 200), (220, 2000))
        ]
        assert min(shares) > 0.001, shares


def test_small_lesions_can_be_seen() -> None:
    """Below 12 mm none is faint or all border; only cysts and textured ones have less contrast."""
    small = 0
    for seed in range(40):
        for lesion in draw_patient(seed).lesions:
            radius = np.cbrt(np.prod(lesion.outline.radii))
            assert lesion.blur_mm <= 0.7 * radius + 1e-9
            if radius < 6 and lesion.own_hu is None and lesion.texture_hu < 15:
                assert abs(lesion.contrast_hu) >= 10 + 30 / radius - 1e-9
                small += 1
    assert small > 50


def test_no_single_threshold_finds_the_lesions(scans: list[PhantomScan]) -> None:
    """Within the true liver, the best threshold for all scans, lesions above it or below."""
    best = 0.0
    for threshold in range(-20, 200, 10):
        for sign in (-1, 1):
            shared = total = 0
            for scan in scans:
                liver, lesion = scan.labels >= LIVER, scan.labels == LESION
                found = liver & (sign * (scan.hu - threshold) > 0)
                shared += np.count_nonzero(found & lesion)
                total += np.count_nonzero(found) + np.count_nonzero(lesion)
            best = max(best, 2 * shared / total)
    assert best < 0.35


def test_some_scans_hold_only_a_part_of_the_liver(scans: list[PhantomScan]) -> None:
    assert 0 < sum(map(is_cut, scans)) < NUM_SEEDS / 2


def test_the_data_set_can_be_of_varied_patients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")
    params = PhantomParams(
        seed=5,
        anatomy="varied",
        num_patients=2,
        num_second_scans=1,
        field_of_view_mm=300,
        in_plane_spacing_mm=(4.0, 6.0),
        slice_spacing_mm=(7.0, 9.0),
    )
    write_phantom(tmp_path / "set", params)
    scans = sorted((tmp_path / "set").glob("volume-*"))
    assert len(scans) == 3
    for path in scans:
        mask = nib.load(next((tmp_path / "set").glob(f"segmentation-{path.name[7]}.*")))
        scan = nib.load(path)
        assert scan.shape == mask.shape
        np.testing.assert_array_equal(scan.affine, mask.affine)
        assert all(4 <= zoom <= 9 for zoom in scan.header.get_zooms())


def test_pixels_wider_than_the_grain_of_the_noise_leave_finite_values():
    """A sharp kernel takes away what a filter of less than a pixel leaves: all of it."""
    for seed in range(20):
        hu = np.zeros((8, 8, 3), np.float32)
        assert np.isfinite(acquire(np.random.default_rng(seed), hu, in_plane_mm=9.0)).all()
