"""The scans that a user names: files, and folders of them."""

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
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


@dataclass(frozen=True)
class FoundScans:
    """What the arguments of a user stand for.

    Attributes:
        scans: In natural order of their names.
        masks: Files of folders that were left out because their names are those of masks.
    """

    scans: tuple[ScanSource, ...]
    masks: tuple[Path, ...]


def find_scans(given: Sequence[Path], out: Path, *, unpacked: Collection[Path] = ()) -> FoundScans:
    """The scans among files and folders.

    A file is a scan, whatever its name. A folder is searched with its subfolders: masks are told by
    the words of ``cases.layouts`` in the names of files and of folders (``segmentation-3.nii``,
    ``labelsTr/liver_3.nii.gz``, ``case_seg.nii.gz``), and results below ``out`` are left out. A
    folder without volumes but with DICOM files stands for the CT series in it.

    Args:
        given: Files and folders.
        out: Folder of the results.
        unpacked: Those of the folders that were archives: a scan is named after the folders above
            it too, without those that all scans of the archive share.

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
        scans += _name_by_path(path, found) if path in unpacked else found
    return FoundScans(order_scans(scans), tuple(masks))


def order_scans(scans: Iterable[ScanSource]) -> tuple[ScanSource, ...]:
    """Scans in natural order of their names; one that was named twice is there once.

    Those of one name in different folders are named by their folders too: ``p1-ct``, ``p2-ct``.

    Raises:
        DataError: Two have the same name still, or one is too long for a folder of results.
    """
    by_file: dict[str, ScanSource] = {}
    for scan in scans:
        real = os.path.realpath(scan.files[0])  # Path.resolve raises at links in a circle
        by_file.setdefault(real, scan)  # named twice is one scan
    by_name = _group_by_name(
        scan for same in _group_by_name(by_file.values()).values() for scan in _tell_apart(same)
    )
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


def _group_by_name(scans: Iterable[ScanSource]) -> dict[str, list[ScanSource]]:
    groups: dict[str, list[ScanSource]] = defaultdict(list)
    for scan in scans:
        groups[scan.name].append(scan)
    return groups


def _tell_apart(same: Sequence[ScanSource]) -> Sequence[ScanSource]:
    """Scans of one name under the names of their folders too, as far as these differ."""
    if len(same) == 1:
        return same
    files = [os.path.abspath(scan.files[0]) for scan in same]  # noqa: PTH100 (resolve would follow links)
    return _name_by_path(Path(os.path.commonpath(files)), same)


def _name_file(path: Path) -> ScanSource:
    stem = find_volume_stem(path.name)
    if stem is None or not os.path.lexists(path):  # a link to nothing fails once it is read
        raise DataError(
            str(path),
            expected=f"a scan ({', '.join(NIFTI_SUFFIXES + ITK_SUFFIXES)}), or a folder of scans",
            received="another kind of file" if os.path.lexists(path) else "no such file or folder",
            next_step="Check the path.",
        )
    return ScanSource(file_stem(stem), _list_files(path))


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
    folder = Path(series.name.removesuffix(f" ({series.mark})")).resolve().name
    mark = series.mark.replace(",", "").replace(" ", "-")
    name = f"{folder}-{mark}" if mark else folder
    return ScanSource(file_stem(name), tuple(sorted({each.path for each in series.slices})), series)


def _name_by_path(folder: Path, scans: Sequence[ScanSource]) -> list[ScanSource]:
    """Scans under names that tell apart those of which each has a folder."""
    above = [Path(os.path.relpath(scan.files[0], folder)).parent.parts for scan in scans]
    above = [
        parts if scan.series is None else parts[:-1]  # the last one is in its name
        for parts, scan in zip(above, scans, strict=True)
    ]
    num_shared = _count_shared(above)
    return [
        replace(scan, name="-".join((*map(file_stem, parts[num_shared:]), scan.name)))
        for parts, scan in zip(above, scans, strict=True)
    ]


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
