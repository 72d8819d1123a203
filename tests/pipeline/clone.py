"""Repositories in temporary folders, made from the working tree."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

REPOSITORY = Path(__file__).resolve().parents[2]

TINY: dict[str, Any] = {
    "phantom.num_patients": 6,
    "phantom.num_second_scans": 1,
    "phantom.in_plane_spacing_mm": [4.0, 6.0],
    "phantom.slice_spacing_mm": [10.0, 12.0],
    "preprocess.windows_hu": [[-100, 400]],
    "preprocess.image_size": 32,
    "preprocess.region": "scan",
    "preprocess.pixel_mm": None,
    "locator.image_size": 32,
    "locator.pixel_mm": 12.0,
    "locator.network.filters": 2,
    "locator.network.depth": 2,
    "locator.network.weights": "none",
    "locator.train.epochs": 1,
    "locator.train.cosine.warmup_steps": 1,
    "augment.lesions.probability": 0.0,
    "train.epochs": 1,
    "train.batch_size": 8,
    "train.context": 0,
    "train.context_mm": None,
    "train.cosine.warmup_steps": 1,
    "models.simple_cnn.filters": [2, 2],
    "models.simple_cnn.dense_units": 4,
    "models.simple_cnn.grid_size": 8,
    "models.simple_cnn.train": {},
    "models.unet.filters": 2,
    "models.unet.depth": 2,
    "models.unet.weights": "none",
    "models.unet.train": {},
    "models.resnet.last_stage": "conv3",
    "models.resnet.head_filters": 4,
    "models.resnet.frozen_epochs": 1,
    "models.resnet.pretrain.epochs": 1,
    "models.resnet.train": {"epochs": 2},
    "evaluate.num_bootstraps": 50,
}


AROUND_THE_LIVER: dict[str, Any] = {"preprocess.region": "liver", "preprocess.pixel_mm": 9.0}
"""With a locator, which takes as long as another model."""


class Clone:
    """A repository in a temporary folder, with commands run in it as a user would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build_environment(self) -> dict[str, str]:
        """What commands see: the packages of the tests, and the code of this repository.

        Editable installs resolve `liverseg` to the repository of the tests; here its copy runs.
        """
        return os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
        }

    def run(self, *command: str, expect: int = 0) -> str:
        """What a command printed, on both channels; it must end with the expected code."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.build_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == expect, f"{' '.join(command)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def set_params(self, values: dict[str, Any]) -> None:
        """Change values of params.yaml by dotted key, keeping the rest as it is written."""
        yaml = YAML()
        path = self.folder / "params.yaml"
        content = yaml.load(path)
        for key, value in values.items():
            *sections, last = key.split(".")
            section = content
            for name in sections:
                section = section[name]
            assert last in section, key
            section[last] = value
        yaml.dump(content, path)

    def forget_timings(self) -> None:
        """Remove the measured times: what is there afterwards ran since."""
        shutil.rmtree(self.folder / "timings", ignore_errors=True)

    def list_trained(self) -> set[str]:
        """The models that were trained since the timings were last removed."""
        return {
            path.stem.removeprefix("train_")
            for path in (self.folder / "timings").glob("*.json")
            if path.stem.startswith("train_") or path.stem == "pretrain"
        }

    def wait_for_queue(self, num_experiments: int) -> None:
        """Wait until all queued experiments came to their end; none of them may fail."""
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            status = self.run("dvc", "queue", "status")
            assert "Failed" not in status, status
            if status.count("Success") == num_experiments:
                return
            time.sleep(2)
        raise TimeoutError(self.run("dvc", "queue", "status"))

    def commit(self, message: str) -> None:
        """Commit everything that git does not ignore."""
        self.run("git", "add", "--all")
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.invalid")
        self.run("git", *identity, "commit", "--quiet", "--message", message)


def copy_working_tree(folder: Path) -> Clone:
    """A new repository with the files of this one as they are, committed or not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = REPOSITORY / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    clone = Clone(folder)
    clone.run("git", "init", "--quiet", "--initial-branch", "main")
    return clone
