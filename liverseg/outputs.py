"""Outputs that appear whole or not at all, each written by one process at a time.

What is written lies beside its place, as ``.partial.<8 digits>.<name>``, until it is renamed into
it. A lock that dies with its process, ``.partial.lock.<name>``, says whose the place is; what is
left of killed processes goes when the next one takes the lock.
"""

import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from liverseg.errors import DataError

LOCK = ".partial.lock"
PATIENCE_S = 1
"""How long to wait for another process: long enough for a table, too short for a scan."""

_PARTIAL = re.compile(r"\.partial\.[0-9a-f]{8}\.(.+)", re.DOTALL)


class BusyError(DataError):
    """Another process is writing the same output."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            str(path),
            expected="an output that no other process is writing",
            received="one that another process is writing",
            next_step="Let that process end, or choose another output.",
        )


class Member:
    """A file or folder of a fixed name, an attribute of a type that knows its ``path``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, folder: Any, owner: type) -> Path:
        path: Path = folder.path / self.name
        return path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path in the folder of ``path``, renamed to ``path`` when the block succeeds.

    Where the block raises, what it wrote is removed and an older ``path`` stays as it was. The
    temporary name keeps the suffixes of ``path``, which decide the format for many writers.

    Raises:
        BusyError: As for ``sole_writer``.
    """
    with sole_writer(path):
        partial = _name_partial(path)
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A new, empty folder beside ``path`` that takes its place when the block succeeds.

    Where the block raises, what it wrote is removed and an older ``path`` stays as it was.

    Raises:
        BusyError: As for ``sole_writer``.
        DataError: ``path`` is a link, whose target is not ours to remove.
    """
    if path.is_symlink():
        raise DataError(
            str(path),
            expected="a folder, or nothing yet",
            received="a link",
            next_step="Remove the link, or name the folder that it leads to.",
        )
    with scratch_folder(path) as partial:
        yield partial
        if path.exists():
            shutil.rmtree(path)
        partial.replace(path)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """A new, empty folder beside ``path`` for what it takes to make it; gone after the block.

    Raises:
        BusyError: As for ``sole_writer``.
    """
    with sole_writer(path):
        partial = _name_partial(path)
        partial.mkdir()
        try:
            yield partial
        finally:
            # another machine may still write into it; what that leaves goes the next time
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Keep other processes from writing a file or folder while the block runs.

    Raises:
        BusyError: One is doing so, and goes on for more than ``PATIENCE_S``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_name(f"{LOCK}.{path.name}"), path):
        for left in path.parent.iterdir():
            if _find_name(left) == path.name:
                _remove(left)
        yield


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Keep other processes that ask for it out of a folder of many outputs while the block runs.

    The folder is made where it is missing, and goes again where nothing is put into it. What killed
    processes left of any output in it goes.

    Raises:
        BusyError: Another process uses it, and goes on for more than ``PATIENCE_S``.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder / LOCK, folder):
            for name in sorted({name for each in folder.iterdir() if (name := _find_name(each))}):
                with suppress(BusyError), sole_writer(folder / name):
                    pass  # taking it removes what is left
            yield
    finally:
        if is_new:
            with suppress(OSError):  # it holds something
                folder.rmdir()


def refuse_other_files(folder: Path, own: Collection[Path], command: str) -> None:
    """Results replace a folder: one that holds anything but them is somebody's data.

    Args:
        folder: Where results are to go; it may be missing.
        own: The results that may lie in it.
        command: Whose results they are.

    Raises:
        DataError: It is a file, or has other files.
    """
    if not folder.exists():
        return
    names = {"a file"}
    if folder.is_dir():
        names = {path.name for path in folder.iterdir() if not is_unfinished(path)}
    others = sorted(names - {path.name for path in own})
    if others:
        raise DataError(
            str(folder),
            expected=f"results of {command} alone, or nothing yet",
            received=f"{', '.join(others[:5])}{', ...' if others[5:] else ''}",
            next_step="Choose another folder with --out, or move what is yours to another place.",
        )


def is_unfinished(path: Path) -> bool:
    """Whether a path, by its name, is a lock or what is being written, or was left of that."""
    return path.name.startswith(LOCK) or _find_name(path) is not None


def _find_name(path: Path) -> str | None:
    """The name that a temporary file or folder was to get; None for any other."""
    match = _PARTIAL.fullmatch(path.name)
    return match[1] if match else None


def _name_partial(path: Path) -> Path:
    return path.with_name(f".partial.{secrets.token_hex(4)}.{path.name}")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@contextmanager
def _locked(file: Path, output: Path) -> Iterator[None]:
    lock = FileLock(file, PATIENCE_S, thread_local=False)  # a block may end in another thread
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(output) from None
    try:
        yield
    finally:
        file.unlink(missing_ok=True)  # while it is held: who waits for it then makes a new one
        lock.release()
