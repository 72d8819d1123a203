"""Labels of a scan from files of masks: a structure a file, or a structure a value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.imported import NamedLabels
from liverseg.importing.volume_jobs import MaskFile
from liverseg.labels import LESION, LIVER
from liverseg.names import escape_unprintable
from liverseg.volumes.alignment import align_labels
from liverseg.volumes.nifti import Volume
from liverseg.volumes.structure_names import LIVER_NAMES, Patterns
from liverseg.volumes.whole_values import list_values, read_whole_values

USUAL_VALUES = {"1": LIVER, "2": LESION}
"""What values of a mask mean without patterns, as everywhere in this project."""

MAX_SHOWN = 8
NAME_THEM = "Name the liver's by --liver, the lesions' by --lesion."


@dataclass(frozen=True, eq=False)
class _Structure:
    """What is drawn of a mask: its name, its label, and the mask with that label in its place."""

    name: str
    label: int | None
    drawn: Volume | None = None


def build_labels(
    masks: Sequence[MaskFile], grid: Grid, patterns: Patterns, case_id: str
) -> NamedLabels:
    """Labels on the grid of a scan.

    A structure is known by the name of its file, or by its value in a mask of several.

    Raises:
        DataError: A mask cannot be read, holds other than whole values, does not lie on the grid,
            or nothing says which structure is the liver.
    """
    labels = np.zeros(grid.shape, np.uint8)
    found: list[_Structure] = []
    for mask in masks:
        for structure in _list_structures(mask, patterns):
            found.append(_Structure(structure.name, structure.label))
            if structure.drawn is not None:
                subject = f"{mask.path}, a mask of case {case_id}"
                np.maximum(labels, align_labels(structure.drawn, grid, subject), out=labels)
            del structure  # before the next one is drawn
    by_label = {
        label: tuple(
            escape_unprintable(each.name)
            for each in sorted(found, key=lambda each: each.name)
            if each.label == label
        )
        for label in (LIVER, LESION, None)
    }
    if not by_label[LIVER] and (by_label[None] or not by_label[LESION]):
        raise DataError(
            f"case {case_id}",
            expected=f"a structure named like {' or '.join(patterns.liver or LIVER_NAMES)}",
            received=", ".join((*by_label[LESION], *by_label[None])[:MAX_SHOWN]) or "none",
            next_step=NAME_THEM,
        )
    return NamedLabels(labels, by_label[LIVER], by_label[LESION], by_label[None])


def _list_structures(mask: MaskFile, patterns: Patterns) -> Iterator[_Structure]:
    if mask.structure is None:
        yield from _split_values(mask, patterns)
        return
    label = patterns.find_label(mask.structure)
    drawn = None if label is None else _draw_one(mask.path, label)
    yield _Structure(mask.structure, label, drawn)


def _draw_one(path: Path, label: int) -> Volume:
    """The one structure of a file, which is not read where it is neither liver nor lesion."""
    stored = read_whole_values(path)
    values = list_values(stored.data)
    if len(values) > 1:
        raise DataError(
            str(path),
            expected="a mask of one structure: 0 and one other value",
            received=", ".join(map(str, values[:MAX_SHOWN])),
            next_step="Fetch it again, or leave the structure out of --liver and --lesion.",
        )
    return _draw(stored, values, label)


def _split_values(mask: MaskFile, patterns: Patterns) -> Iterator[_Structure]:
    stored = _shrink(read_whole_values(mask.path))
    plain = not (patterns.liver or patterns.lesion)
    known = {str(value): label or None for value, label in mask.label_map} or USUAL_VALUES
    for value in list_values(stored.data):
        name = str(value)
        label = known.get(name) if plain else patterns.find_label(name)
        if plain and name not in known:
            raise DataError(
                str(mask.path),
                expected="a mask of whole values 0 background, 1 liver, 2 lesion",
                received=", ".join(map(str, list_values(stored.data)[:MAX_SHOWN])),
                next_step="Say which values are liver and lesion, such as --liver 6 --lesion 7.",
            )
        yield _Structure(name, label, None if label is None else _draw(stored, [value], label))


def _shrink(stored: Volume) -> Volume:
    """A byte a voxel where the values allow it, as they mostly do: scans can be large."""
    if stored.data.max() > np.iinfo(np.uint8).max:
        return stored
    return Volume(stored.data.astype(np.uint8), stored.grid, stored.notes)


def _draw(stored: Volume, values: Sequence[int], label: int) -> Volume:
    drawn = np.zeros(stored.grid.shape, np.uint8, order="F")
    for k in range(stored.grid.shape[2]):  # np.isin takes 8 bytes a voxel
        drawn[..., k][np.isin(stored.data[..., k], values)] = label
    return Volume(drawn, stored.grid)
