"""The lesions of a case: those of the reference, those predicted, and the pairs that match.

A lesion is a connected component of label 2. A reference and a predicted lesion match where their
IoU is above 0.5, strictly.
"""

import math
from dataclasses import dataclass

from liverseg.scoring.diameters import LesionSize, classify_size


@dataclass(frozen=True)
class ReferenceLesion:
    """A lesion of the reference.

    Attributes:
        volume_ml: Its volume.
        diameter_mm: Its largest axial diameter.
        is_matched: A predicted lesion overlaps it with an IoU above 0.5.
        is_touched: A predicted lesion shares a voxel with it.
    """

    volume_ml: float
    diameter_mm: float
    is_matched: bool
    is_touched: bool

    @property
    def size(self) -> LesionSize:
        """The class of its diameter."""
        return classify_size(self.diameter_mm)


@dataclass(frozen=True)
class PredictedLesion:
    """A lesion of the prediction.

    Attributes:
        volume_ml: Its volume.
        diameter_mm: Its largest axial diameter.
        is_matched: It overlaps a reference lesion with an IoU above 0.5; else a false positive.
        is_touching: It shares a voxel with a reference lesion.
        confidence: How sure the model is of it, between 0 and 1, see ``scoring.confidence``; NaN
            where nothing but a mask is known.
    """

    volume_ml: float
    diameter_mm: float
    is_matched: bool
    is_touching: bool
    confidence: float = math.nan

    @property
    def size(self) -> LesionSize:
        """The class of its diameter."""
        return classify_size(self.diameter_mm)


@dataclass(frozen=True)
class MatchedLesion:
    """A reference lesion and the predicted lesion that matches it; all scores are defined.

    Attributes:
        reference_index: Place of the one in ``LesionScores.reference``, from 0.
        predicted_index: Place of the other in ``LesionScores.predicted``, from 0.
        iou: Of the two, above 0.5; the other scores are those of ``RegionScore``.
    """

    reference_index: int
    predicted_index: int
    iou: float
    dice: float
    voe: float
    rvd: float
    assd_mm: float
    msd_mm: float


@dataclass(frozen=True)
class LesionScores:
    """All lesions of a case; each tuple is empty where there are none."""

    reference: tuple[ReferenceLesion, ...]
    predicted: tuple[PredictedLesion, ...]
    matched: tuple[MatchedLesion, ...]

    @property
    def num_reference(self) -> int:
        """Lesions of the reference."""
        return len(self.reference)

    @property
    def num_predicted(self) -> int:
        """Lesions of the prediction."""
        return len(self.predicted)

    @property
    def num_matched(self) -> int:
        """Pairs with an IoU above 0.5."""
        return len(self.matched)

    @property
    def num_touched(self) -> int:
        """Reference lesions that a prediction touches."""
        return sum(lesion.is_touched for lesion in self.reference)

    @property
    def num_touching(self) -> int:
        """Predicted lesions that touch a reference."""
        return sum(lesion.is_touching for lesion in self.predicted)
