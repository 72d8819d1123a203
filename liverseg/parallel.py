"""One function over many cases, in parallel processes, with a progress bar."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

from liverseg.errors import LiversegError

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS_VARIABLE = "LIVERSEG_WORKERS"


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
    return int(text or len(os.sched_getaffinity(0)))


def map_cases(
    function: Callable[[Item], Result], items: Iterable[Item], *, description: str
) -> Iterator[Result]:
    """Results of ``function`` for all items, in their order, as they become ready.

    ``function`` and the items must be picklable; with one worker or one item it is called in this
    process. An error in a worker ends the whole map and is raised here.

    Raises:
        LiversegError: A worker was killed from outside.
    """
    items = list(items)
    workers = min(count_workers(), len(items))
    if workers <= 1:
        yield from map(function, tqdm(items, desc=description, unit="case"))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context) as executor:
        with _interrupts_ignored():  # by the workers for good: Ctrl-C is this process's alone
            futures = deque(executor.submit(function, item) for item in items)
        try:
            for _ in tqdm(items, desc=description, unit="case"):
                yield futures.popleft().result()
        except BrokenProcessPool:
            raise LiversegError(
                f"{description}: expected {workers} worker processes to live. Received: one was "
                f"killed, most often for want of memory. Try again with {WORKERS_VARIABLE}=1."
            ) from None
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
