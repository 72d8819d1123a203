"""One thin script per stage of dvc.yaml, run as ``python -m stages.NAME`` from the root."""

import sys
from collections.abc import Callable
from pathlib import Path

from liverseg.errors import EXIT_CODE, LiversegError

PARAMS_FILE = Path("params.yaml")


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage; a user's error becomes its message and exit code 2, without a traceback."""
    try:
        main()
    except LiversegError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
