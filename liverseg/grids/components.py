"""Connected components of masks."""

from collections.abc import Sequence

import cc3d
import numpy as np
import numpy.typing as npt

MOST_VOXELS = 2**24
"""Whose components are numbered at a time where the largest one is looked for."""


def label_components(
    mask: npt.NDArray[np.bool_], connectivity: int
) -> tuple[npt.NDArray[np.uint32], int]:
    """Components of a mask, numbered from 1 as they are met in C order, and how many they are.

    Args:
        mask: (i, j, k), in any memory layout.
        connectivity: 6 (voxels that share a face), 18 (or an edge) or 26 (or a corner).

    Returns:
        Numbers (i, j, k), 0 outside the mask, and the largest number: 0 for an empty mask.
    """
    if not mask.any():  # cc3d hands an array without voxels back as it came
        return np.zeros(mask.shape, np.uint32), 0
    # cc3d 4.1.1 numbers in memory order, and with 26 neighbours fails on isolated voxels ("maximum
    # length exception") where an axis is odd: it reserves one number for every two by two by two.
    num_added = [length % 2 if connectivity == 26 else 0 for length in mask.shape]
    even = np.pad(mask, [(0, added) for added in num_added]) if any(num_added) else mask
    components, num_components = cc3d.connected_components(
        np.ascontiguousarray(even),
        connectivity=connectivity,
        binary_image=True,
        out_dtype=np.uint32,
        return_N=True,
    )
    i, j, k = mask.shape
    return np.ascontiguousarray(components[:i, :j, :k]), num_components


def measure_components(components: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Number of voxels of each component: entry ``n`` of component ``n``, entry 0 of the rest."""
    if not components.size:
        return np.zeros(1, np.int64)
    statistics = cc3d.statistics(components, no_slice_conversion=True)
    sizes: npt.NDArray[np.int64] = statistics["voxel_counts"].astype(np.int64)
    return sizes


def keep_largest_component(mask: npt.NDArray[np.bool_], connectivity: int) -> npt.NDArray[np.bool_]:
    """The component with the most voxels; of equal ones that which is met first in C order.

    An empty mask stays empty. Numbers take four times the memory of the mask: those of a large one
    are given to some planes at a time, and again once it is known which parts belong together.
    """
    num_planes = max(MOST_VOXELS // max(mask[:1].size, 1), 1)
    if len(mask) <= num_planes + 1 or not mask.any():
        return _keep_largest(mask, connectivity)
    slabs = [mask[first : first + num_planes + 1] for first in range(0, len(mask), num_planes)]
    slabs = [slab for slab in slabs if len(slab) > 1]  # each shares a plane with the next
    keeps = _choose_largest(slabs, connectivity)
    largest = np.zeros_like(mask)
    for slab, first in zip(slabs, range(0, len(mask), num_planes), strict=False):
        components, num_components = label_components(slab, connectivity)
        kept, keeps = np.split(keeps, [num_components])
        largest[first : first + len(slab)] |= np.concatenate([[False], kept])[components]
    return largest


def _keep_largest(mask: npt.NDArray[np.bool_], connectivity: int) -> npt.NDArray[np.bool_]:
    components, num_components = label_components(mask, connectivity)
    if num_components < 2:
        return mask.copy()
    largest = 1 + int(np.argmax(measure_components(components)[1:]))
    is_largest: npt.NDArray[np.bool_] = components == largest
    return is_largest


def _choose_largest(
    slabs: Sequence[npt.NDArray[np.bool_]], connectivity: int
) -> npt.NDArray[np.bool_]:
    """Which components of all slabs, one after the other, are parts of the largest one of all."""
    from scipy.sparse import coo_array  # only here: they take longer to load than most masks do
    from scipy.sparse.csgraph import connected_components

    sizes, pairs, num_before = [], [], 0
    shared = np.zeros(slabs[0].shape[1:], np.int64)  # as the slab before numbered the shared plane
    for slab in slabs:
        components, num_components = label_components(slab, connectivity)
        numbers = components[0].astype(np.int64) + num_before
        pairs.append(np.unique([shared[slab[0]], numbers[slab[0]]], axis=1))
        counts = np.zeros(num_components + 1, np.int64)
        own = measure_components(components[:-1])  # the last plane is the next slab's
        counts[: len(own)] = own
        sizes.append(counts[1:])
        shared = components[-1].astype(np.int64) + num_before
        num_before += num_components
    last_plane = shared[slabs[-1][-1]]
    one, other = np.concatenate(pairs[1:], axis=1) - 1
    joined = coo_array((np.ones(len(one)), (one, other)), shape=(num_before, num_before))
    _, group_of = connected_components(joined, directed=False)
    counts = np.concatenate(sizes) + np.bincount(last_plane - 1, minlength=num_before)
    group_sizes = np.bincount(group_of, counts)
    is_largest: npt.NDArray[np.bool_] = group_of == np.argmax(group_sizes)
    return is_largest
