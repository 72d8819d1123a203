"""Zip archives of what tests have written."""

import zipfile
from pathlib import Path


def write_zip(path: Path, folder: Path) -> Path:
    """An archive of a folder with all that is in it."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*"):
            if file.is_file():
                archive.write(file, file.relative_to(folder.parent))
    return path
