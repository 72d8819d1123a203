"""The command line and the stages as processes of their own, run on the code of this repository."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAM = "import sys; sys.argv[0] = 'liverseg'; from liverseg.cli import main; main()"
LIVERSEG = (sys.executable, "-c", PROGRAM)


def run_liverseg(
    *arguments: object, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What ``liverseg`` said to these words, and how it ended."""
    return run([*LIVERSEG, *map(str, arguments)], cwd, environment)


def run_stage(
    folder: Path, name: str, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What ``python -m stages.NAME`` said in a folder, with one worker, and how it ended."""
    command = [sys.executable, "-m", f"stages.{name}", *map(str, arguments)]
    return run(command, folder, {"LIVERSEG_WORKERS": "1"} | environment)


def run(
    command: list[str], cwd: Path | None, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """A command to its end, its output as text; it may end with any code."""
    paths: dict[str, Any] = {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | paths | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
