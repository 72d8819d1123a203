"""What a split looks like, for people."""

from collections.abc import Iterable

from liverseg.tables.case_table import Case
from liverseg.tables.split import ROLES, CaseRole

HEADER = (
    f"{'role':<12}{'patients':>10}{'cases':>8}{'without lesion':>17}{'lesion ml':>12}{'burden':>9}"
)


def summarise_split(cases: Iterable[Case], roles: Iterable[CaseRole]) -> str:
    """A table with a line a role; burden is lesion volume as a share of the liver's."""
    role_of = {row.case_id: row.role for row in roles}
    lines = [HEADER]
    cases = tuple(cases)
    for role in ROLES:
        own = [case for case in cases if role_of[case.case_id] == role]
        num_patients = len({case.patient_id for case in own})
        num_without = sum(case.num_lesions == 0 for case in own)
        lesion_ml = sum(case.lesion_ml for case in own)
        liver_ml = sum(case.liver_ml for case in own)
        burden = lesion_ml / liver_ml if liver_ml else 0
        lines.append(
            f"{role:<12}{num_patients:>10}{len(own):>8}{num_without:>17}{lesion_ml:>12.1f}{burden:>9.1%}"
        )
    return "\n".join(lines)
