"""Trainings that are killed for real and go on: the same bytes as without the kill."""

import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from liverseg.errors import ModelError
from liverseg.networks.causes import Causes, compute_key
from liverseg.networks.recipe import load_recipe
from liverseg.params import ResnetParams
from liverseg.training.averaging import AveragedWeights
from liverseg.training.job import TrainingJob
from liverseg.training.optimizer import build_optimizer
from liverseg.training.unfinished import Unfinished

REPOSITORY = Path(__file__).resolve().parents[2]
TRAIN = """
import json, pickle, sys
from pathlib import Path
from liverseg.networks.saved import write_model
from liverseg.training.fit import train_model

out = Path(sys.argv[1])
job = pickle.loads((out / "job.pickle").read_bytes())
trained = train_model(job, out / "curves", out / "logs", out / "unfinished")
(out / "model").mkdir()
write_model(out / "model", trained.model)
(out / "model/metrics.json").write_text(json.dumps(trained.metrics))
"""


def start_training(job: TrainingJob, folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    (folder / "job.pickle").write_bytes(pickle.dumps(job))
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )


def train(job: TrainingJob, folder: Path) -> str:
    """What a training printed that came to its end."""
    process = start_training(job, folder)
    printed, _ = process.communicate()
    assert process.returncode == 0
    return printed


def kill_after_epoch(job: TrainingJob, folder: Path, num_epochs: int) -> None:
    """Start a training and kill it as soon as the state of an epoch is there."""
    process = start_training(job, folder)
    while process.poll() is None and not list(folder.glob(f"unfinished/*/epoch_*{num_epochs}")):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def read_results(folder: Path) -> dict[str, bytes]:
    """The model and its curves."""
    paths = [*(folder / "model").iterdir(), *(folder / "curves").rglob("*.tsv")]
    assert len(paths) > 10
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def clear_curves(folder: Path) -> None:
    """What a stage does before it starts again: its output folder is new."""
    for path in sorted((folder / "curves").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize("model", ["simple_cnn", pytest.param("resnet", marks=pytest.mark.slow)])
def test_a_training_killed_twice_ends_in_the_same_bytes(job, resnet: ResnetParams, model, tmp_path):
    """Four epochs, the rate lowered on the way; the ResNet's second phase begins after two."""
    plateau = job.train.plateau.model_copy(update={"patience": 1, "factor": 0.1})
    own = resnet.model_copy(update={"frozen_epochs": 2}) if model == "resnet" else job.own
    changed = {"epochs": 4, "learning_rate": 0.1, "plateau": plateau}
    job = replace(job, model=model, own=own, train=job.train.model_copy(update=changed))
    train(job, tmp_path / "whole")
    kill_after_epoch(job, tmp_path / "killed", 1)
    clear_curves(tmp_path / "killed")
    kill_after_epoch(job, tmp_path / "killed", 3)
    clear_curves(tmp_path / "killed")
    printed = train(job, tmp_path / "killed")
    assert "going on after epoch 3" in printed
    assert f"{model} 4/4" in printed
    assert f"{model} 3/4" not in printed
    assert read_results(tmp_path / "killed") == read_results(tmp_path / "whole")


@pytest.mark.parametrize("model", ["simple_cnn", pytest.param("resnet", marks=pytest.mark.slow)])
def test_a_training_with_average_and_cosine_killed_twice_ends_in_the_same_bytes(
    job, resnet: ResnetParams, model, tmp_path
):
    """AdamW too, and slices drawn by lesion. Two steps an epoch; the ResNet is killed right before
    its second phase, of two epochs, and within it."""
    own = resnet.model_copy(update={"frozen_epochs": 2}) if model == "resnet" else job.own
    changed = {
        "epochs": 4,
        "optimizer": "adamw",
        "weight_decay": 0.1,
        "ema": 0.5,
        "schedule": "cosine",
        "lesion_share": 0.5,
        "monitor": "val_liver_dice",
    }
    job = replace(job, model=model, own=own, train=job.train.model_copy(update=changed))
    train(job, tmp_path / "whole")
    for num_epochs in (2, 3):
        kill_after_epoch(job, tmp_path / "killed", num_epochs)
        clear_curves(tmp_path / "killed")
    printed = train(job, tmp_path / "killed")
    assert "going on after epoch 3" in printed
    assert f"{model} 3/4" not in printed
    assert read_results(tmp_path / "killed") == read_results(tmp_path / "whole")


def test_a_training_killed_after_its_last_epoch_only_writes_its_result(job, tmp_path):
    train(job, tmp_path / "whole")
    kill_after_epoch(job, tmp_path / "killed", 2)
    clear_curves(tmp_path / "killed")
    assert "simple_cnn 2/2" not in train(job, tmp_path / "killed")
    assert read_results(tmp_path / "killed") == read_results(tmp_path / "whole")


def test_a_training_that_stopped_early_does_not_go_on(job, tmp_path):
    """At a rate of 0 nothing improves: patience 1 ends it after the second of nine epochs."""
    changed = {"epochs": 9, "learning_rate": 1e-30, "early_stopping_patience": 1}
    job = replace(job, train=job.train.model_copy(update=changed))
    assert "simple_cnn 3/9" not in train(job, tmp_path / "whole")
    kill_after_epoch(job, tmp_path / "killed", 2)
    clear_curves(tmp_path / "killed")
    assert "simple_cnn" not in train(job, tmp_path / "killed").replace("going on", "")
    assert read_results(tmp_path / "killed") == read_results(tmp_path / "whole")


def test_only_the_state_of_the_newest_epoch_is_kept(job, tmp_path):
    train(job, tmp_path)
    (state,) = (tmp_path / "unfinished").glob("*/epoch_*")
    assert state.name == "epoch_000002"
    assert {path.name for path in state.iterdir()} == {
        "best.weights.h5",
        "callbacks.json",
        "generators.json",
        "model.weights.h5",
    }


def test_a_damaged_average_is_a_users_error(job, tmp_path):
    averaged = replace(job, train=job.train.model_copy(update={"ema": 0.9}))
    train(averaged, tmp_path)
    (average,) = (tmp_path / "unfinished").glob("*/epoch_*/average.npz")
    average.write_bytes(average.read_bytes()[:100])
    epochs = Unfinished(average.parents[1], [AveragedWeights(0.9)])
    epochs.restore_callbacks()
    model = load_recipe("simple_cnn").build_model(job.own, (32, 32, 3))
    model.compile(build_optimizer(job.train, 0.1, 4, job.keys), loss="mse")
    model.optimizer.build(model.trainable_variables)
    with pytest.raises(ModelError, match=r"average\.npz.*Remove the folder"):
        epochs.restore_model(model)


def test_another_job_begins_anew(job, tmp_path):
    train(job, tmp_path)
    other = replace(job, causes=Causes({"slices": "changed"}, {}, {}))
    clear_curves(tmp_path)
    for path in (tmp_path / "model").iterdir():
        path.unlink()
    (tmp_path / "model").rmdir()
    printed = train(other, tmp_path)
    assert "going on" not in printed
    assert "simple_cnn 1/2" in printed


@pytest.mark.parametrize("damage", ["", "{}", '{"callbacks": {}, "num_epochs": 1}', "[]"])
def test_a_damaged_state_is_a_users_error(damage, tmp_path):
    state = tmp_path / "epoch_000001"
    state.mkdir()
    (state / "callbacks.json").write_text(damage)
    with pytest.raises(ModelError, match="Remove the folder: the training then begins anew"):
        Unfinished(tmp_path, callbacks=()).restore_callbacks()


def test_the_key_follows_from_the_causes_alone():
    causes = Causes({"slices": "a"}, {"train": {"seed": 1, "epochs": 2}}, {"keras": "3"})
    reordered = Causes({"slices": "a"}, {"train": {"epochs": 2, "seed": 1}}, {"keras": "3"})
    assert compute_key(causes) == compute_key(reordered)
    others = [
        replace(causes, inputs={"slices": "b"}),
        replace(causes, params={"train": {"seed": 2, "epochs": 2}}),
        replace(causes, packages={"keras": "4"}),
    ]
    assert len({compute_key(each) for each in [causes, *others]}) == 4


def test_the_key_follows_from_the_code_that_is_loaded(tmp_path):
    """The same causes, a line of liverseg/labels.py changed."""
    script = (
        "from liverseg.networks.causes import Causes, compute_key; import liverseg.labels; "
        "print(compute_key(Causes({}, {}, {})))"
    )
    keys = []
    for text in ("LIVER = 1\n", "LIVER = 1\n", "LIVER = 1  # changed\n"):
        package = tmp_path / str(len(keys)) / "liverseg"
        (package / "networks").mkdir(parents=True)
        ground = ("errors", "hashing", "json_files", "names", "outputs")
        for name in (
            *("__init__.py", "networks/__init__.py", "networks/causes.py"),
            *(f"{each}.py" for each in ground),
        ):
            (package / name).write_bytes((REPOSITORY / "liverseg" / name).read_bytes())
        (package / "params").symlink_to(REPOSITORY / "liverseg/params")
        (package / "labels.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=package.parent,
            env=os.environ | {"PYTHONPATH": str(package.parent)},
            capture_output=True,
            check=True,
            encoding="utf-8",
        )
        keys.append(done.stdout)
    assert keys[0] == keys[1] != keys[2]
