"""The stages of a model that is not part of the run: no TensorFlow, and a note in its place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from liverseg.networks.description import read_description, write_no_model
from liverseg.plan import read_is_part_of_run, write_plan

UNFINISHED = ("--unfinished", "unfinished")
REPOSITORY = Path(__file__).resolve().parents[2]
RUN = """
import importlib, sys
from stages import run_stage
stage = importlib.import_module(f"stages.{sys.argv.pop(1)}")
run_stage(stage.main)
print("tensorflow" in sys.modules)
"""


@pytest.fixture
def root(tmp_path) -> Path:
    """A folder with the shipped params and a plan in which only the U-Net is trained."""
    shipped = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(shipped, encoding="utf-8")
    write_plan(tmp_path / "plan", ["unet"])
    return tmp_path


def run_stage(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    paths = ["--slices", "absent", "--split", "absent.csv", "--out", "out", "--timings", "timings"]
    return subprocess.run(
        [sys.executable, "-c", RUN, *command, *paths],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_train_writes_that_there_is_no_model(root):
    flags = [
        "--model",
        "simple_cnn",
        "--start",
        "plan/simple_cnn.json",
        "--logs",
        "logs",
        *UNFINISHED,
    ]
    done = run_stage(root, "train", *flags)
    assert done.stdout == "simple_cnn: not part of this run\nFalse\n"
    assert read_description(root / "out") is None
    assert not (root / "timings").exists()
    assert not (root / "logs").exists()


def test_pretrain_hands_on_that_there_is_no_resnet(root):
    done = run_stage(root, "pretrain", "--plan", "plan/resnet.json", *UNFINISHED)
    assert done.stdout == "encoder: not part of this run\nFalse\n"
    assert read_is_part_of_run(root / "out") is False
    after = run_stage(
        root, "train", "--model", "resnet", "--start", "out", "--logs", "logs", *UNFINISHED
    )
    assert after.stdout == "resnet: not part of this run\nFalse\n"


def test_predict_hands_on_that_there_is_no_model(root):
    (root / "model").mkdir()
    write_no_model(root / "model", "resnet")
    done = run_stage(root, "predict", "--name", "resnet", "--model", "model")
    assert done.stdout == "resnet: not part of this run\nFalse\n"
    assert read_description(root / "out") is None


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            ["train", "--model", "unet", "--start", "absent.json", "--logs", "logs", *UNFINISHED],
            "error: absent.json: expected a plan file",
        ),
        (
            ["pretrain", "--plan", "absent.json", *UNFINISHED],
            "error: absent.json: expected a plan file",
        ),
        (
            ["predict", "--name", "unet", "--model", "absent"],
            "error: absent/model.json: expected the description of a trained model",
        ),
    ],
)
def test_a_missing_input_ends_with_code_2_and_its_message(root, command, message):
    done = run_stage(root, *command)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
    assert not (root / "out").exists()
