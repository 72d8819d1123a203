"""What may come in: names that become paths of ours, and how much."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from liverseg.errors import DataError
from liverseg.names import escape_unprintable

LONGEST_PART_BYTES = 200
DEEPEST = 16
KEPT = set(" ._-+()")
"""What names keep, besides letters and digits of any alphabet."""


@dataclass
class Budget:
    """How much may still be put on the disk.

    Attributes:
        num_bytes: Of files as they are sent and as they are unpacked, together.
        num_files: Likewise.
        limit: What it is measured by, for messages.
        next_step: What the user can do about more.
    """

    num_bytes: int
    num_files: int
    limit: str
    next_step: str

    def take_file(self, subject: str) -> None:
        """Count one more file.

        Raises:
            DataError: There are too many.
        """
        self.num_files -= 1
        if self.num_files < 0:
            raise DataError(
                subject,
                expected=f"no more files at a time than {self.limit}",
                received="more",
                next_step=self.next_step,
            )

    def take_bytes(self, num_bytes: int, subject: str) -> None:
        """Count more bytes.

        Raises:
            DataError: There are too many.
        """
        self.num_bytes -= num_bytes
        if self.num_bytes < 0:
            raise DataError(
                subject,
                expected=f"files that fit {self.limit}, archives once unpacked",
                received="more",
                next_step=self.next_step,
            )


def build_path(name: str) -> PurePosixPath:
    """A relative path below any folder, made of a name that nobody vouches for.

    Of each part of ``split_name``, letters, digits and ``KEPT`` stay, the
    rest becomes ``_``, and so do dots at the start, which would hide it.

    Raises:
        DataError: The name is absolute, leads upward, or is too long, too deep or empty.
    """
    parts = split_name(unicodedata.normalize("NFC", name))
    if any(part in {"", ".", ".."} for part in parts) or len(parts) > DEEPEST:
        raise _build_error(name, "a file name, or one with folders before it")
    clean = [_clean_part(part) for part in parts]
    if any(len(part.encode()) > LONGEST_PART_BYTES for part in clean):
        raise _build_error(name, f"names of at most {LONGEST_PART_BYTES} bytes")
    return PurePosixPath(*clean)


def split_name(name: str) -> list[str]:
    """The parts of a name as systems of either kind of slash see them."""
    return re.split(r"[/\\]", name)


def _clean_part(part: str) -> str:
    kept = "".join(each if each.isalnum() or each in KEPT else "_" for each in part).strip()
    return re.sub(r"^\.+", lambda dots: "_" * len(dots[0]), kept) or "_"


def _build_error(name: str, expected: str) -> DataError:
    shown = escape_unprintable(name)
    return DataError(
        f"{shown[:100]}{'...' if shown[100:] else ''}",
        expected=expected,
        received="another name",
        next_step="Rename the file.",
    )
