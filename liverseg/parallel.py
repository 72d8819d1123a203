"""One function over many cases, in parallel processes or on a cluster, with a progress bar."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing.connection import wait
from types import ModuleType
from typing import TypeVar

from liverseg.errors import LiversegError
from liverseg.progress import show_progress

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS_VARIABLE = "LIVERSEG_WORKERS"
SCHEDULER_VARIABLE = "LIVERSEG_SCHEDULER"
"""Address of a Dask scheduler; results do not depend on it either."""


def count_workers() -> int:
    """Number of worker processes: ``LIVERSEG_WORKERS``, else the cores of this process.

    It is no param because results do not depend on it.

    Raises:
        LiversegError: The variable is no whole number above 0.
    """
    text = os.environ.get(WORKERS_VARIABLE, "")
    if text and not (text.isdecimal() and int(text) > 0):
        raise LiversegError(
            f"{WORKERS_VARIABLE}: expected a whole number above 0. Received: {text!r}. "
            "Unset it to use every core."
        )
    if text:
        return int(text)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS binds no process to cores


def map_cases(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    description: str,
) -> Iterator[Result]:
    """Results of ``function`` for all items, in their order, as they become ready.

    ``function`` and the items must be picklable, and no part of the script that runs; with one
    worker or one item it is called in this process. An error in a worker ends the whole map and is
    raised here. Workers end with this process, however it ends. Where ``LIVERSEG_SCHEDULER`` names
    a Dask scheduler, its workers do all cases, and live on.

    Args:
        function: Of a case.
        items: What it is called with.
        description: Of the progress bar, and what errors begin with.

    Raises:
        LiversegError: A worker was killed from outside, or the cluster cannot be used; see
            ``map_on_cluster``.
    """
    items = list(items)
    scheduler = os.environ.get(SCHEDULER_VARIABLE, "")
    if scheduler and items:
        from liverseg.cluster import map_on_cluster

        results = map_on_cluster(scheduler, function, items, description=description)
        with closing(results):
            for _ in show_progress(items, description):
                yield next(results)
        return
    workers = min(count_workers(), len(items))
    if workers <= 1:
        yield from map(function, show_progress(items, description))
        return
    with open_pool(workers) as pool:
        futures = deque(pool.submit(function, item) for item in items)
        try:
            for _ in show_progress(items, description):
                yield futures.popleft().result()
        except BrokenProcessPool:
            raise LiversegError(
                f"{description}: expected {workers} worker processes to live. Received: one was "
                f"killed, most often for want of memory. Try again with {WORKERS_VARIABLE}=1."
            ) from None


@contextmanager
def open_pool(
    workers: int, begin: Callable[[], object] | None = None
) -> Iterator[ProcessPoolExecutor]:
    """Processes that have started, and end with the context or with this process, however it ends.

    Args:
        workers: How many.
        begin: Called once in each; picklable, and no part of the script that runs.
    """
    context = multiprocessing.get_context("spawn")
    with _blocked(signal.SIGHUP):  # for the process that counts what they share
        pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(begin,))
    try:
        with _blocked(signal.SIGHUP, signal.SIGINT), _script_hidden():
            for _ in range(workers):  # each starts one
                pool.submit(int)
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _blocked(*numbers: signal.Signals) -> Iterator[None]:
    """Let signals wait; processes that start meanwhile never get them, and end by this one alone.

    A terminal sends Ctrl-C, and that it is closed, to all processes at once.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _script_hidden() -> Iterator[None]:
    """Keep new processes from running the script that runs here once more, as ``spawn`` does.

    They take functions from modules, by name. A script without ``if __name__ == "__main__"`` would
    start its work again in each of them.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def _begin(begin: Callable[[], object] | None) -> None:
    _end_with_parent()
    if begin is not None:
        begin()


def _end_with_parent() -> None:
    """Let a worker die once the process that started it is gone: nobody waits for its result."""
    parent = multiprocessing.parent_process()
    if parent is None:
        raise TypeError("no worker process")

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
