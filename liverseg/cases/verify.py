"""Every case of a data set verified: what can be used, what looks wrong, what cannot be used."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from liverseg.cases.case_check import CaseCheck, add_findings, check_case
from liverseg.cases.finding import find_nifti_files
from liverseg.cases.findings import Finding, describe_error
from liverseg.cases.layouts import Layout, recognise_layout
from liverseg.cases.pairing import CaseFiles, check_known, group_files, list_unclaimed, pair_files
from liverseg.cases.patients import read_patients
from liverseg.cases.set_checks import check_set, check_unclaimed
from liverseg.errors import DataError
from liverseg.names import escape_unprintable
from liverseg.parallel import map_cases
from liverseg.params import DataParams
from liverseg.tables.case_table import SkippedCase, natural_key


@dataclass(frozen=True)
class SetCheck:
    """What was found in a data set.

    Attributes:
        cases: One check a case, in natural order of the ids.
        excluded: Cases that data.exclude names; they were not looked at.
        findings: What is wrong with the set as a whole.
    """

    cases: tuple[CaseCheck, ...]
    excluded: tuple[SkippedCase, ...]
    findings: tuple[Finding, ...]

    def count(self, verdict: str) -> int:
        """Number of cases with a verdict."""
        return sum(check.verdict == verdict for check in self.cases)


def verify_cases(root: Path, params: DataParams, *, description: str) -> SetCheck:
    """Everything that is found below ``root``; each volume is read once, several cases at a time.

    Raises:
        DataError: The folder is no data set, its patient table cannot be used, or the params name a
            case that does not occur.
    """
    files = find_nifti_files(root)
    layout = recognise_layout(root, files)
    found = group_files(files, layout, params.exclude)
    patients = read_patients(root, params.patients) if params.patients is not None else None
    known = {*(each.case_id for each in found), *params.exclude}
    check_known("data.spacing_overrides", params.spacing_overrides, known)
    checks, complete = [], []
    for each in found:
        try:
            complete.append(_correct(root, layout, pair_files(each, layout, patients), params))
        except DataError as error:
            checks.append(
                CaseCheck(escape_unprintable(each.case_id), (describe_error(error, root),))
            )
    checks += map_cases(partial(check_case, root), complete, description=description)
    checks.sort(key=lambda check: natural_key(check.case_id))
    of_cases, of_the_set = check_set(
        [check.case for check in checks if check.case is not None],
        {check.case_id: check.content for check in checks},
    )
    return SetCheck(
        tuple(add_findings(check, of_cases.get(check.case_id, ())) for check in checks),
        tuple(
            SkippedCase(escape_unprintable(case_id), "excluded by data.exclude")
            for case_id in params.exclude
        ),
        of_the_set + check_unclaimed(list_unclaimed(files, layout)),
    )


def _correct(root: Path, layout: Layout, files: CaseFiles, params: DataParams) -> CaseFiles:
    """The files with what the params say of them; of labels, what the set says where they do not.

    Raises:
        DataError: What the set says cannot be read.
    """
    label_map = tuple(sorted(params.label_map.items()))
    return replace(
        files,
        spacing_override_mm=params.spacing_overrides.get(files.case_id),
        label_map=label_map or layout.read_labels(root, PurePosixPath(files.mask)),
    )
