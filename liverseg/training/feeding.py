"""Batches made by other processes, a few ahead of the training, the same as made in this one."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial

from liverseg.errors import LiversegError
from liverseg.parallel import WORKERS_VARIABLE, count_workers, open_pool
from liverseg.training.reading import Batch, SliceReader, Wanted

AHEAD = 2
"""Batches a process that wait for the training, or are being made."""

MOST_BY_ITSELF = 8
"""Processes of 150 MB each, more only where asked for: they make some 6,000 slices a second."""

OpenReader = Callable[[], SliceReader]

_readers: list[SliceReader] = []
"""Of a process that feeds: the one that it was started with."""


class Feeder:
    """Makes batches in other processes, from the one that is asked for onwards.

    Whoever asks names all batches of an epoch each time, so that nothing is known here of their
    order, and what was made ahead is dropped where they are others.
    """

    def __init__(self, pool: ProcessPoolExecutor, num_processes: int) -> None:
        self._pool = pool
        self._num_ahead = AHEAD * num_processes
        self._waiting: dict[tuple[Wanted, ...], Future[Batch]] = {}

    def read_batch(self, batches: Iterator[Sequence[Wanted]]) -> Batch:
        """The first of the batches; those after it are begun.

        Raises:
            LiversegError: A process was killed from outside.
        """
        wanted = [tuple(next(batches))]
        wanted += [tuple(each) for _, each in zip(range(self._num_ahead), batches, strict=False)]
        try:
            self._waiting = {
                each: self._waiting.get(each) or self._pool.submit(_read_batch, each)
                for each in wanted
            }
            return self._waiting[wanted[0]].result()
        except BrokenProcessPool:
            raise LiversegError(
                "training: expected the processes that make its batches to live. Received: one was "
                f"killed, most often for want of memory. Try again with {WORKERS_VARIABLE}=1."
            ) from None


def count_feeders(num_threads: int) -> int:
    """Processes that make batches: ``LIVERSEG_WORKERS``, else the cores that a training leaves.

    Of these at most ``MOST_BY_ITSELF``. 0 where it is a single one: the training's own process then
    makes them, in a thread.

    Args:
        num_threads: Of the training.

    Raises:
        LiversegError: The variable is no whole number above 0.
    """
    number = count_workers()
    if not os.environ.get(WORKERS_VARIABLE):
        number = min(number - num_threads, MOST_BY_ITSELF)
    return number if number > 1 else 0


@contextmanager
def open_feeder(open_reader: OpenReader, num_processes: int) -> Iterator[Feeder]:
    """Processes that end with the context, and with this process, however that ends.

    Args:
        open_reader: Called once in each; must be picklable.
        num_processes: How many.
    """
    with open_pool(num_processes, partial(_begin, open_reader)) as pool:
        yield Feeder(pool, num_processes)


def _begin(open_reader: OpenReader) -> None:
    _readers[:] = [open_reader()]


def _read_batch(wanted: Sequence[Wanted]) -> Batch:
    return _readers[0].read_batch(wanted)
