"""CT series: the slices of one scan, found in folders and read in HU."""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from liverseg.cases.case_table import natural_key
from liverseg.cases.names import escape_unprintable
from liverseg.dicom.dicom_file import is_dicom
from liverseg.dicom.headers import LeftOut, SegmentationHeader, SliceHeader, describe_header
from liverseg.dicom.hu import read_stack
from liverseg.dicom.stack import Stack, build_stack
from liverseg.errors import DataError
from liverseg.volumes.nifti import Volume

IRCADB_SCAN, IRCADB_MASKS = "PATIENT_DICOM", "MASKS_DICOM"
"""Folders of 3D-IRCADb-1: the slices of a patient, and those of a mask for each structure."""

IRCADB_OTHERS = {IRCADB_MASKS, "LABELLED_DICOM"}


@dataclass(frozen=True)
class Series:
    """The slices of one scan.

    Attributes:
        name: Its folder, what is not printable escaped, and its number in the study where the
            folder holds several.
        slices: In no order.
        patient: What tells its patient from others; for the key file alone, it may be a name.
        damaged: Unreadable files in its folders, which may be slices of it, and why.
    """

    name: str
    slices: tuple[SliceHeader, ...]
    patient: str
    damaged: tuple[LeftOut, ...]

    @property
    def uid(self) -> str:
        """The identity by which a DICOM-SEG refers to it."""
        return self.slices[0].series_uid

    @property
    def ircadb_masks(self) -> Path | None:
        """Folder of the masks where the scan lies as in 3D-IRCADb-1; else None."""
        return _find_ircadb_masks(self.slices[0].path)


@dataclass(frozen=True)
class FoundDicom:
    """What lies in some folders: scans, DICOM-SEGs, and the files that are neither."""

    series: tuple[Series, ...]
    segmentations: tuple[SegmentationHeader, ...]
    left_out: tuple[LeftOut, ...]


def find_series(folders: Sequence[Path]) -> FoundDicom:
    """All CT series below some folders, in natural order of folder, then by number and identity.

    A series may be spread over several folders. Looked at are the headers of all files, whatever
    their names; hidden ones are passed over.

    Raises:
        DataError: One of the folders does not exist.
    """
    files = [file for folder in folders for file in _list_files(folder)]
    slices: list[SliceHeader] = []
    segmentations: list[SegmentationHeader] = []
    left_out: list[LeftOut] = []
    damaged: list[LeftOut] = []
    for file in tqdm(dict.fromkeys(files), desc="headers", unit="file"):
        try:
            found = _describe_file(file)
        except DataError as error:
            damaged.append(LeftOut(file, error.received))
            continue
        match found:
            case SliceHeader():
                slices.append(found)
            case SegmentationHeader():
                segmentations.append(found)
            case LeftOut():
                left_out.append(found)
    series = _group_slices(slices, damaged)
    taken = {each for one in series for each in one.damaged}
    left_out.extend(each for each in damaged if each not in taken)
    return FoundDicom(series, tuple(segmentations), tuple(left_out))


def read_series(series: Series) -> Volume:
    """The scan in HU, as int16 where that is exact for every slice, else as float32.

    Raises:
        DataError: As for ``order_series`` and ``read_stack``.
    """
    return read_stack(order_series(series))


def order_series(series: Series) -> Stack:
    """The slices in order, and the grid of the scan; pixels are not read.

    Raises:
        DataError: As for ``build_stack``, or a file of its folder is damaged.
    """
    if series.damaged:
        file = series.damaged[0]
        raise DataError(
            series.name,
            expected="undamaged files: each may be a slice of this scan",
            received=f"{len(series.damaged)} damaged, the first {file.path.name}: {file.reason}",
            next_step="Fetch them again, or move them away if they do not belong to it.",
        )
    return build_stack(series.name, series.slices)


def _list_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DataError(
            str(folder),
            expected="a folder of DICOM files",
            received="a file" if folder.exists() else "no such folder",
            next_step="Name the folder; all files below it are looked at.",
        )
    files: list[Path] = []
    for inside, subfolders, names in os.walk(folder):
        if IRCADB_SCAN in subfolders:
            subfolders[:] = set(subfolders) - IRCADB_OTHERS
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        files.extend(Path(inside) / name for name in sorted(names) if not name.startswith("."))
    return [file for file in files if file.is_file() or not file.exists()]  # no pipes, no devices


def _describe_file(file: Path) -> SliceHeader | SegmentationHeader | LeftOut:
    if not is_dicom(file):
        if file.suffix.lower() == ".dcm":
            raise DataError(
                str(file),
                expected="a DICOM file",
                received=f"{file.stat().st_size} bytes without the magic of DICOM",
                next_step="Fetch it again.",
            )
        return LeftOut(file, "no DICOM file")
    found = describe_header(file)
    if isinstance(found, SliceHeader) and found.modality != "CT" and not _find_ircadb_masks(file):
        return LeftOut(file, f"an image of modality {found.modality!a}, not CT")
    return found


def _find_ircadb_masks(file: Path) -> Path | None:
    for folder in file.parents:
        if folder.name == IRCADB_SCAN and (folder.parent / IRCADB_MASKS).is_dir():
            return folder.parent / IRCADB_MASKS
    return None


def _group_slices(slices: list[SliceHeader], damaged: list[LeftOut]) -> tuple[Series, ...]:
    """Slices by the identity of their series; those of 3D-IRCADb-1 by their folder."""
    groups: dict[tuple[str, str], list[SliceHeader]] = defaultdict(list)
    for slice_ in slices:
        masks = _find_ircadb_masks(slice_.path)
        groups[str(masks or ""), slice_.series_uid or str(slice_.path.parent)].append(slice_)
    ordered = sorted(groups.values(), key=_order_key)
    homes = [group[0].path.parent for group in ordered]
    return tuple(
        _build_series(group, alone=homes.count(group[0].path.parent) == 1, damaged=damaged)
        for group in ordered
    )


def _order_key(group: list[SliceHeader]) -> tuple[object, ...]:
    first = group[0]
    return natural_key(str(first.path.parent)), first.series_number, first.series_uid


def _build_series(group: list[SliceHeader], *, alone: bool, damaged: list[LeftOut]) -> Series:
    first = group[0]
    folder = str(first.path.parent)
    shown = escape_unprintable(folder)
    masks = _find_ircadb_masks(first.path)
    folders = {slice_.path.parent for slice_ in group}
    return Series(
        name=shown if alone else f"{shown} (series {first.series_number})",
        slices=tuple(group),
        patient=str(masks.parent) if masks else first.patient_id or first.study_uid or folder,
        damaged=tuple(each for each in damaged if each.path.parent in folders),
    )
