"""A temporary folder of a process: nobody else may look into it, and it goes with the process."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from liverseg.outputs import BusyError, sole_user

YOUNG_S = 60
"""A folder that was just made may not have its lock yet."""


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder for as long as the block; those of processes that were killed go first.

    Args:
        prefix: Of its name; folders of another one are left alone.
    """
    for path in Path(gettempdir()).glob(f"{prefix}*"):
        _remove_left(path)
    with TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:  # mode 0700
        folder = Path(name)
        with sole_user(folder):
            yield folder


def _remove_left(path: Path) -> None:
    """Remove a folder of our own user's that no process has locked."""
    with suppress(OSError, BusyError):
        state = path.lstat()
        if state.st_uid == os.getuid() and state.st_mtime < time.time() - YOUNG_S:
            with sole_user(path):
                shutil.rmtree(path)
