"""A training on two devices, here two logical CPUs, beside the same one on a single device."""

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from liverseg.errors import ParamsError
from liverseg.params import TrainOverrides, build_model_keys
from liverseg.training.fit import train_model
from liverseg.training.job import TrainingJob, build_batches
from tests.made.params import build_unet_params

REPOSITORY = Path(__file__).resolve().parents[2]
TRAIN_ON_TWO = """
import json, pickle, sys
from pathlib import Path
import tensorflow as tf
(cpu,) = tf.config.list_physical_devices("CPU")
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
from liverseg.training.devices import choose_strategy
from liverseg.training.fit import train_model

out = Path(sys.argv[1])
job = pickle.loads((out / "job.pickle").read_bytes())
trained = train_model(job, out / "curves", out / "logs", out / "unfinished")
assert choose_strategy("all").num_replicas_in_sync == 2
print(json.dumps(trained.metrics))
"""


def build_job(job: TrainingJob, devices: str) -> TrainingJob:
    """What two devices compute alike: no dropout, no normalisation over a batch, and an even number
    of slices, 6 of the same two cases, in training and in validation."""
    changed = {"devices": devices, "ema": 0.9, "batch_size": 4}
    training = [each for each in job.roles if each.role == "train"]
    return replace(
        job,
        model="unet",
        own=build_unet_params(normalization="group", dropout=0.0),
        train=job.train.model_copy(update=changed),
        roles=[*training, *(replace(each, role="validation") for each in training)],
    )


def test_two_devices_train_as_one_does(job, tmp_path, monkeypatch):
    """But for the last digits: sums over a batch are added up in another order."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.pickle").write_bytes(pickle.dumps(build_job(job, "all")))
    ran = subprocess.run(
        [sys.executable, "-c", TRAIN_ON_TWO, str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    shared = json.loads(ran.stdout.splitlines()[-1])
    (tmp_path / "one").mkdir()
    folders = (tmp_path / "one" / name for name in ("curves", "logs", "unfinished"))
    alone = train_model(build_job(job, "one"), *folders).metrics
    assert alone["num_epochs"] == 2
    assert shared == pytest.approx(alone, rel=1e-5)


def test_devices_share_every_batch_evenly_and_leave_out_the_rest(job):
    """6 and 3 slices in batches of 4: two devices take 4 + 2 and 2."""
    training, validation = build_batches(job)
    assert [len(batches[0][0]) for batches in (training, validation)] == [4, 3]
    for batches in (training, validation):
        batches.divide_among(2, job.keys)
    sizes = [[len(each[i][0]) for i in range(len(each))] for each in (training, validation)]
    assert sizes == [[4, 2], [2]]


def test_a_batch_that_cannot_be_shared_is_an_error_that_names_the_params(job):
    training, _ = build_batches(job)
    with pytest.raises(ParamsError, match=r"^train\.batch_size: expected a multiple of the 3 dev"):
        training.divide_among(3, job.keys)
    own = build_model_keys("unet", TrainOverrides(batch_size=4))
    with pytest.raises(
        ParamsError, match=r"^models\.unet\.train\.batch_size.* train\.devices: one"
    ):
        training.divide_among(3, own)
