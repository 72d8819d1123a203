"""The stage plan turns the choice of models into one file each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from liverseg.params import MODEL_NAMES
from liverseg.plan import read_is_part_of_run

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("all", MODEL_NAMES),
        ("unet", ["unet"]),
        ("[resnet, unet]", ["unet", "resnet"]),
    ],
)
def test_the_chosen_models_are_part_of_the_run(tmp_path, model, part):
    params = (REPOSITORY / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(params.replace("model: all", f"model: {model}", 1))
    done = subprocess.run(
        [sys.executable, "-m", "stages.plan", "--out", "plan"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"in this run: {', '.join(part)}\n"
    chosen = [path.stem for path in (tmp_path / "plan").iterdir() if read_is_part_of_run(path)]
    assert sorted(chosen) == sorted(part)
