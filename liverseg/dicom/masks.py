"""Labels of a scan: the structures that are outlined in it, matched by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import numpy.typing as npt

from liverseg.cases.names import escape_unprintable
from liverseg.dicom.headers import SegmentationHeader
from liverseg.dicom.segmentation import draw_segments, read_segments
from liverseg.dicom.series import Series
from liverseg.dicom.structures import draw_structure, list_structures
from liverseg.errors import DataError
from liverseg.labels import LESION, LIVER
from liverseg.volumes.grid import Grid


@dataclass(frozen=True)
class Patterns:
    """Glob patterns of the names of structures; upper and lower case count as equal."""

    liver: tuple[str, ...]
    lesion: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class NamedLabels:
    """Labels of a scan, and which structures they were made from.

    Attributes:
        labels: (i, j, k): 0 background, 1 liver, 2 lesion.
        liver: Names of the structures that are liver.
        lesion: Names of those that are lesion; where both overlap, or outside the liver, this wins.
        unused: Names of the others.
    """

    labels: npt.NDArray[np.uint8]
    liver: tuple[str, ...]
    lesion: tuple[str, ...]
    unused: tuple[str, ...]


def build_labels(
    series: Series, grid: Grid, segmentations: Sequence[SegmentationHeader], patterns: Patterns
) -> NamedLabels | None:
    """The labels of a scan from its DICOM-SEGs and folders of structures; None without any.

    Raises:
        DataError: A mask cannot be read or does not lie on the grid, or none is a liver.
    """
    own = [each for each in segmentations if series.uid and each.series_uid == series.uid]
    segments = {each.path: read_segments(each.path) for each in own}
    structures = list_structures(series.ircadb_masks) if series.ircadb_masks else {}
    names = {*structures, *(name for file in segments.values() for name in file.values())}
    if not names:
        return None
    lesion = {name for name in names if _matches(name, patterns.lesion)}
    liver = {name for name in names if _matches(name, patterns.liver)} - lesion
    if not liver:
        raise DataError(
            series.name,
            expected=f"a structure named like {' or '.join(patterns.liver)}",
            received=", ".join(show_names(names)),
            next_step="Name the liver's by --liver, the lesions' by --lesion.",
        )
    labels = np.zeros(grid.shape, np.uint8, order="F")
    for label, selected in ((LIVER, liver), (LESION, lesion)):
        mask = np.zeros(grid.shape, np.bool_, order="F")
        for path, names_by_number in segments.items():
            numbers = {number for number, name in names_by_number.items() if name in selected}
            if numbers:
                draw_segments(path, numbers, mask, grid)
        for name in selected & structures.keys():
            for folder in structures[name]:
                draw_structure(folder, mask, grid)
        labels[mask] = label
    return NamedLabels(
        labels, show_names(liver), show_names(lesion), show_names(names - liver - lesion)
    )


def show_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, each on one line whatever a header holds."""
    return tuple(escape_unprintable(name) for name in sorted(names))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
