"""How often DVC's queue loses experiments when several of them run at a time.

    python -m benchmarks.queue_reliability --rounds 3

DVC's workers are known to race: some experiments fail at their start and leave no log, and a worker
may die with them (treeverse/dvc#10673). Each round queues a dozen seeds of a tiny chain in a fresh
repository and counts those that succeed, fail, or still wait when no worker gets on with them. Then
it does what a user should: the lost seeds are queued again, and one worker runs them.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from liverseg.cli.experiments import RUN_FILES
from liverseg.experiments.revisions import list_experiments, read_file
from liverseg.experiments.runs import build_run
from tests.pipeline.clone import TINY, Clone, copy_working_tree

NUM_SEEDS = 12
POLL_S = 5
MODEL = "simple_cnn"
STATUS = re.compile(r"\s(Queued|Running|Success|Failed)\s*$", re.MULTILINE)
ACTIVE = {"Queued", "Running"}


def build_chain(folder: Path) -> Clone:
    """A tiny chain of one model that has run, so that experiments differ in their training alone.

    Args:
        folder: Where to make it.
    """
    clone = copy_working_tree(folder)
    clone.set_params({**TINY, "model": MODEL})
    clone.commit("tiny params")
    clone.run("dvc", "repro")
    clone.commit("a finished tiny chain")
    return clone


def start_workers(clone: Clone, num_jobs: int) -> None:
    """Start workers in the background; they hold its output open, so nobody may wait for its end.

    Args:
        clone: Whose queue they work off.
        num_jobs: How many.
    """
    subprocess.run(
        ["dvc", "queue", "start", "-j", str(num_jobs)],
        cwd=clone.folder,
        env=clone.build_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def run_seeds(clone: Clone, seeds: Sequence[int], num_jobs: int, patience_s: int) -> Counter[str]:
    """Queue seeds, start workers and wait; the number of experiments by their last status.

    Args:
        clone: A repository whose queue is empty.
        seeds: Of the training, an experiment each.
        num_jobs: Workers.
        patience_s: So long without any change of a status, and what is left counts as hung.
    """
    listed = ",".join(map(str, seeds))
    clone.run("dvc", "exp", "run", "--queue", "-S", f"train.seed={listed}")
    start_workers(clone, num_jobs)
    before: Counter[str] = Counter()
    changed = time.monotonic()
    while time.monotonic() - changed < patience_s:
        time.sleep(POLL_S)
        statuses = Counter(STATUS.findall(clone.run("dvc", "queue", "status")))
        if not ACTIVE & statuses.keys():
            return statuses
        if statuses != before:
            before, changed = statuses, time.monotonic()
    clone.run("dvc", "queue", "stop", "--kill")
    return before


def list_finished(clone: Clone) -> set[int]:
    """Seeds whose experiment left a commit behind."""
    found = list_experiments(clone.folder)
    return {
        build_run(each, *(read_file(clone.folder, each, path) for path in RUN_FILES)).seed
        for each in found
    }


def run_round(finished: Clone, folder: Path, num_jobs: int, patience_s: int) -> bool:
    """One round in a copy of the finished chain, printed; whether no experiment was lost."""
    shutil.copytree(finished.folder, folder, symlinks=True)
    clone = Clone(folder)
    seeds = range(100, 100 + NUM_SEEDS)
    start = time.monotonic()
    statuses = run_seeds(clone, seeds, num_jobs, patience_s)
    lost = sorted(set(seeds) - list_finished(clone))
    counts = ", ".join(f"{number} {status.lower()}" for status, number in sorted(statuses.items()))
    print(
        f"-j {num_jobs}: {counts}; {time.monotonic() - start:.0f} s; lost seeds: {lost or 'none'}"
    )
    if lost:
        clone.run("dvc", "queue", "remove", "--queued", "--failed")
        run_seeds(clone, lost, 1, patience_s)
        still_lost = sorted(set(seeds) - list_finished(clone))
        print(f"  queued again with -j 1; lost seeds: {still_lost or 'none'}")
    return not lost


def main() -> int:
    """Run all rounds and print what each lost; 1 where one lost any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--patience", type=int, default=300, help="seconds without any change")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:  # idle workers write
        finished = build_chain(Path(scratch) / "finished")
        whole = [
            run_round(finished, Path(scratch) / f"round{number}", flags.jobs, flags.patience)
            for number in range(flags.rounds)
        ]
    print(f"{len(whole) - sum(whole)} of {len(whole)} rounds lost experiments")
    return 0 if all(whole) else 1


if __name__ == "__main__":
    sys.exit(main())
