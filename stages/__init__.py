"""One thin script per stage of dvc.yaml, run as ``python -m stages.NAME`` from the root."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from liverseg.errors import EXIT_CODE, LiversegError, describe_os_error
from liverseg.signals import end_by_signal, ended_by_signals, find_interrupt, raise_on_stop

PARAMS_FILE = Path("params.yaml")


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage; a user's error becomes its message and exit code 2, without a traceback.

    Ctrl-C, SIGTERM and SIGHUP end it by that signal, once what is half done is cleaned up.
    """
    raise_on_stop()
    try:
        with ended_by_signals():
            main()
    except LiversegError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
    except OSError as error:
        message = describe_os_error(error)
        if message is None:
            raise
        print(f"error: {message}", file=sys.stderr)
        sys.exit(EXIT_CODE)


def _report_interrupt(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    interrupt = find_interrupt(error)
    if interrupt is None:
        sys.__excepthook__(kind, error, trace)
    else:
        end_by_signal(interrupt)


if sys.argv[0] == "-m":  # `python -m stages.NAME` is looking for it: serve while it imports
    sys.excepthook = _report_interrupt
