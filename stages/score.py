"""Score one model's probabilities, or write that the model is not part of this run."""

import argparse
from pathlib import Path

from liverseg.networks.description import read_description, write_description, write_no_model
from liverseg.outputs import whole_folder
from liverseg.params import MODEL_NAMES, read_params
from liverseg.scoring.predictions import ScoringJob, score_predictions
from liverseg.scoring.score_folder import ScoreFolder
from liverseg.tables.case_table import read_cases
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and the params, score, write the folder of scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", choices=MODEL_NAMES, required=True)
    parser.add_argument("--probabilities", type=Path, required=True)
    parser.add_argument("--cases", type=Path, required=True, help="the metadata CSV")
    parser.add_argument("--root", type=Path, required=True, help="folder of scans and masks")
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args()
    params = read_params(PARAMS_FILE)
    description = read_description(flags.probabilities)
    with whole_folder(flags.out) as folder:
        if description is None:
            write_no_model(folder, flags.name)
            print(f"{flags.name}: not part of this run")
            return
        cases = {case.case_id: case for case in read_cases(flags.cases)}
        job = ScoringJob(
            flags.probabilities, params.predict.flips, cases, flags.root, ScoreFolder(folder)
        )
        score_predictions(job, params.score, flags.name)
        write_description(folder, description)


if __name__ == "__main__":
    run_stage(main)
