"""How far two masks overlap, counted in voxels."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Overlap:
    """Voxels of a reference mask, of a predicted mask and of both; a score is NaN where undefined.

    Definitions of ``voe`` and ``rvd``: Heimann et al., Comparison and Evaluation of Methods for
    Liver Segmentation From CT Datasets, IEEE TMI 28(8), 2009; as fractions, not per cent.

    Attributes:
        num_reference: Voxels of the reference.
        num_predicted: Voxels of the prediction.
        num_shared: Voxels of both.
    """

    num_reference: int
    num_predicted: int
    num_shared: int

    @property
    def num_union(self) -> int:
        """Voxels of either."""
        return self.num_reference + self.num_predicted - self.num_shared

    @property
    def dice(self) -> float:
        """Twice the shared voxels over the sum of both; 1 where both are empty."""
        total = self.num_reference + self.num_predicted
        return 2 * self.num_shared / total if total else 1.0

    @property
    def iou(self) -> float:
        """Shared voxels over those of either; 1 where both are empty."""
        return self.num_shared / self.num_union if self.num_union else 1.0

    @property
    def precision(self) -> float:
        """Share of the prediction that is right; undefined where it is empty."""
        return self.num_shared / self.num_predicted if self.num_predicted else math.nan

    @property
    def recall(self) -> float:
        """Share of the reference that is found; undefined where it is empty."""
        return self.num_shared / self.num_reference if self.num_reference else math.nan

    @property
    def voe(self) -> float:
        """Volumetric overlap error, ``1 - iou``; 0 where both are empty."""
        return 1 - self.iou

    @property
    def rvd(self) -> float:
        """Relative volume difference, positive where too much is predicted.

        Undefined where the reference is empty.
        """
        difference = self.num_predicted - self.num_reference
        return difference / self.num_reference if self.num_reference else math.nan


def count_overlap(reference: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_]) -> Overlap:
    """Overlap of two masks of one shape."""
    return Overlap(
        num_reference=int(np.count_nonzero(reference)),
        num_predicted=int(np.count_nonzero(predicted)),
        num_shared=int(np.count_nonzero(reference & predicted)),
    )
