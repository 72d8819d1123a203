"""Phantom cases laid out as the published archives unpack, read with the presets made for them."""

import re
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from ruamel.yaml import YAML

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


def test_amos_is_read_with_the_labels_that_the_docs_give(tmp_path, phantom_files):
    """15 organs, of which the liver is 6; the phantom's lesions stand in for the stomach, 9."""
    scan, mask = phantom_files[0]
    put(scan, tmp_path / "imagesTr" / "amos_0001.nii.gz")
    labels = nib.load(mask)
    organs = np.array([0, 6, 9], np.uint8)[np.asarray(labels.dataobj).astype(int)]
    organs[0, 0, :2] = 1, 15
    (tmp_path / "labelsTr").mkdir()
    nib.save(nib.Nifti1Image(organs, labels.affine), tmp_path / "labelsTr" / "amos_0001.nii.gz")
    page = (REPOSITORY / "docs" / "data.md").read_text(encoding="utf-8")
    (line,) = re.findall("^ *label_map: ({1: 0, .*})", page, re.MULTILINE)
    label_map = YAML(typ="safe").load(line)
    data = read_preset("msd").model_copy(update={"label_map": label_map})
    (case,) = ingest_cases(tmp_path, data).cases
    num_liver = np.count_nonzero(organs == 6)
    voxel_ml = abs(np.linalg.det(labels.affine[:3, :3])) / 1000
    assert case.liver_ml == pytest.approx(num_liver * voxel_ml, rel=1e-6)
    assert case.num_lesions == 0
