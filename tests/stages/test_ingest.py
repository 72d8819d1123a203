"""The stage ingest writes the metadata CSV, or nothing and one clear message."""

import re
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.tables.case_table import read_cases, read_skipped_cases
from tests.commands import run_stage

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    """Two cases, one of them without lesion, and the shipped params without patient table."""
    params = (REPOSITORY / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(
        re.sub(r"\n  patients: \S+", "\n  patients: null", params)
    )
    (tmp_path / "data" / "ct").mkdir(parents=True)
    labels = np.zeros((4, 4, 4), np.uint8)
    for number, label in enumerate((1, 2)):
        labels[1, 1, number] = label
        hu = np.full((4, 4, 4), -50, np.int16)
        hu[0] = 100
        scan = nib.Nifti1Image(hu, np.diag([-1, -1, 2, 1]))
        mask = nib.Nifti1Image(labels, scan.affine)
        nib.save(scan, tmp_path / "data" / "ct" / f"volume-{number}.nii.gz")
        nib.save(mask, tmp_path / "data" / "ct" / f"segmentation-{number}.nii.gz")
    return tmp_path


def run_ingest(project, root="data/ct"):
    return run_stage(project, "ingest", "--root", root, "--out", "out/cases.csv")


def test_the_table_is_written_and_counted(project):
    done = run_ingest(project)
    assert (done.returncode, done.stdout) == (0, "2 cases, 2 patients, 1 without lesion\n")
    header, first, second = (project / "out" / "cases.csv").read_text().splitlines()
    assert header.startswith("case_id,patient_id,scan,mask")
    assert first.startswith("0,0,volume-0.nii.gz,segmentation-0.nii.gz,4,4,4,1.0,1.0,2.0,LPS,int16")
    assert second.startswith("1,1,volume-1.nii.gz")


def test_a_second_run_writes_the_same_bytes(project):
    run_ingest(project)
    before = (project / "out" / "cases.csv").read_bytes()
    run_ingest(project)
    assert (project / "out" / "cases.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("segmentation-1.nii.gz", "1 of 2 cases cannot be used:\n  case 1: its mask: expected"),
        ("volume-0.nii.gz", "1 of 2 cases cannot be used:\n  case 0: its scan: expected"),
    ],
)
def test_bad_data_ends_with_a_message_and_leaves_the_old_table(project, damage, message):
    run_ingest(project)
    before = (project / "out" / "cases.csv").read_bytes()
    (project / "data" / "ct" / damage).unlink()
    done = run_ingest(project)
    assert done.returncode == 2
    assert f"\nerror: data/ct: {message}" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in (project / "out").iterdir()] == ["cases.csv"]
    assert (project / "out" / "cases.csv").read_bytes() == before


def test_what_looks_wrong_and_what_is_skipped_is_noted_and_stands_in_the_table(project):
    params = (project / "params.yaml").read_text()
    params = params.replace("on_error: stop", "on_error: skip").replace(
        "exclude: []", "exclude: ['1']"
    )
    (project / "params.yaml").write_text(params)
    for number in (2, 3):
        for kind in ("volume", "segmentation"):
            folder = project / "data" / "ct"
            shutil.copy(folder / f"{kind}-0.nii.gz", folder / f"{kind}-{number}.nii.gz")
    (project / "data" / "ct" / "segmentation-2.nii.gz").write_bytes(b"")
    done = run_ingest(project)
    assert done.returncode == 0
    assert done.stdout == "2 cases, 2 patients, 2 without lesion, 2 more skipped\n"
    assert "note: case 0: no air, neither around nor in the body\n" in done.stderr
    assert "note: case 1: skipped: excluded by data.exclude\n" in done.stderr
    assert "note: case 2: skipped: segmentation-2.nii.gz: expected" in done.stderr
    assert "note: case 3: holds the same scan, voxel for voxel, as case 0\n" in done.stderr
    assert "note: none of the 2 masks has a lesion (label 2)" in done.stderr
    table = project / "out" / "cases.csv"
    assert [case.verdict for case in read_cases(table)] == ["warning", "warning"]
    assert [case.case_id for case in read_skipped_cases(table)] == ["1", "2"]


def test_a_missing_root_writes_nothing(project):
    done = run_ingest(project, root="data/lits")
    assert done.returncode == 2
    assert "data/lits: expected the folder of the data set (data.root)" in done.stderr
    assert "queued experiment" in done.stderr
    assert not (project / "out").exists()
