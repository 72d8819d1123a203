"""`dvc repro` with nothing to do, beside the same stages with empty commands.

    python -m benchmarks.noop_repro

The latter are as many stages that depend on each other as these do, each with one file; in a
repository of their own. Both are up to date; `dvc repro` looks at each stage.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from ruamel.yaml import YAML

from benchmarks.contest import format_ratios
from liverseg.pages.markdown import format_table

HERE = Path(__file__).resolve().parent.parent
DVC = [sys.executable, "-m", "dvc"]


def run(command: list[str], folder: Path) -> float:
    """Seconds that a command takes; one that fails ends this program."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - begin


def write_empty_stages(folder: Path) -> None:
    """A repository of stages that copy one file each, shaped as those of this one."""
    listed = subprocess.run(
        [*DVC, "dag", "--mermaid"], cwd=HERE, capture_output=True, text=True, check=True
    )
    nodes = re.findall(r"^\s*(node\d+)\[", listed.stdout, re.MULTILINE)
    arrows = re.findall(r"^\s*(node\d+)-->(node\d+)$", listed.stdout, re.MULTILINE)
    stages = {
        node: {
            "cmd": f"cp source {node}.out",
            "deps": ["source", *(f"{first}.out" for first, then in arrows if then == node)],
            "outs": [f"{node}.out"],
        }
        for node in nodes
    }
    (folder / "source").write_text("nothing\n")
    YAML().dump({"stages": stages}, folder / "dvc.yaml")
    run(["git", "init", "--quiet"], folder)
    run([*DVC, "init", "--quiet"], folder)


def main() -> None:
    """Run both in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    flags = parser.parse_args()
    seconds: dict[str, list[float]] = {"liverseg": [], "empty commands": []}
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name)
        write_empty_stages(empty)
        folders = dict(zip(seconds, (HERE, empty), strict=True))
        run([*DVC, "repro"], empty)
        run([*DVC, "status", "--quiet", "dvc.yaml"], HERE)  # fails where something is to be done
        for _ in range(flags.rounds):
            for each, folder in folders.items():
                seconds[each].append(run([*DVC, "repro"], folder))
    ratios = [a / b for a, b in zip(*seconds.values(), strict=True)]
    rows = [(each, f"{median(taken):.2f}") for each, taken in seconds.items()]
    print(format_table(("`dvc repro`, nothing to do", "seconds"), rows))
    print(f"\nRatio {format_ratios(ratios)}.")


if __name__ == "__main__":
    main()
