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

from ruamel.yaml import YAML

from benchmarks.contest import compare, run_to_end
from liverseg.pages.markdown import format_table

HERE = Path(__file__).resolve().parent.parent
PARAMS, LAST = "params.yaml", "evaluate"  # all stages lead to it
DVC = [sys.executable, "-m", "dvc"]


def time_repro(folder: Path) -> float:
    """Seconds of one `dvc repro`."""
    begin = time.perf_counter()
    run_to_end([*DVC, "repro"], folder)
    return time.perf_counter() - begin


def write_empty_stages(folder: Path, *, with_params: bool) -> None:
    """A repository of stages that copy one file each, shaped as those of this one."""
    listed = run_to_end([*DVC, "dag", "--mermaid", LAST], HERE)
    names = dict(re.findall(r'^\s*(node\d+)\["(.+)"\]$', listed, re.MULTILINE))
    arrows = re.findall(r"^\s*(node\d+)-->(node\d+)$", listed, re.MULTILINE)
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
    for command in (["git", "init"], [*DVC, "init"], [*DVC, "repro"]):
        run_to_end(command, folder)


def main() -> None:
    """Run all in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    flags = parser.parse_args()
    if subprocess.run([*DVC, "status", "--quiet", "dvc.yaml"], cwd=HERE, check=False).returncode:
        sys.exit("expected results that are up to date. Run `dvc repro` first.")
    with tempfile.TemporaryDirectory() as name:
        empty, with_params = Path(name, "empty"), Path(name, "with_params")
        write_empty_stages(empty, with_params=False)
        write_empty_stages(with_params, with_params=True)
        folders = {
            "empty commands": empty,
            "empty commands, the same params": with_params,
            "liverseg's": HERE,
        }
        seconds: dict[str, list[float]] = {name: [] for name in folders}
        for _ in range(flags.rounds):
            for each, folder in folders.items():
                seconds[each].append(time_repro(folder))
    rows = compare(seconds, "empty commands", "{:.2f}")
    print(format_table(("stages", "seconds", "times empty commands'"), rows))


if __name__ == "__main__":
    main()
