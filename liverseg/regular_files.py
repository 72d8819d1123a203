"""Regular files only: a pipe or a device in the place of one would be read for ever."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(path: Path) -> BinaryIO:
    """The file, or what a link leads to, opened for reading; never waits for a writer.

    Raises:
        OSError: It cannot be opened, or is no regular file; ``strerror`` says what it is.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise OSError(errno.ENOTSUP, "a socket, no regular file", str(path)) from None
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind == stat.S_IFREG:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.ENOTSUP, f"{KINDS.get(kind, 'a special file')}, no regular file", str(path))


def read_regular(path: Path, largest_bytes: int) -> bytes:
    """The content of a regular file.

    Raises:
        OSError: As for ``open_regular``.
        ValueError: It holds more than ``largest_bytes``.
    """
    with open_regular(path) as file:
        content = file.read(largest_bytes + 1)
    if len(content) > largest_bytes:
        raise ValueError(f"more than {largest_bytes} bytes")
    return content
