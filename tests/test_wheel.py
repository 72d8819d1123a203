"""The package as it is installed from a wheel, without its repository."""

import json
import shutil
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.commands import run
from tests.made.package import put_ready_model
from tests.pipeline.clone import REPOSITORY, copy_working_tree
from tests.scans.conftest import AFFINE, write_model_folder

LARGEST_BYTES = 8 * 2**20


@pytest.mark.slow
def test_a_wheel_predicts_with_its_ready_model_where_there_is_nothing_else(tmp_path: Path) -> None:
    source = copy_working_tree(tmp_path / "source").folder
    model = write_model_folder(tmp_path / "model")
    write_model_folder(model / "locator", context=0)
    put_ready_model(source, model)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    alone = ["--no-deps", "--no-index"]  # nothing is fetched
    wheel = [*pip, "wheel", *alone, "--no-build-isolation", "--wheel-dir", "wheels", str(source)]
    built = run(wheel, tmp_path, {})
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = (tmp_path / "wheels").glob("liverseg-*.whl")
    site = tmp_path / "site"
    installed = run([*pip, "install", *alone, "--target", str(site), str(path)], tmp_path, {})
    assert installed.returncode == 0, installed.stdout + installed.stderr
    for folder in (source, model):
        shutil.rmtree(folder)
    work = tmp_path / "work"
    work.mkdir()
    hu = np.full((32, 32, 4), -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    nib.save(nib.Nifti1Image(hu, AFFINE), work / "scan.nii")
    command = [sys.executable, str(site / "bin/liverseg"), "predict", "scan.nii", "-o", "out"]
    done = run(command, work, {"PYTHONPATH": str(site)})
    assert done.returncode == 0, done.stderr
    assert "the model is ready, trained on synthetic scans alone" in done.stderr
    summary = json.loads((work / "out/scan/summary.json").read_text(encoding="utf-8"))
    assert summary["provenance"]["models"][0]["folder"] == "ready"
    # 12 x 12 x 2 voxels of 2 x 2 x 4 mm
    assert summary["liver_ml"] == pytest.approx(4.608)
    files = {each.relative_to(site / "liverseg/ready") for each in site.rglob("ready/**/*.json")}
    assert {Path("rules.json"), Path("locator/architecture.json")} <= files


def test_the_ready_model_is_small_enough_to_be_part_of_the_package() -> None:
    files = [each for each in (REPOSITORY / "liverseg/ready").rglob("*") if each.is_file()]
    assert sum(each.stat().st_size for each in files) <= LARGEST_BYTES
