"""The scans that a user names: files, and folders of them."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from liverseg.cases.finding import find_volume_files
from liverseg.cases.layouts import MASK_WORDS
from liverseg.cases.pairing import LONGEST_STEM
from liverseg.dicom.magic import is_dicom
from liverseg.errors import DataError
from liverseg.scans.sources import ScanSource
from liverseg.tables.case_table import file_stem, natural_key
from liverseg.volumes.itk import load_simpleitk
from liverseg.volumes.itk_header import ITK_SUFFIXES, find_volume_stem, list_itk_files
from liverseg.volumes.nifti_file import NIFTI_SUFFIXES, find_pair, find_stem

if TYPE_CHECKING:
    from liverseg.dicom.series import Series


NO_ARCHIVES: Mapping[Path, Path] = MappingProxyType({})


@dataclass(frozen=True)
class FoundScans:
    """What the arguments of a user stand for.

    Attributes:
        scans: In natural order of their names.
        masks: Files of folders that were left out because their names are those of masks.
    """

    scans: tuple[ScanSource, ...]
    masks: tuple[Path, ...]


def find_scans(
    given: Sequence[Path], out: Path, *, archives: Mapping[Path, Path] = NO_ARCHIVES
) -> FoundScans:
    """The scans among files and folders.

    A file is a scan, whatever its name. A folder is searched with its subfolders: masks are told by
    the words of ``cases.layouts`` in the names of files and of folders (``segmentation-3.nii``,
    ``labelsTr/liver_3.nii.gz``, ``case_seg.nii.gz``), and results below ``out`` are left out. A
    folder without volumes but with DICOM files stands for the CT series in it.

    Args:
        given: Files and folders.
        out: Folder of the results.
        archives: Those of the folders that archives were unpacked to, with the archives: their
            scans are named by the folders above them too, from where these first differ.

    Raises:
        DataError: A path is missing or is no volume, a folder holds no scan, a name is too long
            for a folder of results, or two scans have the same name, by their folders too.
        LiversegError: A scan is DICOM, NRRD or MetaImage, and what reads it is not installed.
    """
    scans: list[ScanSource] = []
    masks: list[Path] = []
    for path in given:
        if not path.is_dir():
            scans.append(_name_file(path))
            continue
        if _holds_dicom(path, out):
            found = _find_series(path)
        else:
            files = [file for file in find_volume_files(path) if not _is_below(path / file, out)]
            found = [_name_file(path / file) for file in files if not _is_mask(file)]
            masks += [path / file for file in files if _is_mask(file)]
            if not found:
                raise _build_emptiness(path, f"{len(files)} files that are masks by their names")
        scans += _tell_apart(_place(found, path, archives[path])) if path in archives else found
    return FoundScans(order_scans(scans), tuple(masks))


def order_scans(scans: Iterable[ScanSource]) -> tuple[ScanSource, ...]:
    """Scans in natural order of their names; one that was named twice is there once.

    Those of one name in different folders are named by their folders too: ``p1-ct``, ``p2-ct``.

    Raises:
        DataError: Two have the same name still, or one is too long for a folder of results.
    """
    groups = _group_files(scans, attrgetter("stem")).values()
    apart = (scan for same in groups for scan in (_tell_apart(same) if len(same) > 1 else same))
    by_name = _group_files(apart, attrgetter("name"))
    for name, same in by_name.items():
        if len(same) > 1:
            raise DataError(
                f"scan {name}",
                expected="one scan a name, since results are named after it",
                received=" and ".join(str(scan.files[0]) for scan in same),
                next_step="Rename one, or predict them into different folders.",
            )
        if len(name) > LONGEST_STEM:
            raise DataError(
                str(same[0].files[0]),
                expected=f"a name of at most {LONGEST_STEM} bytes when percent-quoted",
                received=f"{len(name)} bytes",
                next_step="Rename it: its results are named after it.",
            )
    ordered = sorted(by_name, key=natural_key)
    return tuple(scan for name in ordered for scan in by_name[name])


def _group_files(
    scans: Iterable[ScanSource], key: Callable[[ScanSource], str]
) -> dict[str, list[ScanSource]]:
    """Scans that share what the key says; of those of one file the first."""
    groups: dict[str, dict[str, ScanSource]] = defaultdict(dict)
    for scan in scans:
        real = os.path.realpath(scan.files[0])  # Path.resolve raises at links in a circle
        groups[key(scan)].setdefault(real, scan)
    return {shared: list(by_file.values()) for shared, by_file in groups.items()}


def _tell_apart(scans: Sequence[ScanSource]) -> list[ScanSource]:
    """Scans named by their folders too, from where these first differ."""
    num_shared = _count_shared([scan.folders for scan in scans])
    return [
        replace(scan, name="-".join((*map(file_stem, scan.folders[num_shared:]), scan.stem)))
        for scan in scans
    ]


def _name_file(path: Path) -> ScanSource:
    stem = find_volume_stem(path.name)
    if stem is None or not os.path.lexists(path):  # a link to nothing fails once it is read
        raise DataError(
            str(path),
            expected=f"a scan ({', '.join(NIFTI_SUFFIXES + ITK_SUFFIXES)}), or a folder of scans",
            received="another kind of file" if os.path.lexists(path) else "no such file or folder",
            next_step="Check the path.",
        )
    return _build_source(stem, path, _list_files(path))


def _list_files(path: Path) -> tuple[Path, ...]:
    if find_stem(path.name) is not None:
        _, voxels = find_pair(path)
        return (path, voxels) if voxels != path and voxels.exists() else (path,)
    load_simpleitk(str(path), "itk")
    try:
        return list_itk_files(path)
    except DataError:  # once it is read, so that the other scans are done
        return (path,)


def _is_mask(file: PurePosixPath) -> bool:
    """Whether the name of a file, or of a folder above it, holds a word for masks."""
    words = re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", str(file))
    return not MASK_WORDS.isdisjoint(word.lower() for word in words)


def _is_below(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(path)).parents


def _holds_dicom(folder: Path, out: Path) -> bool:
    """Whether DICOM files but no volumes lie in a folder or below it, results aside."""
    files = [path for path in folder.rglob("*") if path.is_file() and not _is_below(path, out)]
    return not any(find_volume_stem(path.name) for path in files) and any(map(_is_dicom, files))


def _is_dicom(path: Path) -> bool:
    try:
        return is_dicom(path)
    except OSError:  # of no use as a slice either; the series that lacks it says so
        return False


def _find_series(folder: Path) -> list[ScanSource]:
    from liverseg.dicom.series import find_series

    found = find_series([folder])
    if not found.series:
        raise _build_emptiness(folder, f"{len(found.left_out)} files that are no CT slices")
    return [_name_series(series) for series in found.series]


def _name_series(series: "Series") -> ScanSource:
    """Named after its folder, and after what tells it apart where the folder holds several."""
    folder = _make_absolute(Path(series.name.removesuffix(f" ({series.mark})")))
    mark = series.mark.replace(",", "").replace(" ", "-")
    name = f"{folder.name}-{mark}" if mark else folder.name
    files = tuple(sorted({each.path for each in series.slices}))
    return _build_source(name, folder, files, series)


def _build_source(
    name: str, path: Path, files: tuple[Path, ...], series: "Series | None" = None
) -> ScanSource:
    """One that is named after its own file or folder alone."""
    stem = file_stem(name)
    return ScanSource(stem, files, series, stem, _make_absolute(path).parent.parts)


def _place(scans: Sequence[ScanSource], unpacked: Path, archive: Path) -> list[ScanSource]:
    """Scans of an archive as if they lay in a folder of its name."""
    num_scratch = len(_make_absolute(unpacked).parts)
    place = _make_absolute(archive).with_suffix("").parts
    return [replace(scan, folders=(*place, *scan.folders[num_scratch:])) for scan in scans]


def _make_absolute(path: Path) -> Path:
    """Without dots; links stay, for their names are those that the user sees."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps dots)


def _count_shared(paths: Sequence[tuple[str, ...]]) -> int:
    """Number of parts that all paths begin with."""
    levels = list(zip(*paths, strict=False))  # as deep as the shortest
    return next((n for n, parts in enumerate(levels) if len(set(parts)) > 1), len(levels))


def _build_emptiness(folder: Path, received: str) -> DataError:
    return DataError(
        str(folder),
        expected="a folder with scans",
        received=received,
        next_step="Name another folder, or the scans one by one: a file is taken whatever its "
        "name.",
    )
