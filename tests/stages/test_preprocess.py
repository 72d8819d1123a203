import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.networks.description import write_no_model
from liverseg.slices.regions import CaseRegion, read_regions, write_regions
from liverseg.slices.stacks import open_stack, read_index, read_preprocessing
from liverseg.tables.case_table import Case, write_cases

REPOSITORY = Path(__file__).resolve().parents[2]
CASE = Case(
    case_id="007",
    patient_id="007",
    scan="scan.nii.gz",
    mask="mask.nii.gz",
    shape=(20, 20, 3),
    spacing_mm=(1, 1, 2),
    axis_codes="LPS",
    dtype="int16",
    hu_min=0,
    hu_max=0,
    liver_ml=2.4,
    lesion_ml=0,
    num_lesions=0,
    liver_slice_fraction=1,
    lesion_slice_fraction=0,
)


@pytest.fixture
def root(tmp_path):
    """A data set of one case, in a folder with the params as shipped."""
    affine = np.diag([-1.0, -1.0, 2.0, 1.0])
    nib.save(nib.Nifti1Image(np.zeros((20, 20, 3), np.int16), affine), tmp_path / CASE.scan)
    nib.save(nib.Nifti1Image(np.ones((20, 20, 3), np.uint8), affine), tmp_path / CASE.mask)
    write_regions(tmp_path / "regions.csv", [CaseRegion("007", "scan", None, None)])
    (tmp_path / "locator").mkdir()
    write_no_model(tmp_path / "locator", "unet")
    shipped = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(shipped, encoding="utf-8")
    return tmp_path


def run_stage(root: Path, case: Case = CASE) -> subprocess.CompletedProcess[str]:
    write_cases(root / "cases.csv", [case])
    command = [sys.executable, "-m", "stages.preprocess"]
    command += ["--root", ".", "--cases", "cases.csv", "--regions", "regions.csv"]
    command += ["--locator", "locator", "--out", "data/slices"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "LIVERSEG_WORKERS": "1"}
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def test_the_stage_writes_slices_index_and_preprocessing(root):
    run_stage(root).check_returncode()
    slices = root / "data" / "slices"
    assert {path.name for path in slices.iterdir()} == {
        "007.npz",
        "index.csv",
        "locator",
        "preprocessing.json",
        "regions.csv",
    }
    made = read_preprocessing(slices)
    size, num_windows = made.image_size, len(made.windows_hu)
    assert open_stack(slices, "007").images.shape == (3, num_windows, size, size)
    assert [row.liver_pixels for row in read_index(slices)] == [size**2] * 3
    assert read_regions(slices / "regions.csv")["007"].liver_share == 1


def test_a_case_without_a_region_is_named(root):
    write_regions(root / "regions.csv", [CaseRegion("8", "scan", None, None)])
    failed = run_stage(root)
    assert failed.returncode == 2
    assert "007: expected a region" in failed.stderr


def test_a_missing_scan_ends_with_code_2_and_leaves_the_older_slices(root):
    run_stage(root).check_returncode()
    before = (root / "data" / "slices" / "007.npz").read_bytes()
    failed = run_stage(root, replace(CASE, scan="absent.nii.gz"))
    assert failed.returncode == 2
    assert "absent.nii.gz" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert (root / "data" / "slices" / "007.npz").read_bytes() == before
    assert [path.name for path in (root / "data").iterdir()] == ["slices"]


def test_the_stage_loads_no_tensorflow(root):
    program = "import sys, stages.preprocess; print('tensorflow' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "False"
