"""The committed lock and metrics come from the committed code."""

import json
from hashlib import md5
from pathlib import Path

from ruamel.yaml import YAML

from tests.pipeline.clone import REPOSITORY, copy_working_tree


def test_no_stage_of_the_committed_lock_is_stale(tmp_path: Path) -> None:
    clone = copy_working_tree(tmp_path / "clone")
    output = clone.run("dvc", "repro", "--dry", "--allow-missing")
    stale = [line for line in output.splitlines() if line.startswith("Running stage")]
    assert not stale, "run `dvc repro` and commit dvc.lock and metrics/: " + "; ".join(stale)
    assert "up to date" in output


def test_the_committed_metrics_are_those_of_the_lock() -> None:
    lock = YAML(typ="safe").load(REPOSITORY / "dvc.lock")
    outs = lock["stages"]["evaluate"]["outs"]
    for out in outs:
        path = REPOSITORY / out["path"]
        if path.parent.name == "metrics":
            assert md5(path.read_bytes()).hexdigest() == out["md5"], out["path"]


def test_the_headline_metrics_are_few_and_numbers() -> None:
    headline = json.loads((REPOSITORY / "metrics/evaluation.json").read_text(encoding="utf-8"))
    assert len(headline) <= 20
    assert all(value is None or type(value) in (int, float) for value in headline.values())
