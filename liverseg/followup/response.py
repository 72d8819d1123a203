"""The response by RECIST 1.1, as far as two scans of one liver tell it.

Eisenhauer et al., New response evaluation criteria in solid tumours: revised RECIST guideline
(version 1.1), Eur J Cancer 45, 2009, 228-247; sections in brackets below.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from liverseg.followup.changes import Change, ComparedLesions, sum_diameters
from liverseg.followup.study import Lesion, Study

MEASURABLE_MM = 10.0
THICKEST_SLICE_MM = 5.0
"""With thicker slices a lesion is measurable from twice their thickness on (3.1.1)."""

MAX_TARGETS = 2
"""Of one organ (3.2)."""

LEAST_SHRINKAGE = 0.3
LEAST_GROWTH, LEAST_GROWTH_MM = 0.2, 5.0
"""Of the sum of diameters (4.3.1); that of the first scan is the smallest so far, too."""

DECIMALS = 4
"""Of millimetres and shares that are compared with a limit, since headers hold float32."""


class Outcome(StrEnum):
    """A response; of lesions without a target only some are possible (4.5, tables 1 and 2)."""

    COMPLETE = "CR"
    PARTIAL = "PR"
    STABLE = "SD"
    PROGRESSIVE = "PD"
    NEITHER = "non-CR/non-PD"
    INEVALUABLE = "NE"


@dataclass(frozen=True)
class Response:
    """The response and what it follows from.

    Attributes:
        overall: The response of the liver: PD with any new lesion.
        targets: Numbers of the target lesions in the first scan, the longest first; may be empty.
        target_outcome: Of the targets alone; NE without any.
        other_outcome: Of all other lesions of the first scan: CR or neither; NE without any. That
            they progress beyond doubt is for a reader to say.
        new_lesions: Numbers in the second scan.
        baseline_sum_mm: Of the targets' longest diameters.
        followup_sum_mm: Likewise; 0 where they have vanished.
        measurable_mm: The longest diameter from which on a lesion could be a target.
    """

    overall: Outcome
    targets: tuple[int, ...]
    target_outcome: Outcome
    other_outcome: Outcome
    new_lesions: tuple[int, ...]
    baseline_sum_mm: float
    followup_sum_mm: float
    measurable_mm: float

    @property
    def sum_change(self) -> float:
        """Gain of the sum over that of the first scan; NaN without targets."""
        if not self.targets:
            return math.nan
        return self.followup_sum_mm / self.baseline_sum_mm - 1


def judge_response(compared: Sequence[ComparedLesions], baseline: Study) -> Response:
    """The response of the liver.

    Targets are the longest measurable lesions of the first scan, at most ``MAX_TARGETS``. Of one
    that has split all parts count, of some that have merged the whole, once (4.3.2).

    Args:
        compared: All lesions of both scans.
        baseline: The first scan.
    """
    measurable_mm = find_measurable_mm(baseline.slice_mm)
    targets = select_targets(baseline.lesions, measurable_mm)
    numbers = {lesion.number for lesion in targets}
    followed = [each for each in compared if numbers & {one.number for one in each.baseline}]
    before_mm = sum_diameters(targets)
    after_mm = sum(each.followup_mm for each in followed)
    others = [each for each in compared if {lesion.number for lesion in each.baseline} - numbers]
    new = [
        lesion.number for each in compared if each.change == Change.NEW for lesion in each.followup
    ]
    target_outcome = judge_sums(before_mm, after_mm) if targets else Outcome.INEVALUABLE
    other_outcome = _judge_others(others)
    return Response(
        overall=Outcome.PROGRESSIVE if new else _join_outcomes(target_outcome, other_outcome),
        targets=tuple(lesion.number for lesion in targets),
        target_outcome=target_outcome,
        other_outcome=other_outcome,
        new_lesions=tuple(new),
        baseline_sum_mm=before_mm,
        followup_sum_mm=after_mm,
        measurable_mm=measurable_mm,
    )


def find_measurable_mm(slice_mm: float) -> float:
    """The longest diameter from which on a lesion is measurable on slices so far apart."""
    thick = round(slice_mm, DECIMALS) > THICKEST_SLICE_MM
    return max(MEASURABLE_MM, 2 * slice_mm) if thick else MEASURABLE_MM


def select_targets(lesions: Sequence[Lesion], measurable_mm: float) -> tuple[Lesion, ...]:
    """The longest measurable lesions, at most ``MAX_TARGETS``; of equal ones the larger volume."""
    longest = sorted(lesions, key=lambda each: (-each.diameters.longest_mm, each.number))
    measurable = [
        each for each in longest if round(each.diameters.longest_mm, DECIMALS) >= measurable_mm
    ]
    return tuple(measurable[:MAX_TARGETS])


def judge_sums(before_mm: float, after_mm: float) -> Outcome:
    """The response of targets whose diameters add up to these."""
    if not after_mm:
        return Outcome.COMPLETE
    gain = round(after_mm / before_mm - 1, DECIMALS)
    if gain >= LEAST_GROWTH and round(after_mm - before_mm, DECIMALS) >= LEAST_GROWTH_MM:
        return Outcome.PROGRESSIVE
    return Outcome.PARTIAL if gain <= -LEAST_SHRINKAGE else Outcome.STABLE


def _judge_others(others: Sequence[ComparedLesions]) -> Outcome:
    if not others:
        return Outcome.INEVALUABLE
    return Outcome.NEITHER if any(each.followup for each in others) else Outcome.COMPLETE


def _join_outcomes(of_targets: Outcome, of_others: Outcome) -> Outcome:
    if of_targets == Outcome.INEVALUABLE:
        return of_others
    if of_targets == Outcome.COMPLETE and of_others == Outcome.NEITHER:
        return Outcome.PARTIAL
    return of_targets
