"""How undecided a network is of a voxel: the binary entropy of its lesion probability.

H(p) = -p log2 p - (1 - p) log2(1 - p) in bits, from 0 (p is 0 or 1) to 1 (p is a half), of the
calibrated mean p over all passes: every model, every mirror image. With a single pass that is the
entropy of its one answer, and says nothing of how much another model would differ.
"""

import numpy as np
import numpy.typing as npt

from liverseg.scoring.calibration import Steps
from liverseg.scoring.temperature import calibrate_steps


def compute_entropy_steps(temperature: float) -> Steps:
    """The entropy in bits of each of the 256 steps of an 8-bit probability.

    Args:
        temperature: Of the lesions, see ``scoring.temperature``.
    """
    lesion = calibrate_steps(temperature)
    shares = np.stack([lesion, 1 - lesion])
    logarithms = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)  # 0 log 0 is 0
    entropy: Steps = -(shares * logarithms).sum(axis=0) + 0.0  # never a -0.0
    return entropy


def map_entropy(
    lesion_probability: npt.NDArray[np.uint8], temperature: float
) -> npt.NDArray[np.uint8]:
    """The entropy of each voxel in 255ths of a bit, rounded; 0 where no network has looked.

    Args:
        lesion_probability: (i, j, k), in 255ths.
        temperature: Of the lesions.
    """
    steps = np.rint(255 * compute_entropy_steps(temperature)).astype(np.uint8)
    mapped: npt.NDArray[np.uint8] = steps[lesion_probability]
    return mapped
