"""Limits of time and memory that hold for whatever a file says."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class HangError(BaseException):
    """No ``Exception``, so that nothing takes it for a damaged file."""


@contextmanager
def bounded(seconds: float, mebibytes: float) -> Iterator[None]:
    """Fail if the block takes longer, or takes more memory than this process ever held."""

    def interrupt(*_: object) -> None:
        raise HangError(f"still running after {seconds} s")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    before = measure_peak()
    try:
        yield
        taken = measure_peak() - before
        assert taken <= mebibytes, f"{taken:.0f} MiB taken"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def measure_peak() -> float:
    """The most memory that this process ever held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
