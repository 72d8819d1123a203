"""Scans and masks brought together case by case."""

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from liverseg.cases.layouts import Kind, Layout
from liverseg.errors import DataError
from liverseg.tables.case_table import file_stem, natural_key

LONGEST_STEM = 200
"""File systems end at 255 bytes a name, and outputs add suffixes to the stem of a case."""

TEST_FOLDERS = ("imagesTs", "labelsTs")
"""The test set of the Decathlon and of nnU-Net."""


@dataclass(frozen=True)
class CaseFiles:
    """What is known of a case before its files are opened.

    Attributes:
        case_id: The scan.
        patient_id: The patient.
        scan: File of the scan, POSIX path relative to the root of the data set.
        mask: File of the mask, likewise.
        spacing_override_mm: The true spacing along i, j, k; None where the header's is right.
        label_map: Values that the mask holds, and the label that each stands for.
    """

    case_id: str
    patient_id: str
    scan: str
    mask: str
    spacing_override_mm: tuple[float, float, float] | None = None
    label_map: tuple[tuple[int, int], ...] = ()


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
        DataError: Two ids look alike, or ``exclude`` names a case that does not occur, or leaves
            none.
    """
    by_case: dict[str, dict[Kind, list[PurePosixPath]]]
    by_case = defaultdict(lambda: {"scan": [], "mask": []})
    for file in files:
        if parsed := layout.parse(file):
            kind, case_id = parsed
            by_case[case_id][kind].append(file)
    _check_twins(by_case)
    check_known("data.exclude", exclude, by_case)
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


def list_unclaimed(files: Iterable[PurePosixPath], layout: Layout) -> tuple[PurePosixPath, ...]:
    """Files that are neither scan nor mask of any case, without those of the layout's test set."""
    return tuple(
        file
        for file in files
        if layout.parse(file) is None and file.parent.name not in TEST_FOLDERS
    )


def check_known(key: str, case_ids: Iterable[str], known: Collection[str]) -> None:
    """Check that the cases that a param names are in the data set.

    Raises:
        DataError: One is not; a close one is suggested.
    """
    for case_id in case_ids:
        if case_id not in known:
            close = difflib.get_close_matches(case_id, known, n=1)
            raise DataError(
                key,
                expected=f"ids among the {len(known)} cases of the data set",
                received=repr(case_id),
                next_step=f"Did you mean {close[0]!r}?" if close else "Mend or remove it.",
            )


def _check_twins(case_ids: Iterable[str]) -> None:
    """Refuse ids that differ in nothing but how Unicode spells their accents.

    macOS takes names apart, other systems do not: scan and mask of one case would be two cases.
    """
    spelled: dict[str, str] = {}
    for case_id in case_ids:
        twin = spelled.setdefault(unicodedata.normalize("NFC", case_id), case_id)
        if twin != case_id:
            raise DataError(
                f"case {case_id}",
                expected="ids that differ in more than the Unicode spelling of their accents",
                received=f"{twin!a} and {case_id!a}",
                next_step="Rename the files of one like those of the other if they are one case, "
                "else give them another name.",
            )


def pair_files(found: FoundFiles, layout: Layout, patients: Mapping[str, str] | None) -> CaseFiles:
    """The scan and the mask of a case, and its patient: by its layout without a patient table.

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
    patient_id = layout.find_patient(found.case_id) if patients is None else patients[found.case_id]
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
