"""`dvc repro` with nothing to do, beside stages with empty commands.

    python -m benchmarks.noop_repro

The latter are as many stages that depend on each other as these do, each with one file, in a
repository of their own: once as they are, once depending on the same params too, which DVC reads
anew for each stage. All are up to date; `dvc repro` looks at each stage.
"""

import argparse
import re
import shutil
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
PARAMS = "params.yaml"
DVC = [sys.executable, "-m", "dvc"]


def run(command: list[str], folder: Path) -> float:
    """Seconds that a command takes; one that fails ends this program."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - begin


def write_empty_stages(folder: Path, *, with_params: bool) -> None:
    """A repository of stages that copy one file each, shaped as those of this one."""
    listed = subprocess.run(
        [*DVC, "dag", "--mermaid"], cwd=HERE, capture_output=True, text=True, check=True
    )
    names = dict(re.findall(r'^\s*(node\d+)\["(.+)"\]$', listed.stdout, re.MULTILINE))
    arrows = re.findall(r"^\s*(node\d+)-->(node\d+)$", listed.stdout, re.MULTILINE)
    locked = YAML(typ="safe").load(HERE / "dvc.lock")["stages"]
    stages = {
        node: {
            "cmd": f"cp source {node}.out",
            "deps": ["source", *(f"{first}.out" for first, then in arrows if then == node)],
            "params": list(locked.get(name, {}).get("params", {}).get(PARAMS, {})) * with_params,
            "outs": [f"{node}.out"],
        }
        for node, name in names.items()
    }
    folder.mkdir()
    (folder / "source").write_text("nothing\n")
    shutil.copy(HERE / PARAMS, folder)
    YAML().dump({"stages": stages}, folder / "dvc.yaml")
    run(["git", "init", "--quiet"], folder)
    run([*DVC, "init", "--quiet"], folder)
    run([*DVC, "repro"], folder)


def main() -> None:
    """Run all in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    flags = parser.parse_args()
    run([*DVC, "status", "--quiet", "dvc.yaml"], HERE)  # fails where something is to be done
    with tempfile.TemporaryDirectory() as name:
        empty, with_params = Path(name, "empty"), Path(name, "with_params")
        write_empty_stages(empty, with_params=False)
        write_empty_stages(with_params, with_params=True)
        folders = {
            "this repository": HERE,
            "empty commands": empty,
            "empty commands, the same params": with_params,
        }
        seconds: dict[str, list[float]] = {name: [] for name in folders}
        for _ in range(flags.rounds):
            for each, folder in folders.items():
                seconds[each].append(run([*DVC, "repro"], folder))
    rows = []
    for each, taken in seconds.items():
        ratios = [
            ours / theirs for ours, theirs in zip(seconds["this repository"], taken, strict=True)
        ]
        rows.append((each, f"{median(taken):.2f}", format_ratios(ratios)))
    print(format_table(("stages", "seconds", "this repository's by them"), rows))


if __name__ == "__main__":
    main()
