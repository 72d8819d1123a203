"""What kind of files a data set is made of."""

import os
from collections.abc import Sequence
from pathlib import Path

from liverseg.dicom.magic import is_dicom
from liverseg.errors import DataError
from liverseg.volumes.itk_header import find_volume_stem


def hold_volumes(folders: Sequence[Path]) -> bool:
    """Whether folders hold volumes, rather than DICOM files; one with both, or neither, is DICOM.

    Raises:
        DataError: Some do and some do not.
    """
    kinds = {folder: _holds_volumes(folder) for folder in folders}
    if len(set(kinds.values())) > 1:
        odd = next(folder for folder, kind in kinds.items() if kind != kinds[folders[0]])
        raise DataError(
            str(odd),
            expected=f"files of one kind in all folders, {_name(kinds[folders[0]])} as in "
            f"{folders[0]}",
            received=_name(kinds[odd]),
            next_step="Import them into different folders.",
        )
    return all(kinds.values())


def _name(is_volumes: bool) -> str:
    return "volumes (NIfTI, NRRD, MetaImage)" if is_volumes else "DICOM"


def _holds_volumes(folder: Path) -> bool:
    others: list[Path] = []
    has_volumes = False
    for inside, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if find_volume_stem(name) is not None:
                has_volumes = True
            elif not name.startswith("."):
                others.append(Path(inside) / name)
    return has_volumes and not any(map(_may_be_dicom, others))


def _may_be_dicom(path: Path) -> bool:
    try:
        return is_dicom(path)
    except OSError:  # of no use either; whoever reads it says so
        return False
