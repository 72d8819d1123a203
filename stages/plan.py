"""Which models are part of this run: ``python -m stages.plan --ready DIR --out DIR``."""

import argparse
from pathlib import Path

from liverseg.hashing import hash_files
from liverseg.networks.architecture import WEIGHTS_FILE
from liverseg.params import read_params
from liverseg.plan import LOCATOR, write_plan
from liverseg.ready_model import READY, find_ready_model
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Turn ``model`` into one small file a model, and one for the locator.

    The weights of the package are named where U-Net or locator start from them, and only there.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ready", type=Path, required=True, help="folder of the ready model")
    parser.add_argument("--out", type=Path, required=True, help="folder of the plan files")
    args = parser.parse_args()
    params = read_params(PARAMS_FILE)
    planned = [*params.model, *([LOCATOR] if params.preprocess.region == "liver" else [])]
    starts = {"unet": params.models.unet.weights, LOCATOR: params.locator.network.weights}
    ready_sha256 = {}
    for name, weights in starts.items():
        if name in planned and weights == READY:
            folder = find_ready_model(args.ready) / (LOCATOR if name == LOCATOR else "")
            ready_sha256[name] = hash_files([folder / WEIGHTS_FILE], "sha256")
    write_plan(args.out, planned, ready_sha256)
    print(f"in this run: {', '.join(params.model)}")


if __name__ == "__main__":
    run_stage(main)
