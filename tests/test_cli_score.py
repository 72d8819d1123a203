import csv
import json
import subprocess
import sys
import time
from dataclasses import fields

import nibabel as nib
import numpy as np
import pytest

from liverseg.scoring.bootstrap import Estimate
from liverseg.scoring.lesion_summary import LesionSummary, SizeSummary
from liverseg.scoring.summary import RegionSummary, Summary

AFFINE = np.array([[-2.0, 0, 0, 50], [0, -2.0, 0, 40], [0, 0, 3.0, -70], [0, 0, 0, 1]])


def run(*arguments):
    command = [sys.executable, "-c", "from liverseg.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def labels():
    labels = np.zeros((12, 10, 8), np.uint8)
    labels[2:10, 2:9, 1:7] = 1  # 8 x 7 x 6 voxels
    labels[4:7, 4:7, 3:5] = 2  # 3 x 3 x 2 voxels
    return labels


@pytest.fixture(scope="module")
def shifted(labels):
    shifted = np.array(labels)
    shifted[shifted == 2] = 1
    shifted[5:8, 4:7, 3:5] = 2  # 2 of 3 planes shared
    return shifted


def write(path, data, affine=AFFINE):
    nib.save(nib.Nifti1Image(data, affine), path)
    return path


def test_a_prediction_is_scored_and_shown(tmp_path, labels, shifted):
    reference = write(tmp_path / "segmentation-3.nii.gz", labels)
    prediction = write(tmp_path / "mine.nii", shifted)
    result = run("score", reference, prediction, "--json", tmp_path / "a" / "scores.json")
    assert result.returncode == 0, result.stderr
    assert "case 3" in result.stdout
    assert "10 to 30 %" in result.stdout
    document = json.loads((tmp_path / "a" / "scores.json").read_text())
    (case,) = document["cases"]
    assert case["case_id"] == "3"
    assert case["liver"]["dice"] == 1
    assert case["lesion"]["dice"] == pytest.approx(2 * 12 / (18 + 18), abs=1e-12)
    # of 2 x 18 surface voxels 2 x 6 lie one voxel of 2 mm outside the other lesion
    assert case["lesion"]["assd_mm"] == pytest.approx(12 * 2 / 36, rel=1e-6)
    assert case["lesions"]["num_matched"] == 0  # IoU 12 / 24
    assert case["lesions"]["num_touched"] == 1
    assert document["summary"]["lesions"]["recall"]["value"] == 0
    assert document["summary"]["lesion"]["dice_per_case"]["num_cases"] == 1


def test_a_prediction_in_another_axis_order_scores_the_same(tmp_path, labels, shifted):
    reference = write(tmp_path / "reference.nii.gz", labels)
    image = nib.Nifti1Image(shifted, AFFINE)
    nib.save(image, tmp_path / "lps.nii.gz")
    nib.save(nib.as_closest_canonical(image), tmp_path / "ras.nii.gz")
    cases = []
    for name in ("lps", "ras"):
        path = tmp_path / f"{name}.json"
        assert run("score", reference, tmp_path / f"{name}.nii.gz", "--json", path).returncode == 0
        cases.append(json.loads(path.read_text())["cases"][0])
    assert cases[0] == cases[1]


def test_folders_are_scored_case_by_case_and_summarised(tmp_path, labels, shifted):
    for folder in ("reference", "predicted"):
        (tmp_path / folder).mkdir()
    for number, data in ((2, labels), (10, shifted)):
        write(tmp_path / "reference" / f"segmentation-{number}.nii", labels)
        write(tmp_path / "predicted" / f"segmentation-{number}.nii.gz", data)
    write(tmp_path / "reference" / "segmentation-11.nii", labels)
    outputs = "--json", tmp_path / "scores.json", "--csv", tmp_path / "scores.csv"
    result = run("score", tmp_path / "reference", tmp_path / "predicted", *outputs)
    assert result.returncode == 0, result.stderr
    assert "too few patients" in result.stdout
    assert "1 without counterpart, not scored:" in result.stderr
    assert "segmentation-11.nii" in result.stderr
    assert "2/2" in result.stderr  # the progress bar
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["case_id"] for row in rows] == ["2", "10"]
    summary = json.loads((tmp_path / "scores.json").read_text())["summary"]
    assert summary["lesion"]["dice_per_case"]["value"] == pytest.approx((1 + 24 / 36) / 2)
    assert summary["lesion"]["dice_per_case"]["num_cases"] == 2
    assert summary["lesion"]["dice_per_case"]["low"] is None


def test_another_grid_is_an_error_that_prints_both(tmp_path, labels):
    reference = write(tmp_path / "reference.nii", labels)
    prediction = write(tmp_path / "prediction.nii", labels, np.diag([2.0, 2, 2, 1]))
    result = run("score", reference, prediction)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "2 x 2 x 3 mm, axes LPS" in result.stderr
    assert "2 x 2 x 2 mm, axes RAS" in result.stderr
    assert result.stdout == ""


def test_labels_of_another_kind_are_an_error_of_one_line(tmp_path, labels):
    reference = write(tmp_path / "reference.nii", labels)
    prediction = write(tmp_path / "prediction.nii", labels + 3)
    result = run("score", reference, prediction)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "prediction.nii" in result.stderr


def test_an_error_in_one_case_of_a_folder_is_an_error(tmp_path, labels):
    for folder, offset in (("reference", 0), ("predicted", 3)):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "a.nii", labels)
        write(tmp_path / folder / "b.nii", labels + offset)
    result = run("score", tmp_path / "reference", tmp_path / "predicted")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "b.nii" in result.stderr


def test_an_output_that_cannot_be_written_is_an_error(tmp_path, labels):
    mask = write(tmp_path / "mask.nii", labels)
    result = run("score", mask, mask, "--json", mask / "scores.json")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_the_help_lists_every_key_of_the_summary():
    result = run("score", "--help")
    assert result.returncode == 0
    for record in (Summary, RegionSummary, LesionSummary, SizeSummary, Estimate):
        for field in fields(record):
            assert field.name in result.stdout


def test_the_help_needs_no_heavy_library_and_answers_at_once():
    start = time.perf_counter()
    result = run("--help")
    seconds = time.perf_counter() - start
    assert "score" in result.stdout
    assert seconds < 2  # 0.1 s on an idle machine
    code = "import sys, liverseg.cli; print([*sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    for library in ("numpy", "nibabel", "scipy", "pydantic", "tensorflow", "keras"):
        assert f"'{library}'" not in loaded.stdout
