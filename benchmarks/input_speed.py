"""Does the input pipeline keep the trainer fed? A U-Net epoch beside its bare training steps.

    python -m benchmarks.input_speed

Runs on the slices of the last `dvc repro`, with the shipped params. An epoch reads, augments and
trains on ``STEPS`` batches; the bare steps train as often on one batch that is in memory already.
Then the batches alone, made by this process and by others. All in turn; printed are medians, and
the ratio of each round.
"""

import os
import time
from pathlib import Path

import keras

from benchmarks.contest import compare
from liverseg.networks.causes import collect_causes
from liverseg.networks.recipe import load_recipe
from liverseg.pages.markdown import format_table
from liverseg.parallel import WORKERS_VARIABLE
from liverseg.params import TrainOverrides, build_model_keys, read_params
from liverseg.tables.split import read_split
from liverseg.training.batches import TrainingBatches
from liverseg.training.devices import should_compile_with_xla
from liverseg.training.feeding import AHEAD
from liverseg.training.job import TrainingJob, build_batches
from liverseg.training.losses import LOSSES
from liverseg.training.metrics import build_metrics
from liverseg.training.runtime import prepare_runtime

STEPS = 20
ROUNDS = 5
MOST_WORKERS = 2


class OneBatch(keras.utils.PyDataset):
    """The same batch, over and over."""

    def __init__(self, batches: TrainingBatches) -> None:
        super().__init__()
        self._batch = batches[0]

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> tuple[object, object]:
        return self._batch


class FirstBatches(OneBatch):
    """The first batches of an epoch, read and augmented as in training."""

    def __init__(self, batches: TrainingBatches) -> None:
        super().__init__(batches)
        self._batches = batches

    def __getitem__(self, index: int) -> tuple[object, object]:
        return self._batches[index]


def build_job() -> TrainingJob:
    """The U-Net's, of the shipped params."""
    params = read_params(Path("params.yaml"))
    return TrainingJob(
        model="unet",
        own=params.models.unet,
        train=params.train,
        keys=build_model_keys("unet", TrainOverrides()),
        augment=params.augment,
        slices=Path("data/slices"),
        roles=read_split(Path("data/split.csv")),
        encoder=None,
        causes=collect_causes({}, {"train": params.train, "augment": params.augment}),
    )


def compare_steps(job: TrainingJob, batches: TrainingBatches) -> None:
    """Steps on new batches beside steps on the same one; prints a table."""
    model = load_recipe("unet").build_model(job.own, batches.input_shape)
    model.compile(
        optimizer=keras.optimizers.Adam(job.train.learning_rate),
        loss=LOSSES[job.train.loss],
        metrics=build_metrics(),
        jit_compile=should_compile_with_xla(),
    )
    contenders = {"bare steps": OneBatch(batches), "an epoch's": FirstBatches(batches)}
    model.fit(contenders["an epoch's"], shuffle=False, verbose=0)  # traces the graph
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, dataset in contenders.items():
            begin = time.perf_counter()
            model.fit(dataset, shuffle=False, verbose=0)
            seconds[name].append((time.perf_counter() - begin) / STEPS)
    print(
        format_table(("steps", "s", "times bare steps"), compare(seconds, "bare steps", "{:.3f}"))
    )


def measure_rate(batches: TrainingBatches, num_workers: int) -> float:
    """Slices a second by so many processes beside this one; 1: by this one itself."""
    os.environ[WORKERS_VARIABLE] = str(num_workers)
    ahead = AHEAD * num_workers + 1  # what may be ready when the clock starts
    with batches.fed():
        for index in range(ahead):
            batches[index]
        begin = time.perf_counter()
        num_slices = sum(len(batches[index][0]) for index in range(ahead, len(batches)))
        return num_slices / (time.perf_counter() - begin)


def compare_rates(batches: TrainingBatches) -> None:
    """Slices a second of an epoch by process; prints a table."""
    one = "the training's own"
    numbers = {one: 1} | {f"{number} others": number for number in range(2, MOST_WORKERS + 1)}
    rates: dict[str, list[float]] = {name: [] for name in numbers}
    for _ in range(ROUNDS):
        for name, number in numbers.items():
            rates[name].append(measure_rate(batches, number))
    print(
        format_table(("processes", "slices a second", "times one's"), compare(rates, one, "{:.0f}"))
    )


def main() -> None:
    """Time both, print two tables."""
    job = build_job()
    prepare_runtime(job.train)
    batches, _ = build_batches(job)
    compare_steps(job, batches)
    print()
    compare_rates(batches)


if __name__ == "__main__":
    main()
