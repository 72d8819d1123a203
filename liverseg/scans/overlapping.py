"""Scan after scan on all cores, each overlapping its neighbours by what takes one core alone."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from typing import TypeVar

from liverseg.parallel import SCHEDULER_VARIABLE, map_cases
from liverseg.progress import show_progress

Item = TypeVar("Item")
Read = TypeVar("Read")
Result = TypeVar("Result")
Work = Generator[None, None, Result]


def map_overlapping(
    read: Callable[[Item], Read],
    work: Callable[[Read], Work[Result]],
    items: Iterable[Item],
    *,
    description: str,
) -> Iterator[Result]:
    """What ``work(read(item))`` returns, for all items in their order, which overlap at the edges.

    For work that takes all cores for a part of its time. That part, up to a ``yield``, is done in
    this thread, one item after the other. What follows it, and reading, is done in one other
    thread: while an item is at work, the one before it is ended, and then the next one is read, so
    that at most two are held at a time. An error or an interruption waits for that end, and not for
    what is read. Where ``LIVERSEG_SCHEDULER`` names a Dask scheduler, see ``map_cases``.

    Args:
        read: Of an item, from the disk.
        work: With what was read; it yields once, or returns before.
        items: What ``read`` is called with.
        description: Of the progress bar.

    Raises:
        LiversegError: The cluster cannot be used.
    """
    items = list(items)
    if os.environ.get(SCHEDULER_VARIABLE):
        whole = partial(_do_whole, read=read, work=work)
        yield from map_cases(whole, items, description=description)
        return
    beside = ThreadPoolExecutor(1)
    reading: deque[Future[Read]] = deque()
    ending: deque[Future[Result]] = deque()
    try:
        waiting = iter(items)
        reading.extend(beside.submit(read, item) for item in islice(waiting, 1))
        for _ in show_progress(items, description):
            at_work = work(reading.popleft().result())
            reading.extend(beside.submit(read, item) for item in islice(waiting, 1))
            end = _begin_work(at_work)
            while ending:
                yield ending.popleft().result()
            ending.append(beside.submit(end))
        while ending:
            yield ending.popleft().result()
    finally:
        for content in reading:
            content.cancel()
        beside.shutdown(wait=False)  # a scan may take long to read
        wait(ending)


def _do_whole(
    item: Item, *, read: Callable[[Item], Read], work: Callable[[Read], Work[Result]]
) -> Result:
    return _begin_work(work(read(item)))()


def _begin_work(work: Work[Result]) -> Callable[[], Result]:
    """Do it up to its ``yield``; what is left is a function."""
    try:
        next(work)
    except StopIteration as done:
        result: Result = done.value
        return lambda: result
    return partial(_end_work, work)


def _end_work(work: Work[Result]) -> Result:
    try:
        next(work)
    except StopIteration as done:
        result: Result = done.value
        return result
    raise TypeError("work that yields twice")
