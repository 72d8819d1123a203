"""What a check finds in a case or in a whole data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liverseg.errors import DataError
from liverseg.names import escape_unprintable
from liverseg.volumes.nifti import Volume

Level = Literal["error", "warning"]
"""``error``: cannot be used. ``warning``: is used, and the reason is written down."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or looks wrong.

    Attributes:
        level: Whether the case can be used all the same.
        reason: What was expected and what was found, in one sentence without a line break.
        next_step: What the user can do about it, likewise.
    """

    level: Level
    reason: str
    next_step: str


def build_error(reason: str, next_step: str) -> Finding:
    """What cannot be used."""
    return Finding("error", escape_unprintable(reason), next_step)


def build_warning(reason: str, next_step: str) -> Finding:
    """What is used, but looks wrong."""
    return Finding("warning", escape_unprintable(reason), next_step)


def describe_error(error: DataError, root: Path) -> Finding:
    """An error of reading as a finding; files are named relative to the root of the data set."""
    reason = f"{error.subject}: expected {error.expected}. Received: {error.received}"
    shown = escape_unprintable(" ".join(reason.replace(f"{root}/", "").split()))
    return Finding("error", shown, error.next_step)


def describe_notes(kind: str, volume: Volume) -> list[Finding]:
    """What was read in spite of a file's faults, as findings.

    Args:
        kind: ``scan`` or ``mask``.
        volume: As it was read.
    """
    return [
        build_warning(f"the {kind}: {note}", "Convert it again, if you can.")
        for note in volume.notes
    ]
