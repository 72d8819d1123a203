"""Connected components of masks."""

import cc3d
import numpy as np
import numpy.typing as npt


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

    An empty mask stays empty.
    """
    components, num_components = label_components(mask, connectivity)
    if num_components < 2:
        return mask.copy()
    largest = 1 + int(np.argmax(measure_components(components)[1:]))
    is_largest: npt.NDArray[np.bool_] = components == largest
    return is_largest
