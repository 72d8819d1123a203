"""The NIfTI files of a data set."""

import os
from pathlib import Path, PurePosixPath

from liverseg.errors import DataError

_QUEUE_HINT = (
    " A relative data.root that git and DVC both ignore does not exist in the folder where a "
    "queued experiment runs: track it with `dvc add`, or give an absolute path."
)


def find_nifti_files(root: Path) -> tuple[PurePosixPath, ...]:
    """NIfTI files below ``root``, relative to it and sorted; linked folders are followed.

    Hidden files and folders are left out, among them the ``._`` twins that macOS leaves behind.

    Raises:
        DataError: ``root`` is no folder, or holds no NIfTI file.
    """
    if not root.is_dir():
        raise DataError(
            str(root),
            expected="the folder of the data set (data.root)",
            received="a file" if root.exists() else "no such folder",
            next_step="Set data.root to the folder that holds the scans and masks."
            + ("" if root.is_absolute() else _QUEUE_HINT),
        )
    names = _list_files(root)
    files = sorted(name for name in names if name.name.endswith((".nii", ".nii.gz")))
    if not files:
        raise DataError(
            str(root),
            expected="scans and masks as .nii or .nii.gz",
            received=f"{len(names)} other files" if names else "an empty folder",
            next_step="Put the data set there, or point data.root at it.",
        )
    return tuple(files)


def _list_files(root: Path) -> list[PurePosixPath]:
    files: list[PurePosixPath] = []
    visited: set[str] = set()
    for folder, subfolders, names in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in visited:  # a link back to a parent
            subfolders.clear()
            continue
        visited.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        inside = PurePosixPath(Path(folder).relative_to(root).as_posix())
        files.extend(inside / name for name in names if not name.startswith("."))
    return files
