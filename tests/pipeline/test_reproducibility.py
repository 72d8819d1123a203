"""The same bytes whatever happens: kills, one core, another locale, another machine's cache."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import Clone
from tests.pipeline.interruptions import forget_results, kill_often, read_results

pytestmark = pytest.mark.slow


def test_a_chain_killed_a_dozen_times_ends_in_the_same_bytes(chain: Clone) -> None:
    expected = read_results(chain)
    forget_results(chain)
    finished = kill_often(chain, num_kills=12, seed=1)
    assert finished == [expected] * len(finished)


def test_one_core_one_worker_and_another_locale_give_the_same_bytes(
    chain: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_results(chain)
    forget_results(chain)
    for name, value in {
        "LIVERSEG_WORKERS": "1",
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
    }.items():
        monkeypatch.setenv(name, value)
    core = min(os.sched_getaffinity(0))
    chain.run("taskset", "--cpu-list", str(core), "dvc", "repro")
    assert read_results(chain) == expected


def test_a_pulled_clone_runs_nothing_and_trains_nothing_for_one_model_and_back(
    chain: Clone, tmp_path: Path
) -> None:
    chain.run("dvc", "remote", "add", "--default", "storage", str(tmp_path / "remote"))
    chain.commit("a remote")
    chain.run("dvc", "push", "--run-cache")
    subprocess.run(["git", "clone", "-q", str(chain.folder), str(tmp_path / "there")], check=True)
    there = Clone(tmp_path / "there")
    there.run("dvc", "pull", "--run-cache")
    assert "Running stage" not in there.run("dvc", "repro")
    there.run("dvc", "exp", "run", "-S", "model=unet")
    there.run("dvc", "exp", "run", "-S", "model=all")
    assert there.list_trained() == set()
    assert read_results(there) == read_results(chain)


def test_a_lost_cache_file_is_computed_again(chain: Clone) -> None:
    expected = read_results(chain)
    lock = YAML(typ="safe").load(chain.folder / "dvc.lock")
    md5 = lock["stages"]["split"]["outs"][0]["md5"]
    (chain.folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    (chain.folder / "data/split.csv").unlink()
    shutil.rmtree(chain.folder / ".dvc/cache/runs")
    chain.run("dvc", "repro")
    assert read_results(chain) == expected
    assert chain.list_trained() == set()


def test_a_model_says_what_its_training_scans_were_like_and_the_final_one_too(
    chain: Clone,
) -> None:
    cases, split = [
        pd.read_csv(chain.folder / "data" / name) for name in ("cases.csv", "split.csv")
    ]
    cases = cases.merge(split, on="case_id").query("role == 'train'")
    slices_mm = cases.filter(like="spacing_").filter(like="_mm").max(axis=1)  # pixels are smaller
    for name in ("simple_cnn", "unet", "resnet", "final"):
        seen = json.loads((chain.folder / "models" / name / "seen.json").read_text())["ranges"]
        found = [seen["slice_mm"][end] for end in ("minimum", "maximum")]
        assert found == pytest.approx([slices_mm.min(), slices_mm.max()])
        assert 50 < seen["liver_hu"]["minimum"] <= seen["liver_hu"]["maximum"] < 140


def test_a_model_names_its_causes_as_the_lock_does(chain: Clone) -> None:
    lock = YAML(typ="safe").load(chain.folder / "dvc.lock")["stages"]
    deps = {dep["path"]: dep["md5"] for dep in lock["train@unet"]["deps"]}
    causes = json.loads((chain.folder / "models/unet/causes.json").read_text())
    assert causes["inputs"] == {
        "slices": deps["data/slices"],
        "split": deps["data/split.csv"],
        "start": deps["data/plan/unet.json"],
    }
    final = json.loads((chain.folder / "models/final/causes.json").read_text())
    assert final["inputs"]["slices"] == deps["data/slices"]


def test_no_state_of_a_training_is_left(chain: Clone) -> None:
    assert not list((chain.folder / "unfinished").glob("*"))
