"""Rounds of the ready model, in small: a dozen coarse patients and networks of two filters."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from liverseg.networks.model_folder import ModelFolder
from liverseg.params import read_params
from liverseg.phantom.data_set import build_planned_scan, plan_scans
from liverseg.rounds.patients import build_views, write_patients
from liverseg.rounds.training import Round, choose_patients, prepare_patients
from liverseg.scans.ensemble import read_ensemble
from liverseg.slices.stacks import open_stack, read_index
from liverseg.tables.split import read_split
from tests.pipeline.clone import REPOSITORY

TINY = {
    "phantom.num_patients": 11,
    "phantom.in_plane_spacing_mm": [5.0, 6.0],
    "phantom.slice_spacing_mm": [12.0, 16.0],
    "preprocess.image_size": 32,
    "preprocess.pixel_mm": 9.0,
    "locator.image_size": 32,
    "locator.pixel_mm": 14.0,
    "locator.slice_mm": 14.0,
    "locator.network.filters": 2,
    "locator.network.depth": 2,
    "locator.train.epochs": 1,
    "locator.train.cosine.warmup_steps": 1,
    "models.unet.filters": 2,
    "models.unet.depth": 2,
    "train.epochs": 1,
    "train.cosine.warmup_steps": 1,
}


@pytest.fixture(scope="module")
def params_file(tmp_path_factory) -> Path:
    """The shipped params of the rounds, made small."""
    content = YAML(typ="safe").load(REPOSITORY / "ready/params.yaml")
    for key, value in TINY.items():
        *sections, name = key.split(".")
        section = content
        for each in sections:
            section = section[each]
        section[name] = value
    path = tmp_path_factory.mktemp("params") / "params.yaml"
    YAML(typ="safe").dump(content, path)
    return path


def run_round(folder: Path, params_file: Path, number: int, *more: str) -> Path:
    out = folder / str(number)
    command = [sys.executable, "-m", "stages.ready", "--model", "unet"]
    command += ["--params", str(params_file), "--number", str(number), "--out", str(out)]
    command += ["--logs", str(folder / "logs"), "--unfinished", str(folder / "unfinished")]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [*command, *more],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return out


def read_all(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_patients_follow_from_their_seed_and_not_from_the_number_of_workers(
    params_file, tmp_path, monkeypatch
):
    params = read_params(params_file)
    for workers in ("1", "2"):
        (tmp_path / workers).mkdir()
        monkeypatch.setenv("LIVERSEG_WORKERS", workers)
        write_patients(tmp_path / workers, params.phantom, build_views(params))
    assert read_all(tmp_path / "1") == read_all(tmp_path / "2")
    other = params.phantom.model_copy(update={"seed": 1})
    (tmp_path / "other").mkdir()
    write_patients(tmp_path / "other", other, build_views(params))
    assert read_all(tmp_path / "1").keys() == read_all(tmp_path / "other").keys()
    assert read_all(tmp_path / "1") != read_all(tmp_path / "other")


def test_one_patient_in_ten_validates_and_the_fine_slices_show_the_whole_liver(
    params_file, tmp_path
):
    params = read_params(params_file)
    roles = write_patients(tmp_path, params.phantom, build_views(params))
    assert [each.role for each in roles].count("validation") == 2  # patients 0 and 10
    fine = {row.case_id for row in read_index(tmp_path / "fine")}
    assert fine
    for case_id in fine:
        stack = open_stack(tmp_path / "fine", case_id)
        labels = stack.labels[:]
        assert labels.any()
        rim = np.ones(labels.shape[1:], np.bool_)
        rim[1:-1, 1:-1] = False
        assert not labels[:, rim].any()


def test_what_two_rounds_have_seen_is_that_of_their_patients(params_file, tmp_path):
    """Of three patients a round the first one validates, so that two a round are seen."""
    command = [sys.executable, "-m", "stages.ready_seen", "--params", str(params_file)]
    command += ["--rounds", "1", "2", "--patients", "3", "--out", str(tmp_path / "seen.json")]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    params = read_params(params_file).phantom
    slices_mm = []
    for seed in (params.seed, params.seed + 1000):
        some = params.model_copy(update={"seed": seed, "num_patients": 3})
        scans = [build_planned_scan(planned, some) for planned in plan_scans(some)[1:]]
        slices_mm += [scan.grid.spacing_mm[2] for scan in scans]
    found = json.loads((tmp_path / "seen.json").read_text())["ranges"]["slice_mm"]
    assert (found["minimum"], found["maximum"]) == pytest.approx((min(slices_mm), max(slices_mm)))


def test_a_round_has_patients_of_its_own_in_the_number_that_is_asked_for(params_file, tmp_path):
    params = read_params(params_file).phantom
    where = {"previous": None, "work": tmp_path, "logs": tmp_path}
    third = Round("unet", 3, num_patients=7, num_epochs=None, **where)
    usual = Round("unet", 3, num_patients=None, num_epochs=None, **where)
    changed = {"seed": params.seed + 2000}
    assert choose_patients(params, usual) == params.model_copy(update=changed)
    changed["num_patients"] = 7
    assert choose_patients(params, third) == params.model_copy(update=changed)


def test_an_interrupted_round_keeps_its_patients_and_draws_others_where_others_are_asked_for(
    params_file, tmp_path
):
    params = read_params(params_file)
    where = {"previous": None, "work": tmp_path, "logs": tmp_path}

    def prepare(params, num_patients) -> tuple[int, set[int]]:
        this = Round("unet", 1, num_patients=num_patients, num_epochs=None, **where)
        folder = prepare_patients(params, this, build_views(params))
        times = {path.stat().st_mtime_ns for path in folder.rglob("*.npz")}
        return len(read_split(folder / "split.csv")), times

    number, written = prepare(params, 3)
    assert number == 3
    assert prepare(params, 3) == (3, written)
    number, of_four = prepare(params, 4)
    assert (number, of_four & written) == (4, set())
    coarser = params.preprocess.model_copy(update={"pixel_mm": 10.0})
    assert not prepare(params.model_copy(update={"preprocess": coarser}), 4)[1] & of_four


@pytest.mark.parametrize("flag", ["--patients", "--epochs"])
def test_a_round_of_nobody_is_refused(params_file, tmp_path, flag):
    with pytest.raises(AssertionError, match=f"{flag}: expected 1 or more. Received: 0"):
        run_round(tmp_path, params_file, 1, flag, "0")
    assert not (tmp_path / "unfinished").exists()


@pytest.mark.slow
def test_a_round_leaves_a_whole_model_from_which_the_next_goes_on(params_file, tmp_path):
    first = run_round(tmp_path, params_file, 1)
    ensemble = read_ensemble([first])
    assert ensemble.preprocessing.region == "liver"
    assert len(ensemble.locators) == 1
    assert not (tmp_path / "unfinished").exists()
    own = ("--previous", str(first), "--patients", "4", "--epochs", "2")
    second = run_round(tmp_path, params_file, 2, *own)
    epochs = [ModelFolder(each).read_metrics()["num_epochs"] for each in (first, second)]
    assert epochs == [1, 2]
    for folder in (ModelFolder(second), ModelFolder(second).locator):
        description = folder.read_description()
        assert description is not None
        assert description.initial_weights in ("1", "locator")
    assert read_all(first).keys() == read_all(second).keys()
