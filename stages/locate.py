"""What the models see of every case: the surroundings of the liver, or the whole scan."""

import argparse
import shutil
import tempfile
from pathlib import Path

from liverseg.networks.description import write_no_model
from liverseg.networks.model_folder import ModelFolder
from liverseg.outputs import whole_folder
from liverseg.params import LOCATOR_KEYS, MODEL_NAMES, Params, read_params
from liverseg.plan import LOCATOR, read_is_part_of_run, read_ready_sha256
from liverseg.preprocess.framing import frame_scans
from liverseg.ready_model import find_ready_model
from liverseg.slices.regions import CaseRegion, write_regions
from liverseg.slices.stacks import Preprocessing
from liverseg.tables.case_table import read_cases
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and the params, train a locator where one is wanted, write the regions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODEL_NAMES, required=True, help="kind of network")
    parser.add_argument("--plan", type=Path, required=True, help="plan file of the locator")
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--cases", type=Path, required=True, help="case table")
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--regions", type=Path, required=True, help="table to write")
    parser.add_argument("--out", type=Path, required=True, help="folder of the locator to write")
    parser.add_argument("--logs", type=Path, required=True, help="for TensorBoard; no output")
    parser.add_argument(
        "--unfinished", type=Path, required=True, help="state between the epochs; no output"
    )
    parser.add_argument("--timings", type=Path, required=True, help="measured times; no output")
    flags = parser.parse_args()
    params = read_params(PARAMS_FILE)
    with whole_folder(flags.out) as folder:
        if read_is_part_of_run(flags.plan):
            regions = _train_and_locate(flags, params, ModelFolder(folder))
        else:
            preprocessing = Preprocessing(**params.preprocess.model_dump())
            regions = frame_scans(flags.root, read_cases(flags.cases), preprocessing)
            write_no_model(folder, flags.model)
            print("no locator: models see whole scans")
        write_regions(flags.regions, regions)
    shutil.rmtree(flags.unfinished, ignore_errors=True)


def _train_and_locate(
    flags: argparse.Namespace, params: Params, folder: ModelFolder
) -> tuple[CaseRegion, ...]:
    # Only here: TensorFlow takes seconds to load, and whole scans do without.
    from liverseg.locating.thinning import build_coarse_view
    from liverseg.locating.training import choose_regions, train_locator, write_coarse_slices
    from liverseg.networks.causes import collect_causes
    from liverseg.tables.split import read_split
    from liverseg.timings import measure_time
    from liverseg.training.job import TrainingJob

    locator, train = params.locator, params.locator.train
    network = recorded = locator.network
    ready_sha256 = read_ready_sha256(flags.plan)
    if ready_sha256 is not None:  # what is recorded does not say where the package lies
        recorded = network.model_copy(update={"weights_sha256": ready_sha256})
        network = recorded.model_copy(update={"weights": str(find_ready_model() / LOCATOR)})
    roles, cases = read_split(flags.split), read_cases(flags.cases)
    coarse = build_coarse_view(locator)
    flags.unfinished.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=flags.unfinished) as scratch:
        slices = Path(scratch)
        coarse_cases = write_coarse_slices(flags.root, cases, coarse, slices)
        job = TrainingJob(
            model=flags.model,
            own=network,
            train=train,
            keys=LOCATOR_KEYS,
            augment=params.augment,
            slices=slices,
            roles=roles,
            encoder=None,
            causes=collect_causes(
                {"slices": slices, "split": flags.split},
                {"train": train, "augment": params.augment, "models.unet": recorded},
            ),
        )
        with measure_time(flags.timings / "locate.json", train.epochs):
            trained = train_locator(job, folder, coarse, flags.logs, flags.unfinished)
        return choose_regions(
            coarse_cases,
            roles,
            trained,
            slices,
            preprocessing=Preprocessing(**params.preprocess.model_dump()),
            seed=train.seed,
        )


if __name__ == "__main__":
    run_stage(main)
