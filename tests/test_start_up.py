"""What is loaded when: TensorFlow takes seconds, and few of the stages need it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
STAGES = sorted(path.stem for path in (REPOSITORY / "stages").glob("[a-z]*.py"))
HEAVY = ("tensorflow", "keras", "pandas", "scipy", "nibabel", "cv2", "albumentations", "matplotlib")

LIST_LOADED = """
import importlib, sys
for name in sys.argv[1].split(","):
    importlib.import_module(name)
print(*[name for name in sys.argv[2].split(",") if name in sys.modules])
"""


def list_loaded(imported: list[str], watched: tuple[str, ...]) -> list[str]:
    """Which of the watched modules a fresh process has loaded after some imports."""
    command = [sys.executable, "-c", LIST_LOADED, ",".join(imported), ",".join(watched)]
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return finished.stdout.split()


def test_the_package_and_the_command_line_load_no_heavy_library():
    """So that ``liverseg --help`` answers at once."""
    assert list_loaded(["liverseg", "liverseg.params", "liverseg.cli"], HEAVY) == []


def test_predicting_scans_loads_neither_the_parts_of_scipy_nor_matplotlib():
    """They take longer than a scan is judged or drawn; nibabel loads the bare name of SciPy."""
    names = ["liverseg.scans.predict", "liverseg.inference.mean", "liverseg.scans.pictures"]
    parts = ("scipy.ndimage", "scipy.signal", "scipy.spatial", "scipy.special", "scipy.stats")
    assert list_loaded(names, (*parts, "matplotlib", "pandas", "sklearn")) == []


def test_no_stage_loads_tensorflow_before_it_knows_that_it_is_needed():
    assert {"train", "pretrain", "predict", "score", "evaluate"} <= set(STAGES)
    names = [f"stages.{name}" for name in STAGES]
    assert list_loaded(names, ("tensorflow", "keras")) == []


@pytest.mark.parametrize("section", ["networks.description", "postprocess.labels", "slices.stacks"])
def test_what_scoring_reads_of_other_parts_loads_no_tensorflow(section):
    assert list_loaded([f"liverseg.{section}"], ("tensorflow", "keras")) == []


def test_keras_will_run_on_tensorflow_whatever_the_environment_says():
    """Keras reads the variable when it is imported, which liverseg always is before."""
    program = "import os, liverseg; print(os.environ['KERAS_BACKEND'])"
    finished = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.strip() == "tensorflow"
