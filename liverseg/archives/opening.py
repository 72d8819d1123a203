"""Zip archives in the place of folders, for as long as a command runs."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liverseg.archives.private_folder import private_folder
from liverseg.archives.received import Budget
from liverseg.archives.unpacking import is_archive, unpack_archive
from liverseg.errors import DataError, LiversegError

PREFIX = "liverseg-unpacked-"

MOST_FILES = 1_000_000
"""Of all archives: a thousand scans with a hundred files of structures each make 100,000."""

KEPT_FREE = 0.1
"""Share of the free disk that unpacking leaves."""


@dataclass(frozen=True)
class Unpacked:
    """Paths of which none is an archive.

    Attributes:
        paths: What was given, a folder in the place of each archive.
        archives: The archive that each of these folders stands for.
    """

    paths: tuple[Path, ...]
    archives: dict[Path, Path]

    def rename(self, text: str) -> str:
        """A text for people, in which what was unpacked lies in its archive."""
        for folder, archive in self.archives.items():
            text = text.replace(str(folder), str(archive))
        return text

    def rename_error(self, error: DataError) -> DataError:
        """Likewise an error."""
        return DataError(
            self.rename(error.subject),
            expected=self.rename(error.expected),
            received=self.rename(error.received),
            next_step=self.rename(error.next_step),
        )


@contextmanager
def unpack_archives(given: Sequence[Path]) -> Iterator[Unpacked]:
    """The paths with a folder in the place of each zip archive, which is gone after the block.

    The folders lie where the system keeps temporary files (``TMPDIR``). Errors that leave the block
    name archives, not these folders.

    Raises:
        DataError: As for ``unpack_archive``, or the archives hold more than the disk.
    """
    if not any(map(is_archive, given)):
        yield Unpacked(tuple(given), {})
        return
    with private_folder(PREFIX) as scratch:
        budget = Budget(
            int(shutil.disk_usage(scratch).free * (1 - KEPT_FREE)),
            MOST_FILES,
            limit=f"the free space of {scratch.parent}",
            next_step="Set TMPDIR to a folder with more space, or unpack it yourself.",
        )
        archives: dict[Path, Path] = {}
        paths: list[Path] = []
        for number, path in enumerate(given):
            paths.append(path)
            if is_archive(path):
                (scratch / f"{number}").mkdir()
                paths[-1] = scratch / f"{number}" / (path.stem or "archive")
                unpack_archive(path, paths[-1], budget)
                archives[paths[-1]] = path
        unpacked = Unpacked(tuple(paths), archives)
        try:
            yield unpacked
        except DataError as error:
            raise unpacked.rename_error(error) from None
        except LiversegError as error:
            raise type(error)(unpacked.rename(str(error))) from None
