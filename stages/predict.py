"""Predict validation and test cases with one model, or write that it is not part of this run."""

import argparse
from pathlib import Path

from liverseg.networks.description import read_description, write_description, write_no_model
from liverseg.outputs import whole_folder
from liverseg.params import MODEL_NAMES, Params, read_params
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and the params, predict, write the folder of probabilities."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", choices=MODEL_NAMES, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--slices", type=Path, required=True)
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--timings", type=Path, required=True, help="measured times; no output")
    flags = parser.parse_args()
    params = read_params(PARAMS_FILE)
    with whole_folder(flags.out) as folder:
        _predict(flags, params, folder)


def _predict(flags: argparse.Namespace, params: Params, folder: Path) -> None:
    description = read_description(flags.model)
    if description is None:
        write_no_model(folder, flags.name)
        print(f"{flags.name}: not part of this run")
        return
    # Only here: a skipped model does without what loads slowly.
    from liverseg.inference.mean import load_network
    from liverseg.inference.predict import predict_cases
    from liverseg.postprocess.probabilities import PredictedCase
    from liverseg.tables.split import read_split
    from liverseg.timings import measure_time

    cases = [
        PredictedCase(each.case_id, each.patient_id, each.role)
        for each in read_split(flags.split)
        if each.role != "train"
    ]
    with measure_time(flags.timings / f"predict_{flags.name}.json", len(cases)):
        network = load_network(flags.model, description, params.predict.num_threads)
        predict_cases(
            network,
            flags.slices,
            cases,
            batch_size=params.predict.batch_size,
            flips=params.predict.flips,
            folder=folder,
        )
    write_description(folder, description)


if __name__ == "__main__":
    run_stage(main)
