"""Which outlined structures are liver and which are lesions, by their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from liverseg.labels import LESION, LIVER

LIVER_NAMES, LESION_NAMES = ("liver",), ("liver*tumo*r*", "liver*lesion*")


@dataclass(frozen=True)
class Patterns:
    """Glob patterns of the names of structures; upper and lower case count as equal.

    Where they are empty, structures are told by their codes, where they have one, and by the
    patterns ``LIVER_NAMES`` and ``LESION_NAMES``; else by these names alone.
    """

    liver: tuple[str, ...] = ()
    lesion: tuple[str, ...] = ()

    def find_label(self, name: str, coded: int | None = None) -> int | None:
        """The label of a structure: lesion before liver; None for what is neither.

        Args:
            name: Of the structure.
            coded: The label that its code stands for; None without one, or for any other.
        """
        for label, patterns, usual in (
            (LESION, self.lesion, LESION_NAMES),
            (LIVER, self.liver, LIVER_NAMES),
        ):
            if _matches(name, patterns or usual) or (not patterns and coded == label):
                return label
        return None


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
