"""Scan after scan on all cores, each overlapping its neighbours by what takes one core alone."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from itertools import islice
from typing import TypeVar

from liverseg.parallel import SCHEDULER_VARIABLE, map_cases
from liverseg.progress import show_progress

Item = TypeVar("Item")
Read = TypeVar("Read")
Result = TypeVar("Result")
Work = Generator[None, None, Result]
Results = Generator[Result, None, None]


def map_overlapping(
    read: Callable[[Item], Read],
    work: Callable[[Read], Work[Result]],
    items: Iterable[Item],
    *,
    description: str,
) -> Results[Result]:
    """What ``work(read(item))`` returns, for all items in their order, which overlap at the edges.

    For work that takes all cores for a part of its time. That part, up to a ``yield``, is done in
    this thread, one item after the other. What follows it, and reading, is done in one other
    thread: while an item is at work, the one before it is ended, and then the next one is read, so
    that at most two are held at a time. Whoever stops early closes it: an item in its end is waited
    for, as is a reading that began before that, and one at work is given up. Where
    ``LIVERSEG_SCHEDULER`` names a Dask scheduler, see ``map_cases``.

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
    with closing(_overlap(read, work, items)) as results:
        for _ in show_progress(items, description):
            yield next(results)


def _overlap(
    read: Callable[[Item], Read], work: Callable[[Read], Work[Result]], items: Sequence[Item]
) -> Results[Result]:
    """``map_overlapping`` on this machine; of the two queues each holds one future at most."""
    beside = ThreadPoolExecutor(1)
    reading: deque[Future[Read]] = deque()
    ending: deque[Future[Result]] = deque()
    at_work: Work[Result] | None = None
    try:
        waiting = iter(items)
        reading.extend(beside.submit(read, item) for item in islice(waiting, 1))
        for _ in items:
            at_work = work(reading.popleft().result())
            reading.extend(beside.submit(read, item) for item in islice(waiting, 1))
            end = _begin_work(at_work)
            while ending:
                yield _pop_result(ending)
            ending.append(beside.submit(end))
        while ending:
            yield _pop_result(ending)
    finally:
        for content in reading:
            content.cancel()
        beside.shutdown(wait=False)  # a scan may take long to read
        wait(ending)
        if at_work is not None:
            at_work.close()  # a traceback that is kept would keep it, and its lock, alive


def _pop_result(ending: deque[Future[Result]]) -> Result:
    """The first result, which stays in the queue for as long as it is waited for."""
    result = ending[0].result()
    ending.popleft()
    return result


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
