"""Runs a command for as long as somebody holds the other end of its standard input.

    python -I guard.py COMMAND ...

The command gets a process group of its own, all of which ends with it, and ends once that input is
closed: on purpose, or since who held it was killed. Run as a file, in folders with other code, it
takes the standard library alone.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

POLL_S = 0.2
GRACE_S = 10
"""How long a command may take to end by itself."""


def main(command: Sequence[str]) -> int:
    """The exit code of the command; of one that a signal ended, 128 and its number."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        while process.poll() is None:
            if select.select([sys.stdin], [], [], POLL_S)[0]:
                _end(process)
    finally:
        _signal(process, signal.SIGKILL)  # what it started and left running
    code = process.wait()
    return 128 - code if code < 0 else code


def _end(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_S
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(POLL_S)
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS: of a group that is ending
        os.killpg(process.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
