"""Batches made by other processes: the same bytes, and no process that outlives the training."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from liverseg.errors import LiversegError
from liverseg.parallel import WORKERS_VARIABLE
from liverseg.training.batches import TrainingBatches
from liverseg.training.feeding import count_feeders
from liverseg.training.job import TrainingJob, build_batches

REPOSITORY = Path(__file__).resolve().parents[2]
WAIT_WHILE_FED = """
import pickle, sys, time
from pathlib import Path
from liverseg.training.job import build_batches

if __name__ == "__main__":
    training, _ = build_batches(pickle.loads(Path(sys.argv[1]).read_bytes()))
    with training.fed():
        training[0]
        print("fed", flush=True)
        time.sleep(600)
"""


def list_batches(training: TrainingBatches, epochs: range) -> list[np.ndarray]:
    """Images and targets, as a training asks for them."""
    arrays: list[np.ndarray] = []
    for epoch in epochs:
        training.go_to_epoch(epoch)
        for index in range(len(training)):
            arrays += training[index]
    return arrays


def test_two_processes_make_the_batches_of_one(job: TrainingJob, monkeypatch):
    """In epochs forwards and backwards, and when an epoch is broken off."""
    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    training, _ = build_batches(job)
    alone = list_batches(training, range(3))
    with training.fed():
        children = {each.pid for each in psutil.Process().children(recursive=True)}
        assert len(children) >= 2
        assert all(map(np.array_equal, list_batches(training, range(3)), alone))
        training[0]  # those after it are begun, and never asked for
        backwards = list_batches(training, range(1, -1, -1))
    one_epoch = len(alone) // 3
    assert all(map(np.array_equal, backwards, [*alone[one_epoch:-one_epoch], *alone[:one_epoch]]))
    assert len(backwards) == 2 * one_epoch


def test_a_training_takes_what_cores_it_leaves_unless_it_is_told(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.delenv(WORKERS_VARIABLE, raising=False)
    assert [count_feeders(num_threads) for num_threads in (2, 6, 7, 8, 16)] == [6, 2, 0, 0, 0]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(128)), raising=False)
    assert count_feeders(2) == 8
    monkeypatch.setenv(WORKERS_VARIABLE, "1")
    assert count_feeders(2) == 0
    monkeypatch.setenv(WORKERS_VARIABLE, "3")
    assert count_feeders(8) == 3


def test_a_killed_process_is_an_error_that_says_what_to_do(job: TrainingJob, monkeypatch):
    monkeypatch.setenv(WORKERS_VARIABLE, "2")
    training, _ = build_batches(job)
    with training.fed():
        training[0]
        for child in psutil.Process().children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
        with pytest.raises(LiversegError, match=f"Try again with {WORKERS_VARIABLE}=1"):
            list_batches(training, range(1, 20))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_a_training_that_ends(job: TrainingJob, tmp_path, number):
    script, pickled = tmp_path / "script.py", tmp_path / "job.pickle"
    script.write_text(WAIT_WHILE_FED)
    pickled.write_bytes(pickle.dumps(job))
    with subprocess.Popen(
        [sys.executable, str(script), str(pickled)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), WORKERS_VARIABLE: "2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "fed\n"
        children = psutil.Process(process.pid).children(recursive=True)
        assert len(children) >= 2
        process.send_signal(number)
        process.wait(30)
        end = time.monotonic() + 30
        while any(each.is_running() for each in children) and time.monotonic() < end:
            time.sleep(0.05)
        assert not [each for each in children if each.is_running()]
