"""Run the committed pipeline twice from nothing, in two clones, and compare every byte of it.

    python -m benchmarks.reproduce

One clone works with every core, the other with one worker. Compared are both lock files, which hold
the hash of every output, and all of ``metrics/``; then both with what is committed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RESULTS = ("dvc.lock", "phantom/dvc.lock", "metrics")


def run_clone(folder: Path, workers: str) -> dict[str, bytes]:
    """Clone HEAD, run everything, and return the results by path."""
    subprocess.run(["git", "clone", "--quiet", ".", str(folder)], check=True)
    environment = os.environ | {"PYTHONPATH": str(folder), "LIVERSEG_WORKERS": workers}
    subprocess.run(["dvc", "repro", "--force"], cwd=folder, env=environment, check=True)
    return read_results(folder)


def read_results(folder: Path) -> dict[str, bytes]:
    """Files of ``RESULTS`` below a folder, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", *RESULTS],
        cwd=folder,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return {name: (folder / name).read_bytes() for name in listed.stdout.splitlines()}


def describe(differing: list[str]) -> str:
    """The verdict on a list of files that differ."""
    return f"DIFFERENT: {', '.join(differing)}" if differing else "identical"


def main() -> int:
    """Run both, print the verdict; 1 where they differ."""
    committed = read_results(Path())
    with tempfile.TemporaryDirectory() as scratch:
        runs = [
            run_clone(Path(scratch) / name, workers)
            for name, workers in (("first", str(os.cpu_count())), ("second", "1"))
        ]
    differing = [name for name in runs[0] if runs[0][name] != runs[1].get(name)]
    print(f"two runs: {describe(differing)}")
    differing_here = [name for name in committed if committed[name] != runs[0].get(name)]
    print(f"what is committed: {describe(differing_here)}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
