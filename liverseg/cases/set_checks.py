"""What is wrong, or looks wrong, with a data set whose cases are fine one by one."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import PurePosixPath

from liverseg.cases.case_table import Case
from liverseg.cases.findings import Finding, build_warning
from liverseg.volumes.nifti_file import find_stem

IRCADB_OF_LITS = {lits: lits - 27 for lits in range(28, 45)} | {46: 18, 47: 19, 48: 20}
"""LiTS training cases (Medical Segmentation Decathlon Task03_Liver numbers them alike) that are
3D-IRCADb-1 patients, the number of the patient for each."""

ONE_PATIENT = (
    "Training and test would share the patient: give both cases one patient in data.patients, or "
    "exclude one (data.exclude)."
)
ONE_SCAN = "The scan would count twice: exclude one of the two (data.exclude)."

MAX_SHOWN_FILES = 5

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
    for case, other, reason in _find_twins(cases, contents):
        next_step = ONE_SCAN if case.patient_id == other.patient_id else ONE_PATIENT
        finding = build_warning(f"{reason} case {other.case_id}", next_step)
        findings[case.case_id].append(finding)
    return findings, _check_lesions(cases)


def check_unclaimed(files: Sequence[PurePosixPath]) -> tuple[Finding, ...]:
    """A finding on the files that belong to no case, where there are any."""
    if not files:
        return ()
    listed = ", ".join(str(file) for file in files[:MAX_SHOWN_FILES])
    dots = ", ..." if files[MAX_SHOWN_FILES:] else ""
    reason = f"NIfTI files that belong to no case and are not used, {len(files)}: {listed}{dots}"
    next_step = "Name those that are meant to be used like the files of the other cases."
    return (build_warning(reason, next_step),)


def _find_twins(
    cases: Sequence[Case], contents: Mapping[str, str]
) -> Iterator[tuple[Case, Case, str]]:
    """Pairs of cases with one scan, or with one patient under two names; each pair both ways."""
    for case, other in _pair_alike(cases, lambda case: contents[case.case_id]):
        yield case, other, "holds the same scan, voxel for voxel, as"
    rules: dict[str, Callable[[Case], Hashable]] = {
        "is by its name the same patient of 3D-IRCADb-1 (in LiTS 28 to 44 and 46 to 48) as": (
            _name_ircadb_patient
        ),
        "has a patient id that differs in its writing alone from that of": _spell_patient,
    }
    for reason, key in rules.items():
        for case, other in _pair_alike(cases, key):
            if case.patient_id != other.patient_id:
                yield case, other, reason


def _pair_alike(
    cases: Sequence[Case], key: Callable[[Case], Hashable]
) -> Iterator[tuple[Case, Case]]:
    """Pairs of cases with equal keys, both ways; None is equal to nothing."""
    alike: dict[Hashable, list[Case]] = defaultdict(list)
    for case in cases:
        if (value := key(case)) is not None:
            alike[value].append(case)
    for group in alike.values():
        yield from permutations(group, 2)


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
