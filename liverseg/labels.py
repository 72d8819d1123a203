"""The classes of a label volume, and the two regions that are segmented and scored."""

from typing import Literal

import numpy as np
import numpy.typing as npt

BACKGROUND = 0
LIVER = 1
LESION = 2

Region = Literal["liver", "lesion"]
REGIONS: tuple[Region, Region] = ("liver", "lesion")
"""Channel order of every probability map and of every per-region table."""


def select_region(labels: npt.NDArray[np.uint8], region: Region) -> npt.NDArray[np.bool_]:
    """Mask of a region: ``liver`` is label 1 or 2 (lesion included), ``lesion`` is label 2.

    The mask has the shape of ``labels``; it is empty where the region does not occur.
    """
    return labels >= LIVER if region == "liver" else labels == LESION
