"""The data set: every case with its size and role, what looks odd, and what was left out."""

from collections.abc import Collection

from liverseg.evaluation.results import Results
from liverseg.pages.markdown import format_count
from liverseg.pages.table import Cell, Column, Table, build_count, build_number
from liverseg.tables.case_table import Case, natural_key
from liverseg.tables.split import Role

COLUMNS = (
    Column("Case", is_number=False),
    Column("Patient", is_number=False),
    Column("Role", "Role", is_number=False, is_choice=True),
    Column("Voxels", is_number=False),
    Column("In-plane spacing, mm"),
    Column("Slice spacing, mm"),
    Column("Liver, ml"),
    Column("Lesion, ml"),
    Column("Lesions", "Lesion and liver"),
    Column("Slices with liver"),
)

ROLE_TITLES: dict[Role, str] = {"train": "training", "validation": "validation", "test": "test"}
REMARK_COLUMNS = (Column("Case", is_number=False), Column("Reason", is_number=False))


def find_roles(results: Results) -> dict[str, Role]:
    """The role of every case by its id; cases that were not scored are for training."""
    roles: dict[str, Role] = dict.fromkeys(results.cases, "train")
    roles |= {score.case_id: "validation" for score in results.floor.validation}
    roles |= {score.case_id: "test" for score in results.floor.test}
    return roles


def build_case_list(results: Results) -> Table:
    """A row a case of the case table."""
    roles = find_roles(results)
    ordered = sorted(results.cases.values(), key=lambda case: natural_key(case.case_id))
    return Table(
        "data-table",
        "All cases that were used.",
        COLUMNS,
        tuple(_build_row(case, roles[case.case_id]) for case in ordered),
        is_searchable=True,
    )


def build_remarks(results: Results) -> list[Table]:
    """What was skipped and what was used with a warning, and why; without tables of no rows."""
    skipped = [(each.case_id, each.reason) for each in results.skipped]
    warned = [(case.case_id, reason) for case in results.cases.values() for reason in case.reasons]
    remarks = {
        "skipped-table": ("Cases that were left out.", skipped),
        "warned-table": ("Cases that were used with a warning.", warned),
    }
    return [
        Table(
            name,
            caption,
            REMARK_COLUMNS,
            tuple((Cell(case_id), Cell(reason)) for case_id, reason in pairs),
        )
        for name, (caption, pairs) in remarks.items()
        if pairs
    ]


def describe_roles(results: Results) -> str:
    """How many cases and patients there are, and how many of each role."""
    roles = find_roles(results)
    cases = results.cases.values()
    counts = [
        f"{len(some)} for {ROLE_TITLES[role]} ({_count_patients(some)})"
        for role in ROLE_TITLES
        if (some := [case for case in cases if roles[case.case_id] == role])
    ]
    total = f"{format_count(len(cases), 'case')} of {_count_patients(cases)}"
    return f"{total}: {', '.join(counts)}."


def split_spacing(case: Case) -> tuple[float, float]:
    """The larger spacing within axial slices and that between them, in mm."""
    spacings = dict(zip(case.axis_codes, case.spacing_mm, strict=True))
    in_plane_mm = max(spacing for code, spacing in spacings.items() if code not in "SI")
    return in_plane_mm, next(spacing for code, spacing in spacings.items() if code in "SI")


def _count_patients(cases: Collection[Case]) -> str:
    return format_count(len({case.patient_id for case in cases}), "patient")


def _build_row(case: Case, role: Role) -> tuple[Cell, ...]:
    in_plane_mm, slice_mm = split_spacing(case)
    return (
        Cell(case.case_id),
        Cell(case.patient_id),
        Cell(ROLE_TITLES[role]),
        Cell(" × ".join(map(str, case.shape))),
        build_number(in_plane_mm),
        build_number(slice_mm),
        build_number(case.liver_ml, 0),
        build_number(case.lesion_ml, 1),
        build_count(case.num_lesions),
        Cell(case.liver_slice_fraction, ".0%"),
    )
