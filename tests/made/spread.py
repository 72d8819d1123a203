"""A DVC repository of three quick stages, and experiments queued in it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.commands import REPOSITORY

NOTES = "SPREAD_NOTES"
"""Variable that names a folder in which stages note that they run, and wait for the file ``go``."""

STAGE = """\
import json, os, pathlib, sys, time
name, out = sys.argv[1:]
notes = pathlib.Path(os.environ["SPREAD_NOTES"])
do = open("params.yaml").read().split()[1]
with open(notes / f"{name}.{do}", "a") as file:
    print(os.getpid(), file=file)
if name == "train" and do == "fail":
    sys.exit("error: seed 3: expected luck")
if name == "train" and do == "fill":
    open(out, "wb").write(bytes(20_000_000))
if name == "train" and do == "spare":
    open("beside.txt").close()
while name == "train" and do == "wait" and not (notes / "go").exists():
    time.sleep(0.05)
open(out, "w").write(json.dumps({"score": len(do)}))
"""

PIPELINE = """\
stages:
  prepare:
    cmd: python stage.py prepare data.json
    deps: [stage.py]
    outs: [data.json]
  train:
    cmd: python stage.py train model.json
    deps: [stage.py, data.json]
    params: [do]
    outs: [model.json]
  evaluate:
    cmd: python stage.py evaluate metrics.json
    deps: [stage.py, model.json]
    params: [do]
    metrics:
      - metrics.json:
          cache: false
"""

QUIET = "[core]\n    analytics = false\n    check_update = false\n"


@dataclass(frozen=True)
class Project:
    """The repository.

    Attributes:
        folder: Of it.
        notes: What stages note; outside of it.
    """

    folder: Path
    notes: Path

    @property
    def environment(self) -> dict[str, str]:
        """Of commands in it."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(REPOSITORY), NOTES: str(self.notes)}
        return os.environ | own

    def run(self, *command: str) -> str:
        """What a command printed that ends well."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def copy(self, folder: Path) -> "Project":
        """The same in another folder."""
        copied = Project(folder / "project", folder / "notes")
        shutil.copytree(self.folder, copied.folder, symlinks=True)
        shutil.copytree(self.notes, copied.notes)
        return copied

    def queue(self, values: str, *options: str) -> None:
        """Queue ``each-1``, ``each-2`` ... for each of several things to do, commas between."""
        self.run("dvc", "exp", "run", "--queue", "--name", "each", "-S", f"do={values}", *options)

    def show(self) -> dict[str, str]:
        """``Queued``, or the score of what is done, by the names of experiments, as DVC says."""
        first, *rest = self.run("dvc", "exp", "show", "--csv").splitlines()
        titles = first.split(",")
        rows = [dict(zip(titles, line.split(","), strict=True)) for line in rest]
        return {
            row["Experiment"]: row.get("State") or row["score"] for row in rows if row["Experiment"]
        }

    def list_left(self) -> list[str]:
        """What lies where clones do, but for logs."""
        folder = self.folder / ".dvc" / "tmp" / "spread"
        return [path.name for path in folder.iterdir() if path.suffix != ".log"]

    def read_note(self, stage: str, do: str) -> list[int]:
        """Numbers of the processes that a stage ran as."""
        path = self.notes / f"{stage}.{do}"
        return [int(line) for line in path.read_text().split()] if path.exists() else []


def build_project(folder: Path) -> Project:
    """A repository whose stages have run once."""
    project = Project(folder / "project", folder / "notes")
    project.folder.mkdir()
    project.notes.mkdir()
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    for key, value in {"name": "test", "email": "test@example.invalid"}.items():
        project.run("git", "config", f"user.{key}", value)
    project.run("dvc", "init", "--quiet")
    (project.folder / ".dvc" / "config").write_text(QUIET)
    (project.folder / "stage.py").write_text(STAGE)
    (project.folder / "dvc.yaml").write_text(PIPELINE)
    (project.folder / ".gitignore").write_text("beside.txt\n")
    (project.folder / "params.yaml").write_text("do: nothing\n")
    project.run("dvc", "repro", "--quiet")
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "it has run")
    return project


def wait_until(is_so: Callable[[], object], seconds: float = 300) -> None:
    """Wait for what has to become true."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def is_running(process_id: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
