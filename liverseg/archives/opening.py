"""Zip archives in the place of folders, for as long as a command runs."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liverseg.archives.private_folder import private_folder
from liverseg.archives.received import Budget
from liverseg.archives.unpacking import is_archive, unpack_archive
from liverseg.errors import DataError, LiversegError
from liverseg.volumes.itk_header import find_volume_stem

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

    def find(self, given: Path) -> Path:
        """A path that was given, or the folder of an archive."""
        folders = (folder for folder, archive in self.archives.items() if archive == given)
        return next(folders, given)

    def find_folder(
        self, given: Path, is_member: Callable[[Path], bool] = lambda _folder: False
    ) -> Path:
        """A path that was given, or the folder that an archive was made of.

        That is the archive itself, or the last of folders that each lie alone in the one before.

        Args:
            given: The path.
            is_member: Whether a folder is part of what is sought, as the results of one scan are of
                those of all. Alone at the top of the archive, it is what was packed.
        """
        root = folder = self.find(given)
        while root in self.archives and (inside := _find_alone(folder)) is not None:
            if folder != root and is_member(inside):
                break
            folder = inside
        return folder

    def find_file(self, given: Path) -> Path:
        """A path that was given, or the one scan or mask of an archive, whatever else is in it.

        Raises:
            DataError: The archive holds several, or none.
        """
        root = self.find(given)
        if root not in self.archives:
            return root
        files = (path for path in root.rglob("*") if path.is_file())
        volumes = [path for path in files if find_volume_stem(path.name) is not None]
        if len(volumes) != 1:
            raise DataError(
                str(given),
                expected="an archive of one scan or mask",
                received=f"one of {len(volumes)}" if volumes else "none in it",
                next_step="Name the file itself, unpacked.",
            )
        return volumes[0]

    def find_alike(
        self, given: Sequence[Path], is_member: Callable[[Path], bool]
    ) -> tuple[Path, ...]:
        """Folders as by ``find_folder``; where one of the paths is a file, files.

        Raises:
            DataError: As for ``find_file``.
        """
        found = tuple(self.find_folder(path, is_member) for path in given)
        return tuple(map(self.find_file, given)) if any(map(Path.is_file, found)) else found

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
def unpack_archives(given: Iterable[Path]) -> Iterator[Unpacked]:
    """The paths with a folder in the place of each zip archive, which is gone after the block.

    The folders lie where the system keeps temporary files (``TMPDIR``). Errors that leave the block
    name archives, not these folders.

    Raises:
        DataError: As for ``unpack_archive``, or the archives hold more than the disk.
    """
    given = tuple(given)
    if not any(map(is_archive, given)):
        yield Unpacked(given, {})
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


def _find_alone(folder: Path) -> Path | None:
    """The folder that is all there is in a folder."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else None
