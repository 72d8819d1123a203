"""``liverseg compare`` on files, as its users run it."""

import csv
import json

import nibabel as nib
import numpy as np
import pytest

from tests.commands import run_liverseg
from tests.made.followup import build_labels, build_motion
from tests.made.predictions import read_summary, write_prediction, write_summary

BEFORE = [(0, 0, 0, 14), (40, 10, 5, 9), (-60, 20, 15, 8)]
AFTER = [(0, 0, 0, 8), (40, 10, 5, 9), (10, 35, -15, 7)]
FILES = ["compare.html", "pairs.csv", "response.json"]


def write_labels(path, balls, **options):
    labels = build_labels(balls, (3.0, 3.0, 4.0), **options)
    nib.save(nib.Nifti1Image(labels.data, labels.grid.affine), path)
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Labels of both scans, the second of which lies elsewhere and in another order of axes."""
    folder = tmp_path_factory.mktemp("pair")
    motion = build_motion(5, -3, (10, 20, -80))
    return (
        write_labels(folder / "may.nii.gz", BEFORE),
        write_labels(folder / "june.nii.gz", AFTER, motion=motion, axis_codes="LIP"),
    )


@pytest.fixture(scope="module")
def compared(pair, tmp_path_factory):
    out = tmp_path_factory.mktemp("compared") / "out"
    return run_liverseg("compare", *pair, "-o", out), out


def test_pairs_and_response_are_written_and_shown(compared):
    result, out = compared
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in out.iterdir()) == FILES
    with (out / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    words = [(row["change"], row["baseline_lesions"], row["followup_lesions"]) for row in rows]
    assert words == [
        ("shrunk", "1", "2"),
        ("stable", "2", "1"),
        ("vanished", "3", ""),
        ("new", "", "3"),
    ]
    assert [row["is_target"] for row in rows] == ["1", "1", "0", "0"]
    # (8 / 14)^3 - 1 = -81 %, to what balls of 3 x 3 x 4 mm voxels are from round
    assert float(rows[0]["volume_change_percent"]) == pytest.approx(-81.3, abs=4)
    assert float(rows[0]["moved_mm"]) < 2
    assert rows[2]["moved_mm"] == rows[2]["growth_limit_percent"] == ""
    document = json.loads((out / "response.json").read_text())
    response = document["response"]
    assert (response["overall"], response["targets"], response["new_lesions"]) == (
        "PD",
        [1, 2],
        [3],
    )
    sums = [
        sum(float(row[f"{when}_longest_diameter_mm"]) for row in rows[:2])
        for when in ("baseline", "followup")
    ]
    assert [response["baseline_sum_mm"], response["followup_sum_mm"]] == pytest.approx(
        sums, abs=0.02
    )
    assert document["registration"]["liver_dice"] > 0.95
    assert "RECIST 1.1, the liver alone: PD, progressive disease" in result.stdout
    assert str(out / "compare.html") in result.stdout


def test_the_same_scans_give_the_same_bytes(pair, compared, tmp_path):
    assert run_liverseg("compare", *pair, "-o", tmp_path / "again").returncode == 0
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (compared[1] / name).read_bytes()


def test_results_of_predict_are_compared_with_their_scans(tmp_path):
    folders = [write_prediction(tmp_path / name / "case") for name in ("a", "b")]
    scans = [tmp_path / name / "scan.nii.gz" for name in ("a", "b")]
    options = ("--baseline-scan", scans[0], "--followup-scan", scans[1])
    result = run_liverseg("compare", *folders, "-o", tmp_path / "out", *options)
    assert result.returncode == 0, result.stderr
    document = json.loads((tmp_path / "out" / "response.json").read_text())
    # two bars, hypot(26, 4) and hypot(24, 4) mm long, that stay what they are
    assert document["response"]["overall"] == "SD"
    assert document["response"]["followup_sum_mm"] == pytest.approx(26.306 + 24.331, abs=0.01)
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert page.count("<image ") == 4
    assert "Window -100 to 250 HU" in page


def spoil_nothing(folder):
    return ()


def lose_labels(folder):
    (folder / "labels.nii.gz").unlink()
    return ()


def lose_liver(folder):
    labels = nib.load(folder / "labels.nii.gz")
    nib.save(
        nib.Nifti1Image(np.zeros(labels.shape, np.uint8), labels.affine), labels.get_filename()
    )
    return ()


def name_another_scan(folder):
    write_summary(folder, read_summary(folder) | {"scan_sha256": "0"})
    return ("--baseline-scan", folder.parent / "scan.nii.gz")


def name_a_smaller_scan(folder):
    path = folder.parent / "small.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.eye(4)), path)
    labels = folder.parent / "labels.nii.gz"
    (folder / "labels.nii.gz").rename(labels)
    return ("--baseline-scan", path)


@pytest.mark.parametrize(
    ("spoil", "first", "message"),
    [
        (lose_labels, "case", "labels.nii.gz"),
        (lose_liver, "case", "labels.nii.gz: expected a liver"),
        (name_another_scan, "case", "scan.nii.gz: expected the scan that was predicted"),
        (name_a_smaller_scan, "labels.nii.gz", "small.nii.gz: expected the scan of the labels"),
        (spoil_nothing, "nowhere", "nowhere: expected a folder that `liverseg predict` wrote"),
        (spoil_nothing, "scan.nii.gz", "scan.nii.gz: expected a mask"),
        (spoil_nothing, ".", "expected a folder that `liverseg predict` wrote for one scan"),
    ],
)
def test_what_cannot_be_compared_is_named_and_nothing_is_written(tmp_path, spoil, first, message):
    folder = write_prediction(tmp_path / "case")
    second = write_prediction(tmp_path / "other" / "case")
    options = spoil(folder)
    out = tmp_path / "out"
    result = run_liverseg("compare", tmp_path / first, second, "-o", out, *options)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not out.exists()
    assert not list(tmp_path.glob(".partial*"))


def test_a_folder_with_other_files_is_never_replaced(tmp_path):
    folder = write_prediction(tmp_path / "case")
    result = run_liverseg("compare", folder, folder, "-o", folder)
    assert result.returncode == 2
    assert "Choose another folder with --out" in result.stderr
    assert (folder / "summary.json").is_file()


def test_what_somebody_has_to_look_at_is_said(tmp_path):
    before = write_labels(tmp_path / "before.nii.gz", [])
    labels = nib.load(write_labels(tmp_path / "whole.nii.gz", [(0, 0, 0, 4)]))
    cut = labels.slicer[:, :, : labels.shape[2] // 2]
    nib.save(cut, tmp_path / "cut.nii.gz")
    result = run_liverseg("compare", before, tmp_path / "cut.nii.gz", "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert "cut: the liver reaches the first or the last slice" in result.stderr
    assert "are they of one patient" in result.stderr
    assert "New and shorter than 10 mm in cut: 1." in result.stderr
    page = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert page.count("<strong>warning</strong>") == 3
