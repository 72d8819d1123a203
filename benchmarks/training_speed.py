"""Steps of training the U-Net, beside the same network in PyTorch, float32, with as many threads.

    python -m benchmarks.training_speed

The network and batch of params.yaml, with the loss bce_dice and AdamW, on one batch of noise that
is in memory. A step is forward, loss, backward and update; liverseg's counts its metrics too, as in
training; the running average of its weights is left out on both sides. PyTorch is taken as it is,
in its faster memory format (channels last), and not compiled. The first steps, in which graphs are
traced and memory is taken, are not timed.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.contest import Contender, Work, add_contest_flags, hold_contest
from liverseg.labels import REGIONS
from liverseg.params import Params, build_model_keys, read_params

WARM_UP = 5


def read_job(flags: argparse.Namespace) -> tuple[Params, int, int, int]:
    """Params, and batch size, side and channels of what the U-Net reads."""
    params = read_params(flags.params)
    if (params.train.loss, params.train.optimizer) != ("bce_dice", "adamw"):
        sys.exit(f"{flags.params}: expected train.loss: bce_dice and train.optimizer: adamw")
    slices = 1 + 2 * params.train.context
    channels = slices * len(params.preprocess.windows_hu)
    return params, params.train.batch_size, params.preprocess.image_size, channels


def draw_batch(
    size: int, side: int, channels: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Slices (batch, rows, columns, channels) and masks (batch, rows, columns, regions)."""
    rng = np.random.default_rng(0)
    slices = rng.integers(0, 256, (size, side, side, channels), np.uint8)
    masks = rng.integers(0, 2, (size, side, side, len(REGIONS)))
    return slices, masks.astype(np.float32)


def prepare_liverseg(flags: argparse.Namespace) -> Work:
    """Keras on TensorFlow, as a training sets it up."""
    from liverseg.networks.recipe import load_recipe
    from liverseg.training.devices import should_compile_with_xla
    from liverseg.training.losses import LOSSES
    from liverseg.training.metrics import build_metrics
    from liverseg.training.optimizer import build_optimizer
    from liverseg.training.runtime import prepare_runtime

    params, size, side, channels = read_job(flags)
    train = params.train.model_copy(update={"schedule": "plateau"})  # the rate stands
    keys = build_model_keys("unet", params.models.unet.train)
    prepare_runtime(train)
    model = load_recipe("unet").build_model(params.models.unet, (side, side, channels))
    model.compile(
        optimizer=build_optimizer(train, train.learning_rate, flags.steps, keys),
        loss=LOSSES[train.loss],
        metrics=build_metrics(),
        jit_compile=should_compile_with_xla(),
    )
    batch = draw_batch(size, side, channels)
    return warm_up(lambda: model.train_on_batch(*batch), flags.steps)


def prepare_torch(flags: argparse.Namespace) -> Work:
    """PyTorch as it is, channels last, which its convolutions are fastest in."""
    import torch

    from benchmarks.torch_unet import build_torch_unet, compute_bce_dice

    params, size, side, channels = read_job(flags)
    torch.manual_seed(params.train.seed)
    torch.set_num_threads(params.train.num_threads)
    model = build_torch_unet(params.models.unet, channels).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        model.parameters(), params.train.learning_rate, weight_decay=params.train.weight_decay
    )
    slices, masks = (
        torch.from_numpy(each).permute(0, 3, 1, 2) for each in draw_batch(size, side, channels)
    )

    def step() -> None:
        optimizer.zero_grad()
        loss = compute_bce_dice(model(slices.to(torch.float32) / 255), masks)
        loss.backward()
        optimizer.step()

    return warm_up(step, flags.steps)


def warm_up(step: Callable[[], object], num_steps: int) -> Work:
    """So many steps, after a few that are not timed."""
    for _ in range(WARM_UP):
        step()

    def work() -> None:
        for _ in range(num_steps):
            step()

    return work


CONTENDERS = {
    "liverseg": Contender(prepare_liverseg),
    "PyTorch": Contender(prepare_torch, "torch"),
}


def main() -> None:
    """Read the flags, run both in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--steps", type=int, default=30)
    add_contest_flags(parser, rounds=5, cores=2)
    hold_contest(CONTENDERS, parser.parse_args())


if __name__ == "__main__":
    main()
