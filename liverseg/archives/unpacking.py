"""Zip archives that nobody vouches for, unpacked within limits."""

import errno
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liverseg.archives.received import Budget, build_path, split_name
from liverseg.errors import DataError

LARGEST_RATIO = 200
"""Of unpacked to packed bytes. Deflate ends at 1032, scans in int16 pack 2 to 10 times."""

RATIO_FROM_BYTES = 64 * 2**20
"""Unpacked bytes below which no ratio does harm; a small mask packs a thousand times."""

SIGNS_OF_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, EOFError, ValueError),
)
"""What ``zipfile`` and its decompressors raise; others are ``OSError``, see ``_report_damage``."""

CHUNK_BYTES = 2**20
ENCRYPTED = 1
"""Bit of a member's flags (APPNOTE.TXT, 4.4.4)."""


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive, by its name."""
    return path.suffix.lower() == ".zip" and path.is_file()


def unpack_archive(archive: Path, folder: Path, budget: Budget) -> None:
    """Unpack the files of an archive into a new folder; hidden ones and ``__MACOSX`` are left out.

    Nothing that the archive says of sizes is believed: bytes are counted as they come out.

    Raises:
        DataError: It is no archive, is damaged or encrypted, holds a link or a name that leads out
            of the folder, or unpacks to more than may be.
    """
    with _report_damage(archive), zipfile.ZipFile(archive) as opened:
        members = [member for member in opened.infolist() if not _is_left_out(member)]
        for member in members:
            _refuse_special(archive, member)
        folder.mkdir()
        _unpack_members(opened, members, folder, budget)


@contextmanager
def _report_damage(archive: Path) -> Iterator[None]:
    """Name the archive where its content cannot be read; a full disk stays what it is."""
    try:
        yield
    except SIGNS_OF_DAMAGE as error:
        raise _build_error(archive, f"a damaged or unknown one ({error})") from None
    except OSError as error:
        if error.errno not in {None, errno.EINVAL}:  # of bz2, and of places before the file
            raise
        raise _build_error(archive, f"a damaged or unknown one ({error})") from None


def _unpack_members(
    opened: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path, budget: Budget
) -> None:
    archive = Path(str(opened.filename))
    largest = max(RATIO_FROM_BYTES, LARGEST_RATIO * archive.stat().st_size)
    unpacked = 0
    for member in members:
        path = folder / build_path(member.filename)
        budget.take_file(archive.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise _build_error(archive, f"one with two files {path.relative_to(folder)}")
        with opened.open(member) as source, path.open("xb") as file:
            while chunk := source.read(CHUNK_BYTES):
                unpacked += len(chunk)
                if unpacked > largest:
                    raise _build_error(
                        archive, f"one that unpacks to more than {LARGEST_RATIO} times its size"
                    )
                budget.take_bytes(len(chunk), archive.name)
                file.write(chunk)


def _is_left_out(member: zipfile.ZipInfo) -> bool:
    parts = split_name(member.filename)
    hidden = any(part.startswith(".") and part not in {".", ".."} for part in parts)
    return member.is_dir() or hidden or parts[0] == "__MACOSX"


def _refuse_special(archive: Path, member: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise _build_error(archive, f"one with a link or a special file, {member.filename[:100]}")
    if member.flag_bits & ENCRYPTED:
        raise _build_error(archive, "an encrypted one")


def _build_error(archive: Path, received: str) -> DataError:
    return DataError(
        archive.name,
        expected="a zip archive of plain files",
        received=received,
        next_step="Unpack it yourself, and send the folder.",
    )
