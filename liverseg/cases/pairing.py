"""Scans and masks brought together case by case."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from liverseg.cases.case_table import file_stem, natural_key
from liverseg.cases.layouts import Kind, Layout
from liverseg.errors import DataError

LONGEST_STEM = 200
"""File systems end at 255 bytes a name, and outputs add suffixes to the stem of a case."""


@dataclass(frozen=True)
class CaseFiles:
    """Whose the two files of a case are; POSIX paths relative to the root of the data set."""

    case_id: str
    patient_id: str
    scan: str
    mask: str


@dataclass(frozen=True)
class FoundFiles:
    """All files that bear the id of one case: one scan and one mask where all is well."""

    case_id: str
    scans: tuple[PurePosixPath, ...]
    masks: tuple[PurePosixPath, ...]


def group_files(
    files: Iterable[PurePosixPath], layout: Layout, exclude: Sequence[str]
) -> list[FoundFiles]:
    """Files by case in natural order of the ids, without the excluded cases.

    Raises:
        DataError: ``exclude`` names a case that does not occur, or leaves none.
    """
    by_case: dict[str, dict[Kind, list[PurePosixPath]]]
    by_case = defaultdict(lambda: {"scan": [], "mask": []})
    for file in files:
        if parsed := layout.parse(file):
            kind, case_id = parsed
            by_case[case_id][kind].append(file)
    for case_id in exclude:
        if case_id not in by_case:
            close = difflib.get_close_matches(case_id, by_case, n=1)
            raise DataError(
                "data.exclude",
                expected=f"ids among the {len(by_case)} cases of this {layout.name} data set",
                received=repr(case_id),
                next_step=f"Did you mean {close[0]!r}?" if close else "Mend or remove it.",
            )
    kept = sorted(by_case.keys() - set(exclude), key=natural_key)
    if not kept:
        raise DataError(
            "data.exclude",
            expected="at least one case that is not excluded",
            received=f"all {len(by_case)} excluded",
            next_step="Shorten the list.",
        )
    return [
        FoundFiles(case_id, tuple(by_case[case_id]["scan"]), tuple(by_case[case_id]["mask"]))
        for case_id in kept
    ]


def pair_files(found: FoundFiles, layout: Layout, patients: Mapping[str, str] | None) -> CaseFiles:
    """The scan and the mask of a case, and its patient: the case itself without a patient table.

    Raises:
        DataError: A file is missing, two files claim the same place, the name cannot be written to
            a table, or the patient table lacks the case.
    """
    for kind, files in (("scan", found.scans), ("mask", found.masks)):
        pattern = layout.scan_name if kind == "scan" else layout.mask_name
        name = pattern.replace("{}", found.case_id)  # str.format would trip over a brace in a name
        if len(files) != 1:
            raise DataError(
                f"its {kind}",
                expected=f"one file, {name} or the same without .gz ({layout.name} layout)",
                received=" and ".join(str(file) for file in files) or "none",
                next_step=f"{'Remove or rename one' if files else 'Add it'}, or list "
                f"{found.case_id!r} under data.exclude.",
            )
        _check_name(files[0], found.case_id)
    if patients is not None and found.case_id not in patients:
        raise DataError(
            "its patient",
            expected="a row of its own in the table data.patients",
            received="none",
            next_step=f"Add it, or list {found.case_id!r} under data.exclude.",
        )
    patient_id = patients[found.case_id] if patients is not None else found.case_id
    return CaseFiles(found.case_id, patient_id, str(found.scans[0]), str(found.masks[0]))


def _check_name(file: PurePosixPath, case_id: str) -> None:
    printable = str(file).isprintable()
    if not printable or len(file_stem(case_id)) > LONGEST_STEM:
        raise DataError(
            ascii(str(file)),
            expected=f"a printable name of at most {LONGEST_STEM} bytes when percent-quoted",
            received=f"{len(file_stem(case_id))} bytes" if printable else "unprintable characters",
            next_step="Rename it.",
        )
