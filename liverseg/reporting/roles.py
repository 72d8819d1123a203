"""Cases and scores of one role."""

from collections.abc import Iterable

from liverseg.cases.split import CaseRole, Role
from liverseg.scoring.case_score import CaseScore


def list_case_ids(roles: Iterable[CaseRole], role: Role) -> frozenset[str]:
    """The cases of a role."""
    return frozenset(each.case_id for each in roles if each.role == role)


def select_scores(
    scores: Iterable[CaseScore], roles: Iterable[CaseRole], role: Role
) -> tuple[CaseScore, ...]:
    """The scores of the cases of a role, in their order."""
    case_ids = list_case_ids(roles, role)
    return tuple(score for score in scores if score.case_id in case_ids)
