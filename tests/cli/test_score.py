import csv
import json
import math
import re
import subprocess
import sys
import time
from dataclasses import fields

import nibabel as nib
import numpy as np
import pytest

from liverseg.statistics.bootstrap import Estimate
from liverseg.statistics.score_table import SCORES
from tests.commands import run_liverseg

AFFINE = np.array([[-2.0, 0, 0, 50], [0, -2.0, 0, 40], [0, 0, 3.0, -70], [0, 0, 0, 1]])


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
    result = run_liverseg("score", reference, prediction, "--json", tmp_path / "a" / "scores.json")
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
        assert (
            run_liverseg("score", reference, tmp_path / f"{name}.nii.gz", "--json", path).returncode
            == 0
        )
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
    result = run_liverseg("score", tmp_path / "reference", tmp_path / "predicted", *outputs)
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
    result = run_liverseg("score", reference, prediction)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "2 x 2 x 3 mm, axes LPS" in result.stderr
    assert "2 x 2 x 2 mm, axes RAS" in result.stderr
    assert result.stdout == ""


def test_labels_of_another_kind_are_an_error_of_one_line(tmp_path, labels):
    reference = write(tmp_path / "reference.nii", labels)
    prediction = write(tmp_path / "prediction.nii", labels + 3)
    result = run_liverseg("score", reference, prediction)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "prediction.nii" in result.stderr


def test_an_error_in_one_case_of_a_folder_is_an_error(tmp_path, labels):
    for folder, offset in (("reference", 0), ("predicted", 3)):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "a.nii", labels)
        write(tmp_path / folder / "b.nii", labels + offset)
    result = run_liverseg("score", tmp_path / "reference", tmp_path / "predicted")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "b.nii" in result.stderr


def test_an_output_that_cannot_be_written_is_an_error(tmp_path, labels):
    mask = write(tmp_path / "mask.nii", labels)
    for taken, advice in (
        (mask / "scores.json", "Name another place, or move away what is there"),
        (mask / "new" / "scores.json", "Name a place none of whose folders is a file"),
    ):
        result = run_liverseg("score", mask, mask, "--json", taken)
        assert result.returncode == 2
        assert re.fullmatch(
            rf"error: {mask}\S*: \w[\w ]+\. {advice}, then run the same command again\.\n",
            result.stderr,
        )
    result = run_liverseg("score", mask, mask, "--json", tmp_path / ("x" * 300))
    assert result.returncode == 2
    assert result.stderr.endswith(
        ": File name too long. Choose a shorter name, then run the same command again.\n"
    )


def test_every_key_of_the_summary_is_explained_without_any_mask():
    result = run_liverseg("score", "--keys")
    assert result.returncode == 0, result.stderr
    for score in SCORES.values():
        assert f"`{score.key}`: {score.title}. {score.meaning}" in result.stdout


def test_the_help_says_what_a_figure_of_the_summary_holds_and_where_its_keys_are_listed():
    result = run_liverseg("score", "--help")
    assert result.returncode == 0
    for field in fields(Estimate):
        assert field.name in result.stdout
    assert "--keys" in result.stdout


def test_a_prediction_that_misses_all_lesions_scores_worse_and_is_counted(tmp_path, labels):
    for folder in ("reference", "found", "missed"):
        (tmp_path / folder).mkdir()
    for name in ("segmentation-1.nii.gz", "segmentation-2.nii.gz"):
        write(tmp_path / "reference" / name, labels)
        write(tmp_path / "found" / name, np.roll(labels, 1, axis=0))
        missed = labels if name.startswith("segmentation-1") else labels.clip(max=1)
        write(tmp_path / "missed" / name, missed)
    summaries = {}
    for folder in ("found", "missed"):
        path = tmp_path / f"{folder}.json"
        result = run_liverseg("score", tmp_path / "reference", tmp_path / folder, "--json", path)
        assert result.returncode == 0, result.stderr
        summaries[folder] = json.loads(path.read_text())["summary"]["lesion"]
    found, missed = summaries["found"], summaries["missed"]
    assert missed["assd_mm"]["value"] == 0 < found["assd_mm"]["value"]
    assert (found["num_missed"], missed["num_missed"]) == (0, 1)
    # the scan is 12 x 10 x 8 voxels of 2 x 2 x 3 mm
    diagonal_mm = math.hypot(24, 20, 24)
    assert missed["hd95_mm_with_penalty"]["value"] == pytest.approx(diagonal_mm / 2)
    assert found["hd95_mm_with_penalty"]["value"] == pytest.approx(2)
    assert "Cases with the region missed" in result.stdout


def test_the_help_needs_no_heavy_library_and_answers_at_once():
    start = time.perf_counter()
    result = run_liverseg("--help")
    seconds = time.perf_counter() - start
    assert "score" in result.stdout
    assert seconds < 2  # 0.1 s on an idle machine
    code = "import sys, liverseg.cli; print([*sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    for library in ("numpy", "nibabel", "scipy", "pydantic", "tensorflow", "keras"):
        assert f"'{library}'" not in loaded.stdout
