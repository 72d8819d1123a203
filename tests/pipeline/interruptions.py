"""Kill a tiny chain again and again, let it finish, compare it with one that nobody disturbed.

    python -m tests.pipeline.interruptions --kills 100

Every time the chain comes to its end, its bytes are compared and it starts anew.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from tests.pipeline.clone import AROUND_THE_LIVER, TINY, Clone, copy_working_tree

LONGEST_S = 25
RESULTS = ("dvc.lock", "phantom/dvc.lock", "metrics")
MADE = (
    "data",
    "models",
    "probabilities",
    "scores",
    "reports",
    "unfinished",
    ".dvc/cache",
    *RESULTS,
)


def read_results(clone: Clone) -> dict[str, bytes]:
    """Both locks and all metrics, to the byte."""
    paths = [clone.folder / name for name in RESULTS]
    files = [path for path in paths if path.is_file()]
    files += [path for folder in paths for path in folder.glob("*") if path.is_file()]
    return {str(path.relative_to(clone.folder)): path.read_bytes() for path in files}


def forget_results(clone: Clone) -> None:
    """Remove all that a run makes, the cache too."""
    for name in MADE:
        path = clone.folder / name
        path.unlink() if path.is_file() else shutil.rmtree(path, ignore_errors=True)


def is_killed(clone: Clone, seconds: float) -> bool:
    """Run the chain for so long, then kill its whole process group; False if it ended before."""
    process = subprocess.Popen(
        ["dvc", "repro"],
        cwd=clone.folder,
        env=clone.build_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    assert process.returncode == 0, f"dvc repro ended with {process.returncode}"
    return False


def kill_often(clone: Clone, num_kills: int, seed: int) -> list[dict[str, bytes]]:
    """Kill the chain so often; the results of each time that it came to its end, the last too."""
    generator = random.Random(seed)
    num_killed = 0
    finished = []
    with tqdm(total=num_kills, unit="kill") as bar:
        while num_killed < num_kills:
            clone.run("liverseg", "mend")
            if is_killed(clone, generator.uniform(0.5, LONGEST_S)):
                num_killed += 1
                bar.update()
                continue
            finished.append(read_results(clone))
            forget_results(clone)
    clone.run("liverseg", "mend")
    clone.run("dvc", "repro")
    return [*finished, read_results(clone)]


def main() -> int:
    """Run a tiny chain undisturbed, then under kills; print the verdict, 1 where they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = copy_working_tree(Path(folder) / "clone")
        clone.set_params(TINY | AROUND_THE_LIVER)
        clone.commit("tiny params")  # DVCLive asks git for a commit
        clone.run("dvc", "repro")
        expected = read_results(clone)
        forget_results(clone)
        finished = kill_often(clone, flags.kills, flags.seed)
    num_different = sum(results != expected for results in finished)
    verdict = f"{num_different} DIFFERENT" if num_different else "all identical to the byte"
    print(f"{flags.kills} kills, {len(finished)} runs to the end, {verdict}")
    return 1 if num_different else 0


if __name__ == "__main__":
    sys.exit(main())
