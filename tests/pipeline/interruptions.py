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
import tempfile
from pathlib import Path

from tqdm import tqdm

from tests.pipeline.clone import TINY, Clone, copy_working_tree

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


def kill_often(clone: Clone, expected: dict[str, bytes], num_kills: int, seed: int) -> int:
    """Kill the chain so often; the number of times that it came to its end, as expected."""
    generator = random.Random(seed)
    num_killed = num_finished = 0
    with tqdm(total=num_kills, unit="kill") as bar:
        while num_killed < num_kills:
            clone.run("liverseg", "mend")
            if is_killed(clone, generator.uniform(0.5, LONGEST_S)):
                num_killed += 1
                bar.update()
                continue
            assert read_results(clone) == expected
            num_finished += 1
            forget_results(clone)
    clone.run("liverseg", "mend")
    clone.run("dvc", "repro")
    assert read_results(clone) == expected
    return num_finished + 1


def main() -> None:
    """Run one tiny chain undisturbed, another under kills; print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = copy_working_tree(Path(folder) / "clone")
        clone.set_params(TINY)
        clone.commit("tiny params")  # DVCLive asks git for a commit
        clone.run("dvc", "repro")
        expected = read_results(clone)
        forget_results(clone)
        num_finished = kill_often(clone, expected, flags.kills, flags.seed)
    print(f"{flags.kills} kills, {num_finished} runs to the end, all identical to the byte")


if __name__ == "__main__":
    main()
