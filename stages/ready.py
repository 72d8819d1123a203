"""One round of the ready model: new synthetic patients, and both networks trained on them."""

import argparse
import shutil
from pathlib import Path

from liverseg.networks.model_folder import ModelFolder
from liverseg.outputs import whole_folder
from liverseg.params import MODEL_NAMES, read_params
from stages import run_stage


def main() -> None:
    """Read the flags and the params, train, write the model folder of the round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODEL_NAMES, required=True, help="kind of network")
    parser.add_argument("--params", type=Path, required=True, help="the params of all rounds")
    parser.add_argument("--number", type=int, required=True, help="of the round, from 1")
    parser.add_argument("--patients", type=int, help="new ones, where they are not the params'")
    parser.add_argument("--epochs", type=int, help="of the model, where they are not the params'")
    parser.add_argument("--previous", type=Path, help="model folder of the round before")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--logs", type=Path, required=True, help="for TensorBoard; no output")
    parser.add_argument(
        "--unfinished", type=Path, required=True, help="patients and state of the round; no output"
    )
    flags = parser.parse_args()
    for flag, number in (("--patients", flags.patients), ("--epochs", flags.epochs)):
        if number is not None and number < 1:
            parser.error(f"{flag}: expected 1 or more. Received: {number}.")
    params = read_params(flags.params)
    # Only here: TensorFlow takes seconds to load, and a mistake in the params is said before.
    from liverseg.rounds.training import Round, train_round

    this = Round(
        model=flags.model,
        number=flags.number,
        num_patients=flags.patients,
        num_epochs=flags.epochs,
        previous=flags.previous,
        work=flags.unfinished,
        logs=flags.logs,
    )
    with whole_folder(flags.out) as folder:
        train_round(params, this, ModelFolder(folder))
    shutil.rmtree(flags.unfinished)


if __name__ == "__main__":
    run_stage(main)
