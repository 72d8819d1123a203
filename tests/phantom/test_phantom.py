"""The phantom on tiny, coarse scans; the default set is measured in a slow test."""

import csv
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt
import pytest
from nibabel.affines import apply_affine
from scipy import ndimage

from liverseg.params import PhantomParams, read_params
from liverseg.phantom.data_set import plan_scans, write_phantom

TINY = PhantomParams(
    seed=3,
    anatomy="plain",
    num_patients=6,
    num_second_scans=2,
    field_of_view_mm=300,
    in_plane_spacing_mm=(4.0, 6.0),
    slice_spacing_mm=(7.0, 9.0),
)
Case = tuple[nib.Nifti1Image, nib.Nifti1Image]


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom") / "tiny"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LIVERSEG_WORKERS", "2")
        write_phantom(folder, TINY)
    return folder


@pytest.fixture(scope="module")
def cases(tiny: Path) -> dict[str, Case]:
    return open_cases(tiny)


def open_cases(folder: Path) -> dict[str, Case]:
    found = {}
    for row in read_patients(folder):
        (scan,) = folder.glob(f"volume-{row['case_id']}.nii*")
        (mask,) = folder.glob(f"segmentation-{row['case_id']}.nii*")
        found[row["case_id"]] = nib.load(scan), nib.load(mask)
    return found


def read_patients(folder: Path) -> list[dict[str, str]]:
    with (folder / "patients.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes_with_two_workers_and_with_one(
    tiny: Path, tmp_path: Path
) -> None:
    write_phantom(tmp_path / "again", TINY)
    assert read_bytes(tmp_path / "again") == read_bytes(tiny)


def test_another_seed_gives_another_phantom(tiny: Path, tmp_path: Path) -> None:
    write_phantom(tmp_path / "other", TINY.model_copy(update={"seed": 4, "num_patients": 3}))
    other = nib.load(tmp_path / "other" / "volume-0.nii.gz")
    first = nib.load(tiny / "volume-0.nii.gz")
    assert not np.array_equal(np.asarray(other.dataobj), np.asarray(first.dataobj))


def test_more_patients_leave_the_earlier_ones_as_they_are(tmp_path: Path) -> None:
    alone = {"num_second_scans": 0, "num_patients": 1}
    write_phantom(tmp_path / "one", TINY.model_copy(update=alone))
    write_phantom(tmp_path / "two", TINY.model_copy(update={**alone, "num_patients": 2}))
    one, two = read_bytes(tmp_path / "one"), read_bytes(tmp_path / "two")
    assert one["volume-0.nii.gz"] == two["volume-0.nii.gz"]


def test_every_volume_has_a_segmentation_on_its_own_grid(cases: dict[str, Case]) -> None:
    assert list(cases) == [str(number) for number in range(8)]
    for scan, mask in cases.values():
        assert scan.shape == mask.shape
        np.testing.assert_array_equal(scan.affine, mask.affine)
        assert scan.header["sform_code"] == scan.header["qform_code"] == 1


def test_masks_hold_only_background_liver_and_lesion(cases: dict[str, Case]) -> None:
    values = [set(np.unique(np.asarray(mask.dataobj))) for _, mask in cases.values()]
    assert all(found in ({0, 1}, {0, 1, 2}) for found in values)
    assert {0, 1, 2} in values


def test_at_least_two_cases_have_no_lesion_and_every_planned_lesion_shows(
    cases: dict[str, Case],
) -> None:
    shown = [bool((np.asarray(mask.dataobj) == 2).any()) for _, mask in cases.values()]
    assert shown == [scan.has_lesions for scan in plan_scans(TINY)]
    assert shown.count(False) >= 2


@pytest.mark.parametrize("seed", range(20))
def test_six_patients_always_include_two_without_lesions(seed: int) -> None:
    plan = plan_scans(TINY.model_copy(update={"seed": seed}))
    assert len({scan.patient for scan in plan if not scan.has_lesions}) == 2


def test_two_patients_come_with_two_scans(tiny: Path) -> None:
    patients = [row["patient_id"] for row in read_patients(tiny)]
    assert sorted(patients.count(patient) for patient in set(patients)) == [1, 1, 1, 1, 2, 2]


def test_two_scans_of_a_patient_share_the_liver_but_not_the_noise(
    tiny: Path, cases: dict[str, Case]
) -> None:
    litres: dict[str, list[float]] = {}
    for row in read_patients(tiny):
        scan, mask = cases[row["case_id"]]
        voxel_ml = abs(np.linalg.det(scan.affine)) / 1000
        count = np.count_nonzero(np.asarray(mask.dataobj))
        litres.setdefault(row["patient_id"], []).append(count * voxel_ml / 1000)
    for first, second in (pair for pair in litres.values() if len(pair) == 2):
        assert first == pytest.approx(second, rel=0.15)
        assert first != second


def test_scans_mix_spacings_axis_orders_types_and_compression(
    tiny: Path, cases: dict[str, Case]
) -> None:
    scans = [scan for scan, _ in cases.values()]
    assert len({tuple(np.round(scan.header.get_zooms(), 3)) for scan in scans}) == 8
    assert {"".join(nib.aff2axcodes(scan.affine)) for scan in scans} >= {"LPS", "RAS", "PSR"}
    assert {str(scan.get_data_dtype()) for scan in scans} == {
        *("int16", "float32", "uint16", "int32")
    }
    assert {str(mask.get_data_dtype()) for _, mask in cases.values()} == {
        *("uint8", "int16", "float32")
    }
    assert {path.suffix for path in tiny.glob("volume-*")} == {".nii", ".gz"}


def test_spacings_lie_in_their_ranges(cases: dict[str, Case]) -> None:
    for scan, _ in cases.values():
        order = nib.io_orientation(scan.affine)[:, 0].astype(int)  # x, y, z of each array axis
        spacing = np.empty(3)
        spacing[order] = nib.affines.voxel_sizes(scan.affine)
        assert spacing[0] == pytest.approx(spacing[1])
        assert 4 <= spacing[0] <= 6
        assert 7 <= spacing[2] <= 9


@pytest.fixture(scope="module")
def default_cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    params = read_params(Path(__file__).parents[2] / "params.yaml").phantom
    folder = tmp_path_factory.mktemp("phantom") / "default"
    write_phantom(folder, params)
    return list(open_cases(folder).values())


def find_centre(mask: npt.NDArray[np.bool_], affine: npt.NDArray[np.float64]) -> tuple[float, ...]:
    centre: tuple[float, ...] = tuple(apply_affine(affine, np.argwhere(mask).mean(axis=0)))
    return centre


def test_the_liver_lies_on_the_right_in_front_of_the_spine(cases: dict[str, Case]) -> None:
    for scan, mask in cases.values():
        hu = scan.get_fdata()
        body_x, body_y, _ = find_centre(hu > -300, scan.affine)
        liver_x, liver_y, _ = find_centre(np.asarray(mask.dataobj) > 0, scan.affine)
        _, bone_y, _ = find_centre(hu > 350, scan.affine)
        assert liver_x > body_x + 20  # RAS+: x grows to the right
        assert bone_y < body_y < liver_y + 20  # RAS+: y grows to the front


def test_air_surrounds_the_body_and_the_ends_show_no_liver(cases: dict[str, Case]) -> None:
    for scan, mask in cases.values():
        canonical, labels = (nib.as_closest_canonical(image) for image in (scan, mask))
        assert np.median(canonical.get_fdata()[:2]) < -950
        assert not np.asarray(labels.dataobj)[:, :, [0, -1]].any()


def test_lesions_lie_in_the_liver(cases: dict[str, Case]) -> None:
    for _, mask in cases.values():
        labels = np.asarray(mask.dataobj)
        lesions, count = ndimage.label(labels == 2)
        for lesion in range(1, count + 1):
            shell = ndimage.binary_dilation(lesions == lesion) & (labels != 2)
            assert (labels[shell] == 1).mean() > 0.3


def test_liver_hu_varies_more_between_cases_than_lesions_differ_from_it(
    cases: dict[str, Case],
) -> None:
    livers, contrasts = [], []
    for scan, mask in cases.values():
        hu, labels = scan.get_fdata(), np.asarray(mask.dataobj)
        livers.append(np.median(hu[labels == 1]))
        if (labels == 2).any():
            contrasts.append(abs(np.median(hu[labels == 2]) - livers[-1]))
    assert np.ptp(livers) > np.median(contrasts)


def count_by_hu(cases: list[Case], region: int) -> npt.NDArray[np.int64]:
    """Voxels of label ``region`` or above at each HU from -1024, (case, HU)."""
    counts = []
    for scan, mask in cases:
        hu = scan.get_fdata(dtype=np.float32)[np.asarray(mask.dataobj) >= region]
        counts.append(np.bincount(hu.astype(np.int64) + 1024, minlength=4096))
    return np.array(counts)


def score_thresholds(
    liver: npt.NDArray[np.int64], lesion: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Lesion Dice if all liver below each HU were lesion, (case, HU); 1 where both are empty."""
    predicted, hit = liver.cumsum(axis=1), lesion.cumsum(axis=1)
    total = predicted + lesion.sum(axis=1, keepdims=True)
    return np.where(total > 0, 2 * hit / np.maximum(total, 1), 1.0)


def test_threshold_scores_follow_from_counting() -> None:
    # Liver voxels at HU 0, 1, 2: 1, 2, 1; lesion among them: 1, 1, 0. Up to HU 1: 2*2 / (3 + 2).
    scores = score_thresholds(np.array([[1, 2, 1]]), np.array([[1, 1, 0]]))
    np.testing.assert_allclose(scores, [[2 / 3, 4 / 5, 2 / 3]])


@pytest.mark.slow
@pytest.mark.parametrize("hyperdense", [False, True])
def test_no_single_threshold_in_the_true_liver_finds_the_lesions_of_the_default_set(
    default_cases: list[Case], hyperdense: bool
) -> None:
    step = -1 if hyperdense else 1
    liver, lesion = (count_by_hu(default_cases, region)[:, ::step] for region in (1, 2))
    train, rest = slice(0, 22), slice(22, None)
    by_case = score_thresholds(liver, lesion)
    best = by_case[train].mean(axis=0).argmax()
    assert by_case[train, best].mean() < 0.35
    assert by_case[rest, best].mean() < 0.35
    pooled = [
        score_thresholds(*(counts[part].sum(axis=0, keepdims=True) for counts in (liver, lesion)))
        for part in (train, rest)
    ]
    best = pooled[0][0].argmax()
    assert pooled[0][0, best] < 0.35
    assert pooled[1][0, best] < 0.35
