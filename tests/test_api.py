"""What a user calls from Python: one call each, with results worked out by hand."""

import json
import math
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import get_args

import nibabel as nib
import numpy as np
import pytest

import liverseg
from liverseg import api
from liverseg.cli.predict import FlipChoice
from liverseg.errors import DataError
from liverseg.params import Flips
from tests.scans.conftest import AFFINE, write_model_folder

LIST_LOADED = """
import sys
import liverseg
assert {"check", "predict", "score"} <= set(dir(liverseg))
[print(name) for name in sys.modules]
liverseg.predict
print("-- used")
[print(name) for name in sys.modules]
"""
LIGHT = {"liverseg", "liverseg.environment"}
HEAVY = {"keras", "numpy", "pandas", "pydantic", "sklearn", "tensorflow", "typer"}


def write_mask(path, lesion_at):
    """A liver of 8 x 7 x 6 voxels with a lesion of 3 x 3 x 2 that begins at ``lesion_at``."""
    labels = np.zeros((12, 10, 8), np.uint8)
    labels[2:10, 2:9, 1:7] = 1
    labels[lesion_at : lesion_at + 3, 4:7, 3:5] = 2
    path.parent.mkdir(exist_ok=True)
    nib.save(nib.Nifti1Image(labels, AFFINE), path)
    return path


def test_the_import_loads_nothing_but_the_environment_and_no_function_tensorflow():
    done = subprocess.run(
        [sys.executable, "-c", LIST_LOADED], capture_output=True, text=True, check=True
    )
    at_import, in_use = (set(part.split()) for part in done.stdout.split("-- used"))
    assert {name for name in at_import if name.startswith("liverseg")} == LIGHT
    assert not at_import & HEAVY
    assert not in_use & HEAVY


def test_a_name_that_is_not_there_is_the_error_that_any_module_gives():
    with pytest.raises(AttributeError, match="module 'liverseg' has no attribute 'segment'"):
        liverseg.segment  # noqa: B018 (the access is the test)


def test_folders_are_scored_case_by_case_and_together(tmp_path):
    for number, shift in ((1, 0), (2, 1), (10, 3)):
        write_mask(tmp_path / f"references/segmentation-{number}.nii", 4)
        write_mask(tmp_path / f"mine/{number}.nii.gz", 4 + shift)
    scores = liverseg.score(str(tmp_path / "references"), tmp_path / "mine")
    assert [case.case_id for case in scores.cases] == ["1", "2", "10"]
    dice = [1, 12 / 18, 0]  # three, two and none of three planes shared
    assert [case.lesion.dice for case in scores.cases] == pytest.approx(dice)
    mean = scores.summary["lesion.dice_per_case"]
    assert (mean.value, mean.num_cases) == (pytest.approx(sum(dice) / 3), 3)
    assert math.isnan(mean.low)  # no interval below six patients


def test_masks_without_counterpart_are_named_in_a_warning(tmp_path, caplog):
    write_mask(tmp_path / "references/a.nii", 4)
    write_mask(tmp_path / "mine/a.nii", 4)
    write_mask(tmp_path / "mine/b.nii", 4)
    assert len(liverseg.score(tmp_path / "references", tmp_path / "mine").cases) == 1
    assert "1 without counterpart, not scored:" in caplog.text
    assert "b.nii" in caplog.text


def test_scans_are_predicted_and_those_that_fail_are_listed(tmp_path):
    model = write_model_folder(tmp_path / "model")
    hu = np.full((32, 32, 4), -50, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    hu[10:13, 10:13, 2] = 200
    nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "good.nii")
    (tmp_path / "bad.nii").write_bytes(b"no NIfTI")
    scans = (tmp_path / "good.nii", str(tmp_path / "bad.nii"))
    predicted = liverseg.predict(scans, tmp_path / "out", model=[model, str(model)])
    (scan,) = predicted.done
    assert (scan.scan, scan.num_lesions) == ("good", 1)
    assert scan.liver_ml == pytest.approx(12 * 12 * 2 * 2 * 2 * 4 / 1000)
    assert scan.lesion_ml == pytest.approx(9 * 16 / 1000)
    labels = np.asanyarray(nib.load(tmp_path / "out/good/labels.nii.gz").dataobj)
    np.testing.assert_array_equal(labels, np.select([hu == 200, hu == 100], [2, 1]))
    (failed,) = predicted.failed
    assert failed.scan.name == "bad"
    assert "bad.nii" in str(failed.error)


@pytest.fixture
def calls(tmp_path, phantom, monkeypatch):
    """Each function with what it takes, and the words in front of its bar."""
    from tests.made.cases import Sample

    monkeypatch.setenv("LIVERSEG_WORKERS", "1")
    for name in "ab":
        write_mask(tmp_path / f"references/{name}.nii", 4)
    model = write_model_folder(tmp_path / "model")
    (tmp_path / "set").mkdir()
    Sample(phantom.hu, phantom.labels, phantom.grid.affine).save(tmp_path / "set", "1")
    references, scan = tmp_path / "references", tmp_path / "set/volume-1.nii.gz"
    return [
        ("check:", partial(liverseg.check, tmp_path / "set")),
        ("score:", partial(liverseg.score, references, references)),
        ("predict:", partial(liverseg.predict, scan, tmp_path / "out", model=model)),
    ]


def test_every_function_shows_its_progress_unless_told_not_to(calls, capfd):
    for begin, call in calls:
        call(progress=False)
        assert capfd.readouterr() == ("", "")
        call()
        shown = capfd.readouterr()
        assert (begin in shown.err, shown.out) == (True, "")


def test_a_params_file_says_which_cases_of_a_data_set_are_left_out(tmp_path, phantom):
    from tests.made.cases import Sample

    root = tmp_path / "set"
    root.mkdir()
    Sample(phantom.hu, phantom.labels, phantom.grid.affine).save(root, "1")
    (root / "volume-2.nii").write_bytes(b"no NIfTI")
    (root / "segmentation-2.nii").write_bytes(b"no NIfTI")
    assert [case.verdict for case in liverseg.check(root).cases] == ["ok", "error"]

    from tests.pipeline.clone import REPOSITORY, Clone

    params = tmp_path / "params.yaml"
    params.write_text((REPOSITORY / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    Clone(tmp_path).set_params({"data.exclude": ["2"], "data.patients": None})
    found = liverseg.check(str(root), params=params)
    assert [case.verdict for case in found.cases] == ["ok"]
    assert [each.case_id for each in found.excluded] == ["2"]


@pytest.mark.parametrize("name", [b"Anna's", b"-set", b"caf\xe9\n"])
def test_a_data_set_is_checked_whatever_its_folder_is_called(tmp_path, phantom, monkeypatch, name):
    from tests.made.cases import Sample

    root = Path(os.fsdecode(name))
    (tmp_path / root).mkdir()
    Sample(phantom.hu, phantom.labels, phantom.grid.affine).save(tmp_path / root, "1")
    monkeypatch.chdir(tmp_path)
    assert [case.verdict for case in liverseg.check(root).cases] == ["ok"]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: liverseg.score("a.nii", "b.nii", lesion_connectivity=8), "lesion_connectivity"),
        (lambda: liverseg.predict("a.nii", "out", flips="vertical"), "flips"),
        (lambda: liverseg.predict("a.nii", "out", flips=""), "flips"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused_with_those_that_do(call, name):
    with pytest.raises(DataError, match=f"{name}: expected one of ") as error:
        call()
    assert error.value.received in {"8", "'vertical'", "''"}


def test_flips_are_named_alike_in_python_on_the_command_line_and_in_params():
    assert get_args(api.Flips) == get_args(Flips) == tuple(FlipChoice)


def test_the_command_line_gives_the_same_scores(tmp_path):
    reference = write_mask(tmp_path / "segmentation-3.nii", 4)
    predicted = write_mask(tmp_path / "mine.nii", 5)
    program = "from liverseg.cli import main; main()"
    words = ("score", reference, predicted, "--json", tmp_path / "scores.json")
    subprocess.run(
        [sys.executable, "-c", program, *map(str, words)], capture_output=True, check=True
    )
    (case,) = json.loads((tmp_path / "scores.json").read_text())["cases"]
    (same,) = liverseg.score(reference, predicted).cases
    assert case["lesion"]["assd_mm"] == same.lesion.assd_mm
    assert case["case_id"] == same.case_id == "3"
