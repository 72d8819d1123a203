"""What a training complains of has the name under which the user finds it in params.yaml."""

import json
import shutil
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.plan import LOCATOR, write_plan
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_index,
    write_preprocessing,
    write_stack,
)
from liverseg.tables.case_table import write_cases
from liverseg.tables.split import CaseRole, write_split
from tests.commands import REPOSITORY, run
from tests.pipeline.clone import Clone

SHAPE, AFFINE = (32, 32, 3), np.diag([-1.0, -1.0, 2.0, 1.0])
ROLES = (CaseRole("a", "a", "train", None), CaseRole("b", "b", "validation", None))
SEEN = Preprocessing(((-150.0, 250.0), (-40.0, 160.0)), 32, "npz")
FLAGS = {
    "locate": "--model unet --plan plan/locator.json --root . --cases cases.csv --split split.csv "
    "--regions regions.csv --out model --logs logs --unfinished unfinished --timings timings",
    "train": "--model unet --start plan/unet.json --slices slices --split split.csv "
    "--out model --logs logs --unfinished unfinished --timings timings",
}
RUN = """
import importlib, json, os, sys
from liverseg.errors import LiversegError
for folder, name, flags in json.loads(sys.argv[1]):
    os.chdir(folder)
    sys.argv = [name, *flags.split()]
    try:
        importlib.import_module(f"stages.{name}").main()
    except LiversegError as error:
        print(json.dumps(str(error)))
"""
"""Several stages in one process: TensorFlow takes longer to load than they to fail."""

TOO_LONG = {"warmup_steps": 99, "final_share": 0.0}
COMPLAINTS = [
    (
        "locate",
        {"locator.network.weights": "none", "locator.train.cosine": TOO_LONG},
        "locator.train.cosine.warmup_steps: expected fewer than the 3 steps of the phase.",
    ),
    ("train", {"train.cosine": TOO_LONG}, "train.cosine.warmup_steps: expected fewer than the "),
    (
        "train",
        {"models.unet.train": {"cosine": TOO_LONG}},
        "models.unet.train.cosine.warmup_steps: expected fewer than the ",
    ),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory, make_case) -> Path:
    """Two scans of air with a block of liver, and their slices."""
    root = tmp_path_factory.mktemp("root")
    labels = np.zeros(SHAPE, np.uint8)
    labels[8:24, 8:24] = 1
    grid = Grid(SHAPE, AFFINE)
    (root / "slices").mkdir()
    rows = []
    for role in ROLES:
        scan = np.full(SHAPE, -1000, np.int16)
        nib.save(nib.Nifti1Image(scan, AFFINE), root / f"volume-{role.case_id}.nii")
        nib.save(nib.Nifti1Image(labels, AFFINE), root / f"segmentation-{role.case_id}.nii")
        images, planes = np.zeros((3, 2, 32, 32), np.uint8), labels.transpose()
        stack = SliceStack(role.case_id, images, planes, SliceGrid(grid, 32))
        write_stack(root / "slices", stack, "npz")
        rows += [SliceRow(role.case_id, index, 256, 0) for index in range(3)]
    write_index(root / "slices", rows)
    write_preprocessing(root / "slices", SEEN)
    write_cases(root / "cases.csv", [make_case(each.case_id, shape=SHAPE) for each in ROLES])
    write_split(root / "split.csv", ROLES)
    write_plan(root / "plan", ["unet", LOCATOR])
    return root


@pytest.fixture(scope="module")
def answers(root, tmp_path_factory) -> list[str]:
    """What the stages said, a complaint each."""
    runs = []
    for stage, changed, _ in COMPLAINTS:
        folder = tmp_path_factory.mktemp("run") / "copy"
        shutil.copytree(root, folder)
        shutil.copy(REPOSITORY / "params.yaml", folder)
        Clone(folder).set_params({"models.unet.weights": "none"} | changed)
        runs.append((str(folder), stage, FLAGS[stage]))
    done = run([sys.executable, "-c", RUN, json.dumps(runs)], root, {"LIVERSEG_WORKERS": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('"')]


@pytest.mark.parametrize("number", range(len(COMPLAINTS)))
def test_a_training_names_its_params_as_the_file_does(answers, number):
    _, _, begin = COMPLAINTS[number]
    assert answers[number].startswith(begin)
