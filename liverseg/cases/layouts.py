"""How data sets lay out their files: five layouts, told apart by the names of files and folders.

A new layout of data goes here and nowhere else: a parser that says of a file whether it is a scan
or a mask, and of which case; the sign that ``recognise_layout`` knows it by, before those that are
less certain; and its line in ``KNOWN_LAYOUTS``. Pairing, checks and ingest take it from there.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal

from liverseg.cases.bids import find_subject, parse_bids, read_lookup
from liverseg.errors import DataError
from liverseg.volumes.nifti_file import find_stem

Kind = Literal["scan", "mask"]
LabelMap = tuple[tuple[int, int], ...]
Parser = Callable[[PurePosixPath], tuple[Kind, str] | None]

SCAN_WORDS = {"ct", "image", "images", "img", "imgs", "scan", "scans", "volume", "volumes"}
MASK_WORDS = {"dseg", "label", "labels", "mask", "masks", "seg", "segmentation", "segmentations"}

KNOWN_LAYOUTS = (
    "LiTS (volume-0.nii.gz with segmentation-0.nii.gz), Medical Segmentation Decathlon "
    "(imagesTr/liver_0.nii.gz with labelsTr/liver_0.nii.gz), nnU-Net "
    "(imagesTr/liver_0_0000.nii.gz with labelsTr/liver_0.nii.gz), BIDS (sub-1/ct/sub-1_ct.nii.gz "
    "with derivatives/NAME/sub-1/ct/sub-1_dseg.nii.gz) or exactly two folders such as "
    "images/ and masks/ with equal file names"
)


@dataclass(frozen=True)
class Layout:
    """Names of scans and masks in a data set.

    Attributes:
        name: As users know it.
        parse: What a file is, and the id of its case; None for neither scan nor mask.
        scan_name: How a scan is named, ``{}`` for the case id; for messages.
        mask_name: How a mask is named, likewise.
        find_patient: The patient of a case, where no table says more.
        read_lookup: What the values of a mask stand for, from a file beside it; None where no such
            file belongs to the layout.
    """

    name: str
    parse: Parser
    scan_name: str
    mask_name: str
    find_patient: Callable[[str], str] = str
    read_lookup: Callable[[Path, PurePosixPath], LabelMap] | None = None

    def read_labels(self, root: Path, mask: PurePosixPath) -> LabelMap:
        """What the values of a mask stand for by the files of the set; empty if they say nothing.

        Raises:
            DataError: A file that says it cannot be used.
        """
        return self.read_lookup(root, mask) if self.read_lookup else ()


def recognise_layout(root: Path, files: Iterable[PurePosixPath]) -> Layout:
    """The layout that the NIfTI files below ``root`` follow.

    A folder ``imagesTr`` or ``labelsTr`` decides for the Decathlon or nnU-Net, whatever lies beside
    it; then a scan below the folder of its subject for BIDS; then a file ``segmentation-N`` for
    LiTS; then the names of exactly two folders.

    Raises:
        DataError: The files follow no layout, or belong to several data sets.
    """
    files = tuple(files)
    training = [file for file in files if file.parent.name in ("imagesTr", "labelsTr")]
    if training:
        return _recognise_training_folders(root, training)
    if any((parsed := parse_bids(file)) and parsed[0] == "scan" for file in files):
        scan, mask = "{}_ct.nii.gz", "derivatives/*/{}_dseg.nii.gz"
        return Layout("BIDS", parse_bids, scan, mask, find_subject, read_lookup)
    lits_kinds = {parsed[0] for file in files if (parsed := _parse_lits(file))}
    pair = _find_folder_pair({file.parent for file in files})
    if pair and "mask" not in lits_kinds:
        return _build_folder_layout("two folders", *pair)
    if lits_kinds:
        return Layout("LiTS", _parse_lits, "volume-{}.nii.gz", "segmentation-{}.nii.gz")
    folders = Counter(str(file.parent) for file in files).most_common()
    listed = ", ".join(f"{folder}/ ({count})" for folder, count in folders[:5])
    raise DataError(
        str(root),
        expected=f"a data set laid out as {KNOWN_LAYOUTS}",
        received=f"{len(files)} NIfTI files in {listed}{', ...' if folders[5:] else ''}",
        next_step="Rename folders or files to fit one of these, point data.root at a folder that "
        "does, or bring it there by `liverseg import`.",
    )


def _file_id(file: PurePosixPath) -> str:
    """File name without the suffix of a volume, such as ``.nii.gz``."""
    return find_stem(file.name) or file.name


def _recognise_training_folders(root: Path, files: list[PurePosixPath]) -> Layout:
    homes = sorted({file.parent.parent for file in files})
    if len(homes) > 1:
        raise DataError(
            str(root),
            expected="one data set with imagesTr/ and labelsTr/",
            received=f"several: {', '.join(str(home) for home in homes)}",
            next_step="Point data.root at one of them.",
        )
    scans, masks = homes[0] / "imagesTr", homes[0] / "labelsTr"
    scan_ids = {_file_id(file) for file in files if file.parent == scans}
    mask_ids = {_file_id(file) for file in files if file.parent == masks}
    has_channels = all(_parse_channel(scan_id) for scan_id in scan_ids)
    if not scan_ids or not has_channels or scan_ids & mask_ids:
        return _build_folder_layout("Medical Segmentation Decathlon", scans, masks)
    parse = partial(_parse_nnunet, scans=scans, masks=masks)
    return Layout("nnU-Net", parse, f"{scans}/{{}}_0000.nii.gz", f"{masks}/{{}}.nii.gz")


def _build_folder_layout(name: str, scans: PurePosixPath, masks: PurePosixPath) -> Layout:
    parse = partial(_parse_folders, scans=scans, masks=masks)
    return Layout(name, parse, f"{scans}/{{}}.nii.gz", f"{masks}/{{}}.nii.gz")


def _find_folder_pair(folders: set[PurePosixPath]) -> tuple[PurePosixPath, PurePosixPath] | None:
    """The folder of scans and that of masks, where there are these two and no other."""
    words = {folder: set(re.split("[^a-z]+", folder.name.lower())) for folder in folders}
    masks = [folder for folder in folders if words[folder] & MASK_WORDS]
    scans = [folder for folder in folders if words[folder] & SCAN_WORDS and folder not in masks]
    return (scans[0], masks[0]) if len(folders) == 2 and scans and masks else None


def _parse_lits(file: PurePosixPath) -> tuple[Kind, str] | None:
    match = re.fullmatch("(volume|segmentation)-([0-9]+)", _file_id(file))
    return match and ("scan" if match[1] == "volume" else "mask", match[2])


def _parse_folders(
    file: PurePosixPath, *, scans: PurePosixPath, masks: PurePosixPath
) -> tuple[Kind, str] | None:
    if file.parent == scans:
        return "scan", _file_id(file)
    return ("mask", _file_id(file)) if file.parent == masks else None


def _parse_nnunet(
    file: PurePosixPath, *, scans: PurePosixPath, masks: PurePosixPath
) -> tuple[Kind, str] | None:
    if file.parent == scans:
        return "scan", _parse_channel(_file_id(file))
    return ("mask", _file_id(file)) if file.parent == masks else None


def _parse_channel(scan_id: str) -> str:
    """Case id of an nnU-Net scan, whose name ends in the number of a channel; empty for others."""
    match = re.fullmatch("(.+)_[0-9]{4}", scan_id)
    return match[1] if match else ""
