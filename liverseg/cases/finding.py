"""The files of a data set that hold volumes."""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NoReturn

from liverseg.cases.findings import Finding
from liverseg.errors import DataError
from liverseg.volumes.itk_header import find_itk_stem, find_volume_stem
from liverseg.volumes.nifti_file import find_stem


def find_nifti_files(root: Path) -> tuple[PurePosixPath, ...]:
    """NIfTI files below ``root``, relative to it and sorted; linked folders are followed.

    A pair of ``.hdr`` and ``.img`` is its header. Hidden files and folders are left out, among them
    the ``._`` twins that macOS leaves behind.

    Raises:
        DataError: ``root`` is no folder, holds no NIfTI file, or a folder that cannot be read.
    """
    return _find_files(root, find_stem)


def find_volume_files(root: Path) -> tuple[PurePosixPath, ...]:
    """``find_nifti_files``, and NRRD and MetaImage files besides."""
    return _find_files(root, find_volume_stem)


def _find_files(root: Path, find_wanted: Callable[[str], str | None]) -> tuple[PurePosixPath, ...]:
    if not root.is_dir():
        raise DataError(
            str(root),
            expected="the folder of a data set",
            received="a file" if root.exists() else "no such folder",
            next_step="Name the folder that holds the scans and masks.",
        )
    names = _list_files(root)
    files = sorted(name for name in names if find_wanted(name.name) is not None)
    if not files:
        foreign = sum(find_itk_stem(name.name) is not None for name in names)
        raise DataError(
            str(root),
            expected="scans and masks as .nii, .nii.gz or .hdr with .img",
            received=f"{len(names)} other files" if names else "an empty folder",
            next_step=f"{foreign} are NRRD or MetaImage: bring them to NIfTI by `liverseg import`."
            if foreign
            else "Put the data set there, or name the folder that holds it.",
        )
    return tuple(files)


def check_links(root: Path, file: PurePosixPath) -> Finding | None:
    """A warning where a symbolic link on the way to a file leads out of ``root``; else None.

    DVC reads a linked file as if it were there itself, but does not look into linked folders (seen
    with DVC 3.67): what changes there leaves every stage as it is.

    Args:
        root: Root of the data set; may be a link itself.
        file: Relative to it.
    """
    real_root = os.path.realpath(root)
    for place in (*reversed(file.parents), file):
        target = os.path.realpath(root / place)
        if (root / place).is_symlink() and os.path.commonpath([real_root, target]) != real_root:
            return _describe_link(place, is_folder=place != file)
    return None


def _describe_link(place: PurePosixPath, *, is_folder: bool) -> Finding:
    if is_folder:
        return Finding(
            "warning",
            f"{place} is a link to a folder outside data.root, into which DVC does not look: a "
            "change there goes unnoticed, and no copy or remote holds its files",
            "Move the folder into data.root, or point data.root at where it lies.",
        )
    return Finding(
        "warning",
        f"{place} is a link to a file outside data.root, which a copy of data.root leaves behind",
        "Put the file itself into data.root.",
    )


def _list_files(root: Path) -> list[PurePosixPath]:
    files: list[PurePosixPath] = []
    visited: set[str] = set()
    for folder, subfolders, names in os.walk(root, onerror=_raise_unreadable, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:  # a link back to a parent
            subfolders.clear()
            continue
        visited.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        inside = PurePosixPath(Path(folder).relative_to(root).as_posix())
        files.extend(inside / name for name in names if not name.startswith("."))
    return files


def _raise_unreadable(error: OSError) -> NoReturn:
    raise DataError(
        str(error.filename),
        expected="a folder that can be read",
        received=str(error.strerror).lower(),
        next_step="Change its permissions, or move it elsewhere.",
    )
