"""One experiment on a worker: in a clone of its own, by DVC, to its end."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.errors import LiversegError, describe_os_error
from liverseg.parallel import SCHEDULER_VARIABLE
from liverseg.repository.experiment_queue import QueuedExperiment, SharedRepository
from liverseg.spreading import guard
from liverseg.spreading.clone import Clone, Finished, make_clone, pack_finished
from liverseg.worker import build_environment, is_wanted, name_worker

POLL_S = 0.5
DEAD = "its worker died, most often killed for want of memory"
ERROR = "ERROR: "
OF_DVC = ("> ", "Running stage", "Reproducing experiment")
"""How lines begin that no stage says."""


@dataclass(frozen=True)
class Place:
    """Where the clones of one spread lie, as long as it lasts.

    Attributes:
        folder: For clones.
        logs: For logs, which stay.
    """

    folder: Path
    logs: Path

    @property
    def wanted(self) -> Path:
        """A file; without it workers end what they are doing."""
        return self.folder / "wanted"

    @property
    def local_config(self) -> Path:
        """DVC's local configuration for all clones."""
        return self.folder / "config.local"

    def find_clone(self, experiment: QueuedExperiment) -> Path:
        """Folder of its clone."""
        return self.folder / f"{experiment.revision}.clone"

    def find_begun(self, experiment: QueuedExperiment) -> Path:
        """A file that holds the name of the worker that began it."""
        return self.folder / f"{experiment.revision}.begun"

    def find_log(self, experiment: QueuedExperiment) -> Path:
        """What DVC and the stages say."""
        return self.logs / f"{experiment.name}.{experiment.revision[:7]}.log"


@dataclass(frozen=True)
class Ended:
    """What became of an experiment on a worker.

    Attributes:
        worker: Its name.
        seconds: That it took; 0 where nobody knows.
        result: None where it failed.
        reason: Why it failed.
    """

    worker: str
    seconds: float
    result: Finished | None
    reason: str = ""


def run_experiment(place: Place, shared: SharedRepository, experiment: QueuedExperiment) -> Ended:
    """Run an experiment; failures come back as reasons.

    It is begun once and no more. Dask gives to another worker what a dead one was at; but what
    killed that one, memory most often, would kill the next one hours later.
    """
    worker, start = name_worker(), time.monotonic()
    begun, clone = place.find_begun(experiment), place.find_clone(experiment)
    try:
        if not _begin(begun, worker):
            return Ended(begun.read_text(), 0, None, DEAD)
        result = _run_in_clone(place, shared, experiment, clone)
        return Ended(worker, time.monotonic() - start, result)
    except LiversegError as error:
        reason = str(error)
    except OSError as error:
        reason = describe_os_error(error) or str(error)
    finally:
        shutil.rmtree(clone, ignore_errors=True)
    return Ended(worker, time.monotonic() - start, None, reason)


def _begin(begun: Path, worker: str) -> bool:
    """Whether no worker has begun this; from now on this one has."""
    try:
        with begun.open("x") as file:
            file.write(worker)
    except FileExistsError:
        return False
    return True


def _run_in_clone(
    place: Place, shared: SharedRepository, experiment: QueuedExperiment, folder: Path
) -> Finished:
    if not place.wanted.exists():
        raise LiversegError("nobody waits for it any more")
    clone = make_clone(shared, experiment, folder, place.local_config)
    log = place.find_log(experiment)
    code = run_guarded(
        _build_command(clone, experiment),
        folder=shared.dvc_root,  # where files to copy are named from
        environment=_build_environment(),
        log=log,
        is_wanted=lambda: place.wanted.exists() and is_wanted(),
    )
    if code:
        raise LiversegError(find_reason(log.read_text("utf-8", "replace"), code))
    return pack_finished(clone, experiment)


def run_guarded(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    is_wanted: Callable[[], bool],
) -> int:
    """Exit code of a command that ends with this process, or once it is not wanted any more.

    Args:
        command: And its arguments.
        folder: That it runs in.
        environment: All of its variables.
        log: For all that it prints; written anew.
        is_wanted: Asked twice a second.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-I", guard.__file__, *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for who wants it
        ) as process,
    ):
        assert process.stdin is not None
        while True:
            try:
                return process.wait(POLL_S)
            except subprocess.TimeoutExpired:
                if not is_wanted():
                    process.stdin.close()


def find_reason(log: str, code: int) -> str:
    """Why DVC ended with a code: its last error, and what the failing stage had said at last."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.startswith(ERROR)]
    if not errors:
        return ": ".join([f"it ended with code {code}", *lines[-1:]])
    said = lines[: errors[0]][-1:]
    stage = f" ({said[0]})" if said and not said[0].startswith(OF_DVC) else ""
    return f"{lines[errors[-1]].removeprefix(ERROR)}{stage}"


def _build_command(clone: Clone, experiment: QueuedExperiment) -> list[str]:
    """DVC as its own queue starts it (``dvc.repo.experiments.queue.tasks.run_exp``)."""
    return [
        *(sys.executable, "-P", "-m", "dvc", "exp", "exec-run", "--infofile", str(clone.info)),
        *(word for path in experiment.copy_paths for word in ("--copy-paths", path)),
        *(["--message", experiment.message] if experiment.message is not None else []),
    ]


def _build_environment() -> dict[str, str]:
    """Stages find the Python of this worker, and not the cluster whose workers they take."""
    environment = build_environment()
    environment.pop(SCHEDULER_VARIABLE, None)
    path = environment.get("PATH", os.defpath)
    return environment | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{path}"}
