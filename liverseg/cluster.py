"""One function over many cases on the workers of a Dask cluster that shares a file system.

It is imported where a scheduler is named, and where experiments are spread, and nowhere else.
"""

import logging
import pickle
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from liverseg.errors import LiversegError, build_missing_extra

try:
    from dask import config
    from distributed import Client, KilledWorker, LocalCluster, as_completed

    from liverseg.work_file import do_case, written_work
except ModuleNotFoundError as error:
    raise build_missing_extra("a cluster", "cluster", error.name) from None

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE_S = 60
"""How long nothing may be heard before it is asked whether there is a worker, and any scheduler."""

POLL_S = 0.05
LOOPBACK = "127.0.0.1:0"
ITEMS_A_MESSAGE = 1000


def map_on_cluster(
    address: str, function: Callable[[Item], Result], items: Sequence[Item], *, description: str
) -> Generator[Result]:
    """Results of ``function`` for all items, in their order, as they become ready.

    Each result is fetched as soon as it is there, so that a worker which dies takes the case with
    it that it is at; another worker does that again. Workers run in the working folder of this
    process. An error of a case ends the map and is raised here; whoever stops to listen takes all
    that has not begun off the scheduler.

    Args:
        address: Of the scheduler, as ``tcp://host:8786``.
        function: Picklable by name, as the items.
        items: At least one.
        description: What errors begin with.

    Raises:
        LiversegError: There is no scheduler at the address or none any more, no worker, a worker
            of several threads or with other code, or a case whose workers were killed time and
            again.
        DataError: A worker does not see the files.
    """
    ended: dict[int, Any] = {}
    with (
        connect(address) as client,
        closing(run_on_cluster(client, function, items, address)) as finishing,
    ):
        for index in range(len(items)):
            while index not in ended:
                other, outcome = next(finishing)
                ended[other] = outcome
            yield open_outcome(ended.pop(index), address, description)


def run_on_cluster(
    client: Client, function: Callable[[Item], object], items: Sequence[Item], address: str
) -> Generator[tuple[int, Any]]:
    """Index and outcome of each item as it ends, for ``open_outcome``.

    Args:
        client: Of the cluster.
        function: Picklable by name, as the items.
        items: At least one.
        address: Of the scheduler, for errors.

    Raises:
        LiversegError: No worker, or no scheduler any more.
    """
    with written_work(function, items[0]) as work:
        futures = client.map(
            partial(do_case, work.parent, work.name),
            [pickle.dumps(item) for item in items],
            pure=False,
            batch_size=ITEMS_A_MESSAGE,
        )
        indices = {future.key: index for index, future in enumerate(futures)}
        for future, outcome in islice(_wait_for_each(client, futures, address), len(items)):
            future.release()  # else it were done again where a worker dies that did it
            yield indices[future.key], outcome


def connect(address: str) -> Client:
    """A client of the scheduler at an address such as ``tcp://host:8786``, to be closed.

    Raises:
        LiversegError: There is none.
    """
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is raised here
    try:
        if not re.fullmatch(r"(tcp|tls)://.+:\d+", address):
            raise OSError("no address such as tcp://host:8786")
        return Client(address, set_as_default=False)
    except OSError as error:
        raise LiversegError(
            f"{address}: expected a Dask scheduler. Received: {str(error) or 'no answer'}. Start "
            "one with `dask scheduler`, or unset LIVERSEG_SCHEDULER to work on this machine alone."
        ) from None


@contextmanager
def open_local_cluster(num_workers: int) -> Iterator[Client]:
    """A client of workers in this process, for cases that start processes of their own.

    They talk in memory: who reached a port of theirs would run code as this user. Dask's servers
    of pages cannot be left out; they have no page, and this machine alone reaches them.
    """
    pages: dict[str, list[str]] = {
        f"distributed.{kind}.http.routes": [] for kind in ("scheduler", "worker")
    }
    with (
        config.set(pages),
        LocalCluster(
            n_workers=num_workers,
            threads_per_worker=1,
            processes=False,
            memory_limit=0,
            dashboard_address=LOOPBACK,
            worker_dashboard_address=LOOPBACK,
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,  # what goes wrong comes back as an outcome
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def _wait_for_each(
    client: Client, futures: Sequence[Any], address: str
) -> Iterator[tuple[Any, Any]]:
    """The futures with their results or errors, as they end.

    Raises:
        LiversegError: None ends, and no worker is there or the scheduler does not answer.
    """
    waiting = as_completed(futures, loop=client.loop, with_results=True, raise_errors=False)
    heard = time.monotonic()
    while True:
        batch = waiting.next_batch(block=False)
        yield from batch
        if batch:
            heard = time.monotonic()
        elif client.status != "running":
            raise _lost(address)
        elif time.monotonic() - heard > PATIENCE_S:
            _require_workers(client, address)
            heard = time.monotonic()
        else:
            time.sleep(POLL_S)


def _require_workers(client: Client, address: str) -> None:
    try:
        known = client.sync(
            client.scheduler.identity, n_workers=-1, callback_timeout=min(PATIENCE_S, 10)
        )
    except (OSError, TimeoutError):
        raise _lost(address) from None
    if not known["workers"]:
        raise LiversegError(
            f"{address}: expected workers. Received: none for {PATIENCE_S} s. Start some with "
            f"`dask worker {address} --nthreads 1`, then run the same command again."
        )


def _lost(address: str) -> LiversegError:
    return LiversegError(
        f"{address}: expected a Dask scheduler that lives until the end. Received: no answer any "
        "more. Start it and its workers again, then run the same command again."
    )


def open_outcome(outcome: Any, address: str, description: str) -> Any:
    """The result of a case; its error is raised.

    Args:
        outcome: The result alone in a tuple; of an error type, value and trace.
        address: Of the scheduler.
        description: What errors begin with.

    Raises:
        LiversegError: Its workers were killed time and again, or run other code.
    """
    match outcome:
        case (result,):
            return result
        case (_, KilledWorker() as error, _):
            raise LiversegError(
                f"{description}: expected workers of {address} to live. Received: "
                f"{error.allowed_failures + 1} were killed at one case, most often for want of "
                "memory. Give them more (`dask worker --memory-limit`)."
            )
        case (_, ImportError() | RuntimeError() as error, _) if _is_of_other_code(error):
            raise LiversegError(
                f"{address}: expected a scheduler and workers with this liverseg. Received: "
                f"{error}. Start them again, from the environment that this command runs in."
            ) from error
        case (_, error, trace):
            raise error.with_traceback(trace)
    raise _lost(address)


def _is_of_other_code(error: Exception) -> bool:
    return isinstance(error, ImportError) or "deserialization" in str(error)
