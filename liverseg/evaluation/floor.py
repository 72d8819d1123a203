"""What a prediction of background alone scores: the floor that says what a figure is worth."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.scoring.case_score import CaseScore
from liverseg.slices.stacks import SliceRow, read_index, read_preprocessing
from liverseg.tables.split import CaseRole, Role


@dataclass(frozen=True, eq=False)
class Floor:
    """A prediction of background alone.

    Attributes:
        accuracy: Share of the pixels of all training slices without lesion; NaN without slices.
        val_accuracy: Likewise of all validation slices.
        validation: Scores of the validation cases.
        test: Scores of the test cases.
    """

    accuracy: float
    val_accuracy: float
    validation: tuple[CaseScore, ...]
    test: tuple[CaseScore, ...]


def measure_floor(slices: Path, roles: Sequence[CaseRole], scores: Sequence[CaseScore]) -> Floor:
    """The floor of a split; its accuracies come from the index of the slices.

    Args:
        slices: The folder of the slices.
        roles: The split.
        scores: Of an empty prediction on the validation and test cases.

    Raises:
        DataError: The index of the slices or their preprocessing is missing.
    """
    rows = read_index(slices)
    num_pixels = read_preprocessing(slices).image_size ** 2

    def measure_accuracy(role: Role) -> float:
        case_ids = _list_case_ids(roles, role)
        return _share_without_lesion([row for row in rows if row.case_id in case_ids], num_pixels)

    return Floor(
        accuracy=measure_accuracy("train"),
        val_accuracy=measure_accuracy("validation"),
        validation=select_scores(scores, roles, "validation"),
        test=select_scores(scores, roles, "test"),
    )


def _share_without_lesion(rows: Sequence[SliceRow], num_pixels: int) -> float:
    lesion_pixels = sum(row.lesion_pixels for row in rows)
    return 1 - lesion_pixels / (num_pixels * len(rows)) if rows else math.nan


def _list_case_ids(roles: Iterable[CaseRole], role: Role) -> frozenset[str]:
    return frozenset(each.case_id for each in roles if each.role == role)


def select_scores(
    scores: Iterable[CaseScore], roles: Iterable[CaseRole], role: Role
) -> tuple[CaseScore, ...]:
    """The scores of the cases of a role, in their order."""
    case_ids = _list_case_ids(roles, role)
    return tuple(score for score in scores if score.case_id in case_ids)
