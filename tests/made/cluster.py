"""A Dask scheduler and workers as processes on this machine, and what tests let them do."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.commands import REPOSITORY


@dataclass
class Cluster:
    """A scheduler that runs, and its workers.

    Attributes:
        folder: For its files.
        host: Where the scheduler listens, and workers without a ``--host`` of their own.
        environment: Of all of its processes, beside that of this one.
        processes: All that were started, the scheduler first.
    """

    folder: Path
    host: str = "127.0.0.1"
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Of the scheduler, as ``LIVERSEG_SCHEDULER`` takes it."""
        address: str = json.loads((self.folder / "scheduler.json").read_text())["address"]
        return address

    def start_scheduler(self) -> None:
        """Start it on a free port and wait until it listens."""
        self._start("scheduler", "--port", "0")
        deadline = time.monotonic() + 60
        written = self.folder / "scheduler.json"  # Dask makes it first and fills it then
        while not (written.exists() and written.read_text().rstrip().endswith("}")):
            assert time.monotonic() < deadline, "the scheduler does not start"
            time.sleep(0.05)

    def start_worker(
        self, *options: str, within: tuple[str, ...] = (), **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, which goes as its process does, inside another command."""
        own = ("--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder))
        return self._start("worker", *own, *options, within=within, **environment)

    def stop(self) -> None:
        """Kill all and wait for their end."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _start(
        self, kind: str, *options: str, within: tuple[str, ...] = (), **environment: str
    ) -> subprocess.Popen[bytes]:
        shared = ("--scheduler-file", str(self.folder / "scheduler.json"), "--no-dashboard")
        command = [sys.executable, "-m", "dask", kind, "--host", self.host, *shared, *options]
        with (self.folder / f"{kind}.log").open("ab") as log:
            process = subprocess.Popen(
                [*within, *command],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | self.environment | environment,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process


@contextmanager
def open_cluster(folder: Path, num_workers: int, **environment: str) -> Iterator[Cluster]:
    """A scheduler and workers that end with the block."""
    cluster = Cluster(folder, environment=environment)
    try:
        cluster.start_scheduler()
        for _ in range(num_workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.stop()


def do_and_note(number: int, folder: Path, deadly: int | None, seconds: float) -> int:
    """The square of a number; leaves a file for each try, and the first try of one kills."""
    is_first = not list(folder.glob(f"{number}.*"))
    (folder / f"{number}.{secrets.token_hex(8)}").touch()
    time.sleep(seconds)
    if number == deadly and is_first:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def count_tries(folder: Path) -> dict[int, int]:
    """How often each number was tried, without those that never were."""
    numbers = [int(path.name.partition(".")[0]) for path in folder.iterdir()]
    return {number: numbers.count(number) for number in sorted(numbers)}
