"""The scans that share the identity of one series: their slices, told apart."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from liverseg.dicom.headers import SliceHeader
from liverseg.dicom.stack import TOLERANCE, measure_depth
from liverseg.tables.case_table import natural_key

LARGEST_SCOUT = 3
"""Slices of one plane that are no scan of their own beside a larger one: views that plan it."""

SAME_PLACE_MM = 0.01


@dataclass(frozen=True)
class Part:
    """Slices of one series that make up a scan.

    Attributes:
        name: What tells it from the other parts, e.g. ``acquisition 2``; empty for the only one.
        slices: In no order.
    """

    name: str
    slices: tuple[SliceHeader, ...]


def split_series(slices: Sequence[SliceHeader]) -> tuple[list[Part], list[SliceHeader]]:
    """The scans of a series, and the slices that belong to none of them.

    Slices of another size, spacing or direction are another scan, or where they are few, views by
    which the scan was planned. Acquisitions that cover one another are a scan each: told apart by
    their numbers, by their times, or at doubled positions by what came first at each.
    """
    planes = sorted(_split_planes(slices), key=len, reverse=True)
    stray = [
        slice_
        for plane in planes[1:]
        if len(plane) <= LARGEST_SCOUT and len(plane) < len(planes[0])
        for slice_ in plane
    ]
    known = {id(slice_) for slice_ in stray}
    parts = []
    scans = [plane for plane in planes if id(plane[0]) not in known]
    for number, plane in enumerate(scans, start=1):
        direction = f"direction {number}" if scans[1:] else ""
        acquisitions = _split_acquisitions(plane)
        for name, acquired in acquisitions.items():
            parts.append(Part(" ".join(filter(None, (direction, name))), tuple(acquired)))
    return parts, stray


def _split_planes(slices: Sequence[SliceHeader]) -> list[list[SliceHeader]]:
    """Slices by size, spacing and direction, which may differ as rounding makes them."""
    shapes = np.array([slice_.shape for slice_ in slices])
    steps = np.array([(slice_.along_row, slice_.along_column) for slice_ in slices])
    left = np.arange(len(slices))
    planes = []
    while left.size:
        first = left[0]
        across = np.abs(steps[left] - steps[first]).max(axis=(1, 2)) * shapes[first].max()
        near = across <= TOLERANCE * np.linalg.norm(steps[first], axis=1).min()
        same = near & (shapes[left] == shapes[first]).all(axis=1)
        same[0] = True
        planes.append([slices[index] for index in left[same]])
        left = left[~same]
    return planes


def _split_acquisitions(plane: list[SliceHeader]) -> dict[str, list[SliceHeader]]:
    """Slices of each acquisition by its name; under the empty one where there is but one."""
    numbered = _group(plane, lambda slice_: str(slice_.moment.acquisition or ""))
    if not _are_scans(numbered) or not _overlap(numbered):
        numbered = {"": plane}
    parts = [part for group in numbered.values() for part in _split_times(group)]
    if len(parts) == 1:
        return {"": plane}
    if len(parts) == len(numbered):
        return {f"acquisition {number}": part for number, part in numbered.items()}
    return {f"acquisition {index}": part for index, part in enumerate(parts, start=1)}


def _split_times(slices: list[SliceHeader]) -> list[list[SliceHeader]]:
    """Slices with doubled positions by time, else by their order at each position."""
    places = _group_places(slices)
    fewest = min(len(place) for place in places)
    if max(len(place) for place in places) == 1:
        return [slices]
    timed = _group(slices, lambda slice_: slice_.moment.time)
    if _are_scans(timed) and all(_is_single(group) for group in timed.values()):
        return list(timed.values())
    parts: list[list[SliceHeader]] = [[] for _ in range(fewest)]
    for place in places:
        moments = {(slice_.moment.time, slice_.moment.number) for slice_ in place}
        if len(place) != fewest or len(moments) != fewest:
            return [slices]
        ordered = sorted(place, key=lambda slice_: (slice_.moment.time, slice_.moment.number))
        for part, slice_ in zip(parts, ordered, strict=True):
            part.append(slice_)
    return parts if len(places) > 1 else [slices]


def _group(
    slices: Iterable[SliceHeader], key: Callable[[SliceHeader], str]
) -> dict[str, list[SliceHeader]]:
    groups: dict[str, list[SliceHeader]] = defaultdict(list)
    for slice_ in slices:
        groups[key(slice_)].append(slice_)
    return dict(sorted(groups.items(), key=lambda item: natural_key(item[0])))


def _are_scans(groups: dict[str, list[SliceHeader]]) -> bool:
    return len(groups) > 1 and "" not in groups and min(map(len, groups.values())) > 1


def _overlap(groups: dict[str, list[SliceHeader]]) -> bool:
    """Whether the extents of two of the groups do."""
    depths = [[measure_depth(slice_) for slice_ in group] for group in groups.values()]
    ends = sorted((min(group), max(group)) for group in depths)
    return any(start <= end + SAME_PLACE_MM for (_, end), (start, _) in pairwise(ends))


def _is_single(slices: list[SliceHeader]) -> bool:
    return all(len(place) == 1 for place in _group_places(slices))


def _group_places(slices: list[SliceHeader]) -> list[list[SliceHeader]]:
    """Different images by their position along the slice axis; a repeated one counts once."""
    unique = {(each.instance_uid, each.frame, each.position): each for each in slices}
    ordered = sorted(unique.values(), key=measure_depth)
    depths = np.array([measure_depth(slice_) for slice_ in ordered])
    starts = np.flatnonzero(np.diff(depths) > SAME_PLACE_MM) + 1
    return [ordered[a:b] for a, b in zip([0, *starts], [*starts, len(ordered)], strict=True)]
