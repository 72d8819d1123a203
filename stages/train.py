"""Train one model, or write that it is not part of this run."""

import argparse
import shutil
from pathlib import Path

from liverseg.networks.description import write_no_model
from liverseg.networks.model_folder import ModelFolder, copy_locator
from liverseg.outputs import whole_folder
from liverseg.params import MODEL_NAMES, ModelName, Params, build_model_keys, read_params
from liverseg.plan import read_is_part_of_run, read_ready_sha256
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and the params, train, write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODEL_NAMES, required=True)
    parser.add_argument(
        "--start", type=Path, required=True, help="plan file, or folder of the stage pretrain"
    )
    parser.add_argument("--slices", type=Path, required=True)
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--logs", type=Path, required=True, help="for TensorBoard; no output")
    parser.add_argument(
        "--unfinished", type=Path, required=True, help="state between the epochs; no output"
    )
    parser.add_argument("--timings", type=Path, required=True, help="measured times; no output")
    flags = parser.parse_args()
    params = read_params(PARAMS_FILE)
    is_part_of_run = read_is_part_of_run(flags.start)
    with whole_folder(flags.out) as folder:
        if is_part_of_run:
            _train(flags, params, ModelFolder(folder))
        else:
            write_no_model(folder, flags.model)
            print(f"{flags.model}: not part of this run")
    if is_part_of_run:
        shutil.rmtree(flags.unfinished)


def _train(flags: argparse.Namespace, params: Params, folder: ModelFolder) -> None:
    # Only here: TensorFlow takes seconds to load, and a skipped model does without.
    from liverseg.networks.causes import collect_causes
    from liverseg.networks.seen import measure_seen
    from liverseg.slices.stacks import read_preprocessing
    from liverseg.tables.split import read_split
    from liverseg.timings import measure_time
    from liverseg.training.fit import train_model
    from liverseg.training.job import TrainingJob, apply_overrides

    name: ModelName = flags.model
    own = getattr(params.models, name)
    ready_sha256 = read_ready_sha256(flags.start)
    if ready_sha256 is not None:  # the package may have changed since the plan
        own = own.model_copy(update={"weights_sha256": ready_sha256})
    train = apply_overrides(params.train, own.train)
    job = TrainingJob(
        model=name,
        own=own,
        train=train,
        keys=build_model_keys(name, own.train),
        augment=params.augment,
        slices=flags.slices,
        roles=read_split(flags.split),
        encoder=flags.start if flags.start.is_dir() else None,
        causes=collect_causes(
            {"start": flags.start, "slices": flags.slices, "split": flags.split},
            {"train": train, "augment": params.augment, f"models.{name}": own},
        ),
    )
    with measure_time(flags.timings / f"train_{name}.json", job.train.epochs):
        trained = train_model(job, folder.curves, flags.logs, flags.unfinished)
    folder.write_trained(trained.model, trained.description, read_preprocessing(flags.slices))
    copy_locator(ModelFolder(flags.slices).locator.path, folder.path)
    folder.write_metrics(trained.metrics)
    folder.write_causes(job.causes)
    folder.write_seen(measure_seen(job.slices, job.roles))


if __name__ == "__main__":
    run_stage(main)
