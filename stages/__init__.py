"""One thin script per stage of dvc.yaml, run as ``python -m stages.NAME`` from the root."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from liverseg.errors import EXIT_CODE, LiversegError, describe_os_error

PARAMS_FILE = Path("params.yaml")


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage; a user's error becomes its message and exit code 2, without a traceback."""
    try:
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
    if issubclass(kind, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _report_interrupt  # here, so that it serves while a stage is still importing
