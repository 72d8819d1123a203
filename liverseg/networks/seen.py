"""What the training scans of a model were like: the ranges of their figures, kept beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from liverseg.checked_json import STRICT
from liverseg.networks.input_figures import InputFigures, measure_input
from liverseg.slices.stacks import open_stack, read_index, read_preprocessing
from liverseg.tables.split import CaseRole

SEEN_FILE = "seen.json"
DECIMALS = 3


@dataclass(frozen=True)
class SeenRange:
    """Where a figure lies among the training scans."""

    __pydantic_config__ = STRICT

    minimum: float
    lower_quartile: float
    upper_quartile: float
    maximum: float


@dataclass(frozen=True)
class Seen:
    """What the training scans of a model were like.

    Attributes:
        ranges: By the name of a figure of ``InputFigures``, but for those that no scan could tell.
    """

    __pydantic_config__ = STRICT

    ranges: Mapping[str, SeenRange]


def measure_seen(slices: Path, roles: Iterable[CaseRole]) -> Seen:
    """The training scans of a data set, from their slices and references.

    Args:
        slices: The folder of the stage preprocess.
        roles: The split; of the training cases those count that have slices.

    Raises:
        DataError: A file is missing or damaged.
    """
    windows_hu = read_preprocessing(slices).windows_hu
    with_slices = {row.case_id for row in read_index(slices)}
    figures = []
    for each in roles:
        if each.role == "train" and each.case_id in with_slices:
            stack = open_stack(slices, each.case_id)
            slice_mm = stack.slice_grid.pixel_mm[2]
            figures.append(measure_input(stack.images, stack.labels, slice_mm, windows_hu))
    return summarize_figures(figures)


def summarize_figures(scans: Sequence[InputFigures]) -> Seen:
    """The ranges of the figures of some scans, to 3 decimals."""
    by_name: dict[str, list[float]] = {}
    for scan in scans:
        for name, value in asdict(scan).items():
            if value is not None:
                by_name.setdefault(name, []).append(value)
    ranges = {
        name: SeenRange(*np.percentile(values, (0, 25, 75, 100)).round(DECIMALS).tolist())
        for name, values in by_name.items()
    }
    return Seen(ranges)


def join_seen(parts: Sequence[Seen]) -> Seen:
    """What any of several models has seen: the widest ranges; of no model no ranges."""
    names = dict.fromkeys(name for part in parts for name in part.ranges)
    joined = {
        name: _join_ranges([part.ranges[name] for part in parts if name in part.ranges])
        for name in names
    }
    return Seen(joined)


def _join_ranges(ranges: Sequence[SeenRange]) -> SeenRange:
    return SeenRange(
        min(each.minimum for each in ranges),
        min(each.lower_quartile for each in ranges),
        max(each.upper_quartile for each in ranges),
        max(each.maximum for each in ranges),
    )
