"""The numbers that lesions go by, in tables and pictures alike."""

import numpy as np
import numpy.typing as npt

from liverseg.grids.components import label_components, measure_components
from liverseg.grids.cropping import find_box
from liverseg.labels import LESION


def number_lesions(
    labels: npt.NDArray[np.uint8], lesion_connectivity: int
) -> tuple[npt.NDArray[np.uint32], int]:
    """Lesions numbered from 1 by decreasing volume, and how many they are.

    Of equal volumes that comes first which is met first in C order.

    Args:
        labels: (i, j, k), on the grid of the scan.
        lesion_connectivity: 6 (voxels that share a face), 18 (or an edge) or 26 (or a corner).

    Returns:
        Numbers (i, j, k), 0 outside the lesions, and the largest number: 0 without lesions.
    """
    lesions = np.zeros(labels.shape, np.uint32)
    is_lesion = labels == LESION
    box = find_box(is_lesion)
    components, num_lesions = label_components(is_lesion[box], lesion_connectivity)
    by_volume = np.argsort(-measure_components(components)[1:], kind="stable")
    number_of = np.zeros(num_lesions + 1, np.uint32)
    number_of[1 + by_volume] = np.arange(1, num_lesions + 1)
    lesions[box] = np.take(number_of, components, out=components, mode="clip")  # none is outside
    return lesions, num_lesions
