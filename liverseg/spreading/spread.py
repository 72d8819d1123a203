"""All that is queued, spread over a cluster; what is done comes back as DVC's experiments."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from liverseg.cluster import connect, open_local_cluster, open_outcome, run_on_cluster
from liverseg.errors import DataError, LiversegError, describe_os_error
from liverseg.outputs import BusyError, scratch_folder, sole_user
from liverseg.repository.experiment_queue import (
    QueuedExperiment,
    SharedRepository,
    remove_from_queue,
    write_local_config,
)
from liverseg.spreading.clone import bring_back
from liverseg.spreading.experiment import Ended, Place, run_experiment
from liverseg.spreading.guard import GRACE_S

POLL_S = 0.1
DESCRIPTION = "spread"
THIS_PROCESS = "this machine"


@dataclass(frozen=True)
class Spread:
    """An experiment that came to its end.

    Attributes:
        experiment: As it was queued.
        worker: That it ran on; empty where nobody knows.
        minutes: That it took.
        reason: Why it failed; empty where it is done, and off the queue.
        log: What DVC and the stages said; there may be none.
    """

    experiment: QueuedExperiment
    worker: str
    minutes: float
    reason: str
    log: Path


def spread(
    shared: SharedRepository,
    experiments: tuple[QueuedExperiment, ...],
    scheduler: str | None,
    num_workers: int,
) -> Generator[Spread]:
    """The experiments as they end, done or failed; who stops to listen stops what still runs.

    Args:
        shared: The repository.
        experiments: Of its queue, at least one.
        scheduler: Address of a Dask scheduler; None for workers of this process.
        num_workers: Of those.

    Raises:
        LiversegError: Another process is spreading, or the cluster cannot be used.
    """
    with _open_place(shared) as place, _open_cluster(scheduler, num_workers) as client:
        work = partial(run_experiment, place, shared)
        address = scheduler or THIS_PROCESS
        with (
            closing(run_on_cluster(client, work, experiments, address)) as outcomes,
            _stopped_at_last(place),
        ):
            for index, outcome in outcomes:
                experiment = experiments[index]
                try:
                    ended = open_outcome(outcome, address, DESCRIPTION)
                except LiversegError as error:
                    ended = Ended("", 0, None, str(error))
                yield _take_back(place, shared, experiment, ended)


def _take_back(
    place: Place, shared: SharedRepository, experiment: QueuedExperiment, ended: Ended
) -> Spread:
    """One that is done becomes an experiment of the repository; then it leaves the queue."""
    reason = ended.reason
    if ended.result is not None:
        try:
            bring_back(shared.root, ended.result, place.folder)
            remove_from_queue(shared.dvc_root, experiment)
        except LiversegError as error:
            reason = str(error)
        except OSError as error:
            reason = describe_os_error(error) or str(error)
    log = place.find_log(experiment)
    return Spread(experiment, ended.worker, ended.seconds / 60, reason, log)


@contextmanager
def _open_place(shared: SharedRepository) -> Iterator[Place]:
    """A folder for clones, gone after the block; what a killed spread left goes, too."""
    try:
        with sole_user(shared.scratch), scratch_folder(shared.scratch / "clones") as folder:
            place = Place(folder, shared.scratch)
            write_local_config(shared.dvc_root, shared.cache, place.local_config)
            place.wanted.touch()
            yield place
    except BusyError:
        raise DataError(
            str(shared.root),
            expected="a queue that no other liverseg spread works on",
            received="one that another process is spreading",
            next_step="Let that process end.",
        ) from None


@contextmanager
def _open_cluster(scheduler: str | None, num_workers: int) -> Iterator[object]:
    with connect(scheduler) if scheduler else open_local_cluster(num_workers) as client:
        yield client


@contextmanager
def _stopped_at_last(place: Place) -> Iterator[None]:
    """After the block, wait until workers have ended what nobody wants any more."""
    try:
        yield
    finally:
        place.wanted.unlink()
        deadline = time.monotonic() + GRACE_S + 5
        while time.monotonic() < deadline and any(place.folder.glob("*.clone")):
            time.sleep(POLL_S)
