"""The files of some folders, and what each of them holds."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.dicom import ircadb
from liverseg.dicom.dicom_file import report_damage
from liverseg.dicom.headers import LeftOut, SliceHeader, describe_header
from liverseg.dicom.magic import is_dicom
from liverseg.dicom.mask_folders import FOLDERS
from liverseg.dicom.references import MaskHeader
from liverseg.errors import DataError
from liverseg.progress import show_progress


@dataclass(frozen=True)
class DescribedFiles:
    """What lies in some folders.

    Attributes:
        slices: Of CT scans, in no order.
        masks: DICOM-SEGs and RTSTRUCTs.
        left_out: Files that are neither.
        damaged: Files that may be either, and why nobody can tell.
    """

    slices: tuple[SliceHeader, ...]
    masks: tuple[MaskHeader, ...]
    left_out: tuple[LeftOut, ...]
    damaged: tuple[LeftOut, ...]


def describe_files(folders: Sequence[Path]) -> DescribedFiles:
    """What the headers of all files below some folders say, whatever their names.

    Hidden files and folders are passed over, and so are pipes, sockets and devices.

    Raises:
        DataError: One of the folders does not exist.
    """
    files = [file for folder in folders for file in _list_files(folder)]
    slices: list[SliceHeader] = []
    masks: list[MaskHeader] = []
    left_out: list[LeftOut] = []
    damaged: list[LeftOut] = []
    for file in show_progress(dict.fromkeys(files), "headers", "file"):
        try:
            found = _describe_file(file)
        except DataError as error:
            damaged.append(LeftOut(file, error.received))
            continue
        match found:
            case MaskHeader():
                masks.append(found)
            case LeftOut():
                left_out.append(found)
            case _:
                slices.extend(found)
    return DescribedFiles(tuple(slices), tuple(masks), tuple(left_out), tuple(damaged))


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
        for scan, others in FOLDERS.items():
            if scan in subfolders:
                subfolders[:] = set(subfolders) - others
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        files.extend(Path(inside) / name for name in sorted(names) if not name.startswith("."))
    return [file for file in files if file.is_file() or not file.exists()]  # no pipes, no devices


def _describe_file(file: Path) -> tuple[SliceHeader, ...] | MaskHeader | LeftOut:
    with report_damage(file):
        known = is_dicom(file)
    if not known:
        if file.suffix.lower() == ".dcm":
            raise DataError(
                str(file),
                expected="a DICOM file",
                received=f"{file.stat().st_size} bytes without the magic of DICOM",
                next_step="Fetch it again.",
            )
        return LeftOut(file, "no DICOM file")
    found = describe_header(file)
    if isinstance(found, tuple) and found[0].modality != "CT" and not ircadb.find_masks(file):
        return LeftOut(file, f"an image of modality {found[0].modality!a}, not CT")
    return found
