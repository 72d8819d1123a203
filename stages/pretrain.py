"""Pre-train the ResNet's encoder on slices, or write that this run does not ask for it."""

import argparse
import shutil
from pathlib import Path

from liverseg.networks.model_folder import ModelFolder
from liverseg.outputs import whole_folder
from liverseg.params import EncoderParams, FitParams, Params, read_params
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
            _pretrain(flags, params, ModelFolder(folder))
        else:
            print("encoder: not part of this run")
    if is_asked_for:
        shutil.rmtree(flags.unfinished)


def _pretrain(flags: argparse.Namespace, params: Params, folder: ModelFolder) -> None:
    # Only here: TensorFlow takes seconds to load, and a skipped encoder does without.
    from liverseg.networks.causes import collect_causes
    from liverseg.pretraining.encoder import pretrain_encoder, write_encoder
    from liverseg.tables.split import read_split
    from liverseg.timings import measure_time
    from liverseg.training.job import FitJob

    # Value by value, as dvc.yaml lists them: of all others the encoder is independent.
    encoder = EncoderParams(
        depth=params.models.resnet.depth,
        last_stage=params.models.resnet.last_stage,
        weights=params.models.resnet.weights,
    )
    shared = {
        "seed": params.train.seed,
        "num_threads": params.train.num_threads,
        "precision": params.train.precision,
        "context": params.train.context,
        "context_mm": params.train.context_mm,
        "lesion_oversampling": params.train.lesion_oversampling,
        "lesion_share": params.train.lesion_share,
        "liver_free_fraction": params.train.liver_free_fraction,
    }
    train = FitParams(**shared | params.models.resnet.pretrain.model_dump(exclude_none=True))
    job = FitJob(
        own=encoder,
        train=train,
        augment=params.augment,
        slices=flags.slices,
        roles=read_split(flags.split),
        causes=collect_causes(
            {"slices": flags.slices, "split": flags.split},
            {"train": train, "augment": params.augment, "models.resnet": encoder},
        ),
    )
    with measure_time(flags.timings / "pretrain.json", train.epochs):
        pretrained = pretrain_encoder(job, flags.unfinished)
    write_encoder(folder.path, pretrained)
    folder.write_metrics(pretrained.accuracies)
    folder.write_causes(job.causes)


if __name__ == "__main__":
    run_stage(main)
