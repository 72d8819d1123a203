"""The verb, on small experiments that DVC saved."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from liverseg.experiments.runs import COLUMNS

REPOSITORY = Path(__file__).resolve().parents[2]
PARAMS = """\
model: unet
split: {{seed: {seed}, num_folds: {num_folds}, fold: {fold}}}
train: {{seed: 1}}
"""
DICE = {"a": 0.2, "b": 0.4, "c": 0.6, "d": 0.8, "e": 0.9, "f": 0.1}
TESTED = {0: "ab", 1: "cd", 2: "ef"}


class Repository:
    def __init__(self, folder):
        self.folder = folder

    def run(self, *command):
        bin_folder = str(Path(sys.executable).parent)
        environment = os.environ | {
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(REPOSITORY),
            "DVC_NO_ANALYTICS": "1",
        }
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def must(self, *command):
        done = self.run(*command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def folds(self, *arguments):
        code = "from liverseg.cli import main; main()"
        return self.run(sys.executable, "-c", code, "folds", *map(str, arguments))

    def write(self, fold, num_folds=3, seed=1, model="unet"):
        params = PARAMS.format(fold=fold, num_folds=num_folds, seed=seed)
        (self.folder / "params.yaml").write_text(params)
        lines = [",".join(COLUMNS)]
        lines += [
            f"test,{model},{patient}1,{patient},{DICE[patient]},0.9,,,0.01,5,1,1,1"
            for patient in TESTED[fold]
        ]
        lines.append(f"validation,{model},z1,z,0.5,0.9,,,0.01,5,1,1,1")
        (self.folder / "metrics").mkdir(exist_ok=True)
        (self.folder / "metrics/cases.csv").write_text("\n".join(lines) + "\n")

    def save(self, name, fold, **values):
        self.write(fold, **values)
        self.must("dvc", "exp", "save", "--quiet", "--name", name)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    repository = Repository(tmp_path_factory.mktemp("folds"))
    repository.must("git", "init", "--quiet", "--initial-branch", "main")
    for key in ("name", "email"):
        repository.must("git", "config", f"user.{key}", "test@example.invalid")
    repository.must("dvc", "init", "--quiet")
    repository.must("dvc", "config", "core.analytics", "false")
    repository.must("dvc", "config", "core.check_update", "false")
    repository.write(0, num_folds=0)
    repository.must("git", "add", "--all")
    repository.must("git", "commit", "--quiet", "--message", "base")
    repository.save("second", 1)
    repository.save("third", 2)
    repository.save("first", 0)
    repository.save("flat", 0, num_folds=0, seed=2)
    repository.save("elsewhere", 1, seed=9)
    repository.must("git", "checkout", "--quiet", "--force", "main")
    return repository


def test_named_experiments_are_pooled_from_their_commits(repository, tmp_path):
    path = tmp_path / "folds.json"
    result = repository.folds("third", "first", "second", "--json", path)
    assert result.returncode == 0, result.stderr
    assert "U-Net: cross-validation over 3 folds, 6 cases of 6 patients" in result.stdout
    document = json.loads(path.read_text())
    assert [fold["experiment"] for fold in document["folds"]] == ["first", "second", "third"]
    dice = document["scores"]["lesion_dice_per_case"]
    assert dice["value"] == pytest.approx(3.0 / 6)
    assert dice["num_cases"] == 6
    assert dice["folds"] == pytest.approx([0.3, 0.7, 0.5])
    assert dice["spread"] == pytest.approx(0.2)
    assert dice["low"] < 0.5 < dice["high"]
    assert document["scores"]["lesion_assd_mm"]["value"] is None


def test_by_default_those_of_the_current_commit_are_taken(repository):
    result = repository.folds()
    assert result.returncode == 2  # "elsewhere" has another seed of the split
    assert "left out, not part of these: flat" in result.stderr
    assert "split.seed is 9 in elsewhere and 1 in first, second, third" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_revision_stands_for_an_experiment(repository):
    commit = repository.must("git", "rev-parse", "HEAD").strip()
    result = repository.folds(commit[:10], "first", "second")
    assert result.returncode == 2
    assert f"experiments {commit[:10]}: expected one fold" in result.stderr
    assert "split.num_folds is 0" in result.stderr


def test_an_unknown_name_is_refused_with_those_that_there_are(repository):
    result = repository.folds("fist")
    assert result.returncode == 2
    assert "experiment fist: expected the name of an experiment" in result.stderr
    assert "elsewhere, first, flat, second, third" in result.stderr


def test_a_missing_fold_is_an_error_of_one_line(repository):
    result = repository.folds("first", "third")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "missing: 1" in result.stderr


def test_a_folder_outside_git_is_an_error(tmp_path):
    result = Repository(tmp_path).folds()
    assert result.returncode == 2
    assert "expected a git repository with a commit" in result.stderr


def test_a_commit_without_the_file_is_an_error(repository):
    result = Repository(repository.folder / "metrics").folds("first")
    assert result.returncode == 2
    assert "experiment first: expected metrics/cases.csv in its commit" in result.stderr
    assert "Run from the repository root" in result.stderr


def test_experiments_of_an_older_commit_are_found_by_name_and_not_by_default(repository):
    repository.must("git", "checkout", "--quiet", "--detach")
    try:
        repository.must("git", "commit", "--quiet", "--allow-empty", "--message", "later")
        result = repository.folds()
        assert result.returncode == 2
        assert "folds: expected experiments. Received: none." in result.stderr
        assert repository.folds("first", "second", "third").returncode == 0
    finally:
        repository.must("git", "checkout", "--quiet", "main")
