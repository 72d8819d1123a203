"""Which models are part of this run: ``python -m stages.plan --out DIR``."""

import argparse
from pathlib import Path

from liverseg.params import read_params
from liverseg.plan import write_plan
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Turn ``model`` into one small file a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the plan files")
    args = parser.parse_args()
    models = read_params(PARAMS_FILE).model
    write_plan(args.out, models)
    print(f"in this run: {', '.join(models)}")


if __name__ == "__main__":
    run_stage(main)
