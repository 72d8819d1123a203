"""Phantom cases laid out as the published archives unpack, read with the presets made for them."""

import shutil
from pathlib import Path

import pytest

from liverseg.cases.ingest import ingest_cases
from liverseg.errors import LiversegError
from liverseg.params import DataParams, PhantomParams, read_params
from liverseg.phantom.data_set import write_phantom
from tests.conftest import REPOSITORY

TINY_PHANTOM = PhantomParams(
    seed=7,
    anatomy="plain",
    num_patients=4,
    num_second_scans=0,
    field_of_view_mm=300,
    in_plane_spacing_mm=(4.0, 6.0),
    slice_spacing_mm=(10.0, 12.0),
)
LITS_EXCLUDED = [*range(28, 48), 53, 54]


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    monkeypatch.setenv("LIVERSEG_WORKERS", "1")


@pytest.fixture(scope="module")
def phantom_files(tmp_path_factory):
    """Scan and mask of four cases."""
    folder = tmp_path_factory.mktemp("phantom") / "phantom"
    write_phantom(folder, TINY_PHANTOM)
    return [
        (next(folder.glob(f"volume-{case}.*")), next(folder.glob(f"segmentation-{case}.*")))
        for case in range(4)
    ]


def read_preset(name) -> DataParams:
    return read_params(REPOSITORY / "presets" / f"{name}.yaml").data


def put(source: Path, target: Path) -> None:
    """Copy a NIfTI file under the name of another, whose suffix gives way to its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    suffix = ".nii.gz" if source.suffix == ".gz" else ".nii"
    shutil.copy(
        source, target.with_name(target.name.removesuffix(".gz").removesuffix(".nii") + suffix)
    )


def touch_excluded(root, scan_name, mask_name):
    """Excluded cases need to be there, but are never opened."""
    for number in LITS_EXCLUDED:
        for name in (scan_name.format(number), mask_name.format(number)):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()


def list_ids(ingested):
    return [case.case_id for case in ingested.cases]


def test_lits_from_kaggle_is_read(tmp_path, phantom_files):
    for number, part, (scan, mask) in zip(
        (0, 27, 48, 130), (1, 3, 5, 8), phantom_files, strict=True
    ):
        put(scan, tmp_path / f"volume_pt{part}" / f"volume-{number}.nii")
        put(mask, tmp_path / "segmentations" / f"segmentation-{number}.nii")
    touch_excluded(tmp_path, "volume_pt4/volume-{}.nii", "segmentations/segmentation-{}.nii")
    ingested = ingest_cases(tmp_path, read_preset("lits"))
    assert list_ids(ingested) == ["0", "27", "48", "130"]
    assert [int(case.case_id) for case in ingested.skipped] == LITS_EXCLUDED


def test_lits_from_the_challenge_is_read(tmp_path, phantom_files):
    for number, (scan, mask) in zip((0, 27, 48, 130), phantom_files, strict=True):
        folder = tmp_path / ("Training Batch 1" if number < 28 else "Training Batch 2")
        put(scan, folder / f"volume-{number}.nii")
        put(mask, folder / f"segmentation-{number}.nii")
    batch = "Training Batch 2/"
    touch_excluded(tmp_path, batch + "volume-{}.nii", batch + "segmentation-{}.nii")
    assert list_ids(ingest_cases(tmp_path, read_preset("lits"))) == ["0", "27", "48", "130"]


def test_the_first_part_from_kaggle_alone_names_the_masks_without_a_scan(tmp_path, phantom_files):
    scan, mask = phantom_files[0]
    put(scan, tmp_path / "volume_pt1" / "volume-0.nii")
    for number in (0, 51):
        put(mask, tmp_path / "segmentations" / f"segmentation-{number}.nii")
    touch_excluded(tmp_path, "volume_pt4/volume-{}.nii", "segmentations/segmentation-{}.nii")
    params = read_preset("lits")
    with pytest.raises(LiversegError, match=r"(?s)case 51: its scan.*data\.on_error: skip"):
        ingest_cases(tmp_path, params)
    skipping = params.model_copy(update={"on_error": "skip"})
    assert list_ids(ingest_cases(tmp_path, skipping)) == ["0"]


def test_the_decathlon_is_read_with_what_macos_left_in_it(tmp_path, phantom_files):
    for number, (scan, mask) in zip((0, 27, 48, 130), phantom_files, strict=True):
        put(scan, tmp_path / "imagesTr" / f"liver_{number}.nii.gz")
        put(mask, tmp_path / "labelsTr" / f"liver_{number}.nii.gz")
        for folder in ("imagesTr", "labelsTr"):
            (tmp_path / folder / f"._liver_{number}.nii.gz").write_bytes(b"\0\5\26\7")
    put(phantom_files[0][0], tmp_path / "imagesTs" / "liver_132.nii.gz")
    (tmp_path / "dataset.json").write_text("{}")
    assert list_ids(ingest_cases(tmp_path, read_preset("msd"))) == [
        "liver_0",
        "liver_27",
        "liver_48",
        "liver_130",
    ]
