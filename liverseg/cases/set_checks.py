"""What is wrong, or looks wrong, with a data set whose cases are fine one by one."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from liverseg.cases.findings import Finding, build_warning
from liverseg.tables.case_table import Case
from liverseg.volumes.nifti_file import find_stem

IRCADB_OF_LITS = {lits: lits - 27 for lits in range(28, 45)} | {46: 18, 47: 19, 48: 20}
"""LiTS training cases (Medical Segmentation Decathlon Task03_Liver numbers them alike) that are
3D-IRCADb-1 patients, the number of the patient for each."""

ONE_PATIENT = (
    "Training and test would share the patient: give both cases one patient in data.patients, or "
    "exclude one (data.exclude)."
)
ONE_SCAN = "The scan would count twice: exclude one of the two (data.exclude)."

MAX_SHOWN = 5


class Rule(NamedTuple):
    """What cases have in common: as is said of two, before the other one, and of more."""

    of_two: str
    of_many: str


SAME_SCAN = Rule("holds the same scan, voxel for voxel, as", "hold the same scan, voxel for voxel")
SAME_IRCADB = Rule(
    "is by its name the same patient of 3D-IRCADb-1 (in LiTS 28 to 44 and 46 to 48) as",
    "are by their names the same patient of 3D-IRCADb-1 (in LiTS 28 to 44 and 46 to 48)",
)
SAME_SPELLING = Rule(
    "has a patient id that differs in its writing alone from that of",
    "have patient ids that differ in their writing alone",
)

CaseFindings = Mapping[str, Sequence[Finding]]


def check_set(
    cases: Sequence[Case], contents: Mapping[str, str]
) -> tuple[CaseFindings, tuple[Finding, ...]]:
    """Findings by case, where one case is at odds with another, and on the set as a whole.

    Args:
        cases: The usable ones.
        contents: What the scan of a case holds, by case id: equal texts for equal voxels.
    """
    findings: dict[str, list[Finding]] = defaultdict(list)
    for group, rule in _find_twins(cases, contents):
        leaks = len({case.patient_id for case in group}) > 1
        for case in group:
            reason = _describe_twins(case, group, rule)
            finding = build_warning(reason, ONE_PATIENT if leaks else ONE_SCAN)
            findings[case.case_id].append(finding)
    return findings, _check_lesions(cases)


def check_unclaimed(files: Sequence[PurePosixPath]) -> tuple[Finding, ...]:
    """A finding on the files that belong to no case, where there are any."""
    if not files:
        return ()
    listed = ", ".join(str(file) for file in files[:MAX_SHOWN])
    dots = ", ..." if files[MAX_SHOWN:] else ""
    reason = f"NIfTI files that belong to no case and are not used, {len(files)}: {listed}{dots}"
    next_step = "Name those that are meant to be used like the files of the other cases."
    return (build_warning(reason, next_step),)


def _find_twins(
    cases: Sequence[Case], contents: Mapping[str, str]
) -> Iterator[tuple[Sequence[Case], Rule]]:
    """Groups of cases with one scan, or with one patient under several names."""
    for group in _group_alike(cases, lambda case: contents[case.case_id]):
        yield group, SAME_SCAN
    rules = {SAME_IRCADB: _name_ircadb_patient, SAME_SPELLING: _spell_patient}
    for rule, key in rules.items():
        for group in _group_alike(cases, key):
            if len({case.patient_id for case in group}) > 1:
                yield group, rule


def _describe_twins(case: Case, group: Sequence[Case], rule: Rule) -> str:
    """What is said of a case: of two, which is the other; of more, the same of each."""
    if len(group) == 2:
        (other,) = (each for each in group if each is not case)
        return f"{rule.of_two} case {other.case_id}"
    listed = ", ".join(each.case_id for each in group[:MAX_SHOWN])
    dots = ", ..." if group[MAX_SHOWN:] else ""
    return f"is one of {len(group)} cases that {rule.of_many}: {listed}{dots}"


def _group_alike(
    cases: Sequence[Case], key: Callable[[Case], Hashable]
) -> Iterator[Sequence[Case]]:
    """Groups of two and more cases with equal keys; None is equal to nothing."""
    alike: dict[Hashable, list[Case]] = defaultdict(list)
    for case in cases:
        if (value := key(case)) is not None:
            alike[value].append(case)
    return (group for group in alike.values() if len(group) > 1)


def _name_ircadb_patient(case: Case) -> Hashable:
    """Number of the 3D-IRCADb-1 patient, by the name of the scan; None for other scans.

    A 1 before another number is that of the set, as in ``3Dircadb1.17``.
    """
    file_name = PurePosixPath(case.scan).name.lower()
    name = (find_stem(file_name) or file_name).removesuffix("_0000")  # nnU-Net's channel
    _, ircad, rest = name.partition("ircad")
    numbers = [int(digits) for digits in re.findall("[0-9]+", rest if ircad else name)]
    if ircad and numbers:
        return numbers[1] if numbers[0] == 1 and numbers[1:] else numbers[0]
    if re.match("(lits|volume|liver)[-_][0-9]", name):
        return IRCADB_OF_LITS.get(numbers[0])
    return None


def _spell_patient(case: Case) -> Hashable:
    """Words and numbers of the patient's id, without capitals, separators and leading zeros."""
    parts = re.findall(r"[^\W\d_]+|[0-9]+", case.patient_id.casefold())
    return tuple(part.lstrip("0") for part in parts) or None


def _check_lesions(cases: Sequence[Case]) -> tuple[Finding, ...]:
    if not cases or any(case.num_lesions for case in cases):
        return ()
    reason = f"none of the {len(cases)} masks has a lesion (label 2)"
    next_step = "Where 1 marks the lesions of these masks, set data.label_map: {1: 2}."
    return (build_warning(reason, next_step),)
