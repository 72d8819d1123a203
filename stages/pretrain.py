"""Pre-train the ResNet's encoder on slices, or write that this run does not ask for it."""

import argparse
import shutil
from pathlib import Path

from liverseg.models.description import write_training_metrics
from liverseg.outputs import whole_folder
from liverseg.params import Params, apply_overrides, read_params
from liverseg.plan import copy_plan, read_is_part_of_run
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and the params, pre-train, write the encoder's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--slices", type=Path, required=True)
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--unfinished", type=Path, required=True, help="state between the epochs; no output"
    )
    parser.add_argument("--timings", type=Path, required=True, help="measured times; no output")
    flags = parser.parse_args()
    params = read_params(PARAMS_FILE)
    is_asked_for = params.models.resnet.weights == "slices" and read_is_part_of_run(flags.plan)
    with whole_folder(flags.out) as folder:
        copy_plan(flags.plan, folder)
        if is_asked_for:
            _pretrain(flags, params, folder)
        else:
            print("encoder: not part of this run")
    if is_asked_for:
        shutil.rmtree(flags.unfinished)


def _pretrain(flags: argparse.Namespace, params: Params, folder: Path) -> None:
    # Only here: TensorFlow takes seconds to load, and a skipped encoder does without.
    from liverseg.cases.split import read_split
    from liverseg.timings import measure_time
    from liverseg.training.causes import collect_causes, write_causes
    from liverseg.training.job import TrainingJob
    from liverseg.training.pretrain import pretrain_encoder, write_encoder

    own = params.models.resnet
    train = apply_overrides(params.train, own.train).model_copy(update=own.pretrain.model_dump())
    job = TrainingJob(
        model="resnet",
        own=own,
        train=train,
        augment=params.augment,
        slices=flags.slices,
        roles=read_split(flags.split),
        encoder=None,
        causes=collect_causes(
            {"slices": flags.slices, "split": flags.split},
            {"train": train, "augment": params.augment, "models.resnet": own},
        ),
    )
    with measure_time(flags.timings / "pretrain.json", train.epochs):
        pretrained = pretrain_encoder(job, flags.unfinished)
    write_encoder(folder, pretrained)
    write_training_metrics(folder, pretrained.accuracies)
    write_causes(folder, job.causes)


if __name__ == "__main__":
    run_stage(main)
