"""Two networks that a cable joins, and a cluster over both; run in a network namespace of its own.

Prints this network and those of the workers, as the kernel names them, and the results.
"""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from liverseg.parallel import SCHEDULER_VARIABLE, map_cases
from tests.made.cluster import Cluster, do_and_note

HERE, THERE = "10.77.0.1", "10.77.0.2"
NETWORK = "/proc/self/ns/net"


def join_networks(other: int) -> tuple[str, ...]:
    """Join the network of another process to this one; returns how commands start in it."""
    within = ("nsenter", "--target", str(other), "--net")
    for start, command in (
        ((), f"ip link add here type veth peer name there netns {other}"),
        ((), f"ip addr add {HERE}/24 dev here"),
        ((), "ip link set here up"),
        ((), "ip link set lo up"),
        (within, f"ip addr add {THERE}/24 dev there"),
        (within, "ip link set there up"),
        (within, "ip link set lo up"),
    ):
        subprocess.run([*start, *command.split()], check=True)
    return within


def run_over_both(folder: Path, other: int) -> None:
    """Cases from this network on two workers in the other one, one of which dies at a case."""
    cluster = Cluster(folder, HERE)
    within = join_networks(other)
    try:
        cluster.start_scheduler()
        for _ in range(2):
            cluster.start_worker("--host", THERE, within=within)
        os.environ[SCHEDULER_VARIABLE] = cluster.address
        read = partial(eval, f"__import__('os').readlink({NETWORK!r})")
        networks = set(map_cases(read, [{}, {}], description="networks"))
        (folder / "tries").mkdir()
        do = partial(do_and_note, folder=folder / "tries", deadly=4, seconds=0.2)
        results = list(map_cases(do, range(10), description="cases"))
    finally:
        cluster.stop()
    print(json.dumps([[str(Path(NETWORK).readlink())], sorted(networks), results]))


def main() -> None:
    """Keep another network open by a process that sleeps, and run."""
    with subprocess.Popen(["unshare", "--net", "sleep", "600"]) as sleeping:
        try:
            while Path(f"/proc/{sleeping.pid}/ns/net").readlink() == Path(NETWORK).readlink():
                pass
            run_over_both(Path(sys.argv[1]), sleeping.pid)
        finally:
            sleeping.kill()


if __name__ == "__main__":
    main()
