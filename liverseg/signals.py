"""How a process ends that a signal stops: as after Ctrl-C, cleaning up, and then by that signal."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGTERM, signal.SIGHUP)
"""What ``timeout``, schedulers and containers send, and a terminal that is closed."""


class Stopped(KeyboardInterrupt):
    """A signal asked this process to end; whatever cleans up after Ctrl-C does so after it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def raise_on_stop() -> None:
    """Let the signals of ``STOPPING`` raise ``Stopped``; one that is ignored (``nohup``) stays so.

    For processes of our own alone: a library leaves the handlers of its caller as they are.
    """
    for number in STOPPING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise_stopped)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let Ctrl-C and ``Stopped`` end this process as ``end_by_signal`` does."""
    try:
        yield
    except BaseException as error:
        interrupt = find_interrupt(error)
        if interrupt is None:
            raise
        end_by_signal(interrupt)


def find_interrupt(error: BaseException) -> KeyboardInterrupt | None:
    """What stopped the work that ``error`` ended; None for an error of its own.

    A native module that is stopped while it loads says so by an ``ImportError``, whose cause tells
    why (pybind11's ``raise_from``), and packages raise another in place of that.
    """
    seen: BaseException | None = error
    while isinstance(seen, ImportError):
        seen = seen.__cause__ or seen.__context__
    return seen if isinstance(seen, KeyboardInterrupt) else None


def end_by_signal(interrupt: KeyboardInterrupt) -> None:
    """Say so and end as a shell expects it of a command that a signal stopped: by that signal."""
    print("interrupted", file=sys.stderr)
    end_by(interrupt.number if isinstance(interrupt, Stopped) else signal.SIGINT)


def end_by(number: int) -> None:
    """End by a signal, whatever else is done about it."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    del frame
    raise Stopped(number)
