"""Does the input pipeline keep the trainer fed? A U-Net epoch beside its bare training steps.

    python -m benchmarks.input_speed

Runs on the slices of the last `dvc repro`, with the shipped params. An epoch reads, augments and
trains on ``STEPS`` batches; the bare steps train as often on one batch that is in memory already.
Both in turns, in one process; printed is the median of each and of their ratio.
"""

import statistics
import time
from pathlib import Path

import keras
from tqdm import tqdm

from liverseg.networks.causes import collect_causes
from liverseg.networks.recipe import load_recipe
from liverseg.params import TrainOverrides, build_model_keys, read_params
from liverseg.tables.split import read_split
from liverseg.training.batches import TrainingBatches
from liverseg.training.devices import should_compile_with_xla
from liverseg.training.job import TrainingJob, build_batches
from liverseg.training.losses import LOSSES
from liverseg.training.metrics import build_metrics
from liverseg.training.runtime import prepare_runtime

STEPS = 20
ROUNDS = 3


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


def main() -> None:
    """Time both, print a table."""
    params = read_params(Path("params.yaml"))
    prepare_runtime(params.train)
    job = TrainingJob(
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
    batches, _ = build_batches(job)
    model = load_recipe("unet").build_model(params.models.unet, batches.input_shape)
    model.compile(
        optimizer=keras.optimizers.Adam(params.train.learning_rate),
        loss=LOSSES[params.train.loss],
        metrics=build_metrics(),
        jit_compile=should_compile_with_xla(),
    )
    contenders = {"epoch": FirstBatches(batches), "bare steps": OneBatch(batches)}
    model.fit(contenders["epoch"], shuffle=False, verbose=0)  # traces the graph
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in tqdm(range(ROUNDS), unit="round"):
        for name, dataset in contenders.items():
            start = time.perf_counter()
            model.fit(dataset, shuffle=False, verbose=0)
            seconds[name].append((time.perf_counter() - start) / STEPS)
    ratios = [a / b for a, b in zip(seconds["epoch"], seconds["bare steps"], strict=True)]
    print("| | seconds a step |\n| --- | --- |")
    for name, values in seconds.items():
        print(f"| {name} | {statistics.median(values):.3f} |")
    print(f"\nratio {statistics.median(ratios):.3f} (from {min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
