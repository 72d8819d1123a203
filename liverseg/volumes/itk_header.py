"""Headers of NRRD and MetaImage files: which file their voxels are in, before anything opens it.

Sources: the NRRD format, "Detached headers" (teem.sourceforge.net/nrrd/format.html), and MetaIO,
``ElementDataFile`` (itk.org, "MetaIO/Documentation").
"""

import re
from pathlib import Path, PurePosixPath

from liverseg.errors import DataError
from liverseg.regular_files import open_regular
from liverseg.volumes.nifti_file import find_stem

ITK_SUFFIXES = (".nrrd", ".nhdr", ".mha", ".mhd")

HEADER_BYTES = 2**20
"""Longest header that is searched; real ones have a few hundred bytes."""

NRRD_MAGIC = b"NRRD000"
NRRD_END = re.compile(rb"\n\r?\n")
NRRD_DATA = re.compile(rb"(?im)^data ?file\s*:(?!=)(.*)$")
META_DATA = re.compile(rb"(?m)^\s*ElementDataFile\s*=(.*)$")
SEVERAL = re.compile(r"LIST|.*[%\\:]", re.IGNORECASE)
"""Names that stand for several files, a list or a pattern, and those that other systems read as
absolute."""

META_KEY = b"elementdatafile"


def find_itk_stem(name: str) -> str | None:
    """Name of an NRRD or MetaImage volume without its suffix, capital or not; None for others."""
    suffix = next((each for each in ITK_SUFFIXES if name.lower().endswith(each)), None)
    return None if suffix is None else name[: -len(suffix)]


def find_volume_stem(name: str) -> str | None:
    """Name of a NIfTI, NRRD or MetaImage volume without its suffix; None for others."""
    stem = find_stem(name)
    return find_itk_stem(name) if stem is None else stem


def list_itk_files(path: Path) -> tuple[Path, ...]:
    """The file, and the one that holds its voxels where that is another.

    Voxels elsewhere than beside or below the header are never opened, nor are several files of
    voxels: a header that was sent could name any file of the machine.

    Raises:
        DataError: The file is missing, has no such header, or names such voxels.
    """
    try:
        with open_regular(path) as file:
            start = file.read(HEADER_BYTES)
    except OSError as error:
        text = str(error.strerror).lower()
        raise _build_error(path, "a file that can be read", text, "Check the path.") from None
    named = _find_nrrd_data(path, start) if is_nrrd(path) else _find_meta_data(path, start)
    if named is None:
        return (path,)
    place = PurePosixPath(named)
    if place.is_absolute() or ".." in place.parts or SEVERAL.match(named) or not named:
        raise _build_error(
            path,
            "voxels in the same file, or in one file beside or below it, of a plain name",
            f"{named!a}",
            "Save it as one file, .nrrd or .mha.",
        )
    voxels = path.parent / place
    if not voxels.is_file():
        raise _build_error(
            path,
            f"the file {named} with its voxels",
            "no such file",
            "Put it back beside the header.",
        )
    return path, voxels


def is_nrrd(path: Path) -> bool:
    """Whether a file is NRRD rather than MetaImage, by its name."""
    return path.suffix.lower() in {".nrrd", ".nhdr"}


def _find_nrrd_data(path: Path, start: bytes) -> str | None:
    end = NRRD_END.search(start)
    header = start[: end.start() + 1] if end else start
    named = NRRD_DATA.findall(header)
    if not start.startswith(NRRD_MAGIC) or len(named) > 1:
        raise _build_damage(path, "no header of NRRD" if not named[1:] else "two files of voxels")
    return _decode(named[0]) if named else None


def _find_meta_data(path: Path, start: bytes) -> str | None:
    place = start.lower().find(META_KEY)
    match = META_DATA.search(start)
    if match is None or start.lower().find(META_KEY, match.start()) != place:
        raise _build_damage(path, "no header of MetaImage, or one without ElementDataFile")
    named = _decode(match[1])
    return None if named.upper() == "LOCAL" else named


def _decode(named: bytes) -> str:
    return named.strip().decode("utf-8", "replace")


def _build_damage(path: Path, received: str) -> DataError:
    expected = f"an undamaged {'NRRD' if is_nrrd(path) else 'MetaImage'} file"
    return _build_error(path, expected, received, "Fetch or save it again.")


def _build_error(path: Path, expected: str, received: str, next_step: str) -> DataError:
    return DataError(str(path), expected=expected, received=received, next_step=next_step)
