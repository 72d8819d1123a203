"""Masks that belong to a scan by their place: the sets that come without DICOM-SEG or RTSTRUCT."""

from collections.abc import Iterator
from pathlib import Path

from liverseg.dicom import chaos, ircadb
from liverseg.dicom.structure import Structure

FOLDERS = {ircadb.SCAN: ircadb.OTHERS, chaos.SCAN: {chaos.MASKS}}
"""Folders of slices, and those beside them that hold no scans."""


def find_mask_folder(file: Path) -> Path | None:
    """The folder of masks of the patient whose slice a file is; None in all other sets."""
    return ircadb.find_masks(file) or chaos.find_masks(file)


def list_structures(masks: Path) -> Iterator[Structure]:
    """The structures in a folder that ``find_mask_folder`` found."""
    yield from (chaos if masks.name == chaos.MASKS else ircadb).list_masks(masks)


def is_one_scan(masks: Path) -> bool:
    """Whether all slices beside a folder of masks are one scan, whatever their headers say.

    CHAOS was made anonymous file by file.
    """
    return masks.name == chaos.MASKS
