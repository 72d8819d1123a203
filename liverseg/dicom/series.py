"""CT series: the slices of one scan, found in folders and read in HU."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.dicom.files import describe_files
from liverseg.dicom.headers import LeftOut, SliceHeader
from liverseg.dicom.hu import read_stack
from liverseg.dicom.mask_folders import find_mask_folder, is_one_scan
from liverseg.dicom.parts import split_series
from liverseg.dicom.references import MaskHeader
from liverseg.dicom.stack import Stack, build_stack
from liverseg.errors import DataError
from liverseg.names import escape_unprintable
from liverseg.tables.case_table import natural_key
from liverseg.volumes.nifti import Volume

STRAY = "of another size or direction than the scan of its series: a localizer, or no part of it"


@dataclass(frozen=True)
class Series:
    """The slices of one scan.

    Attributes:
        name: Its folder, what is not printable escaped, and where the folder holds several scans
            what tells it from the others: ``(series 3)``, ``(series 3, acquisition 2)``.
        mark: What stands in those brackets; empty without them.
        slices: In no order.
        patient: What tells its patient from others; for the key file alone, it may be a name.
        damaged: Unreadable files in its folders, which may be slices of it, and why.
        stray: Slices of its series that are left out since they differ in size or direction.
        shared: Whether other scans are part of the same series.
    """

    name: str
    mark: str
    slices: tuple[SliceHeader, ...]
    patient: str
    damaged: tuple[LeftOut, ...]
    stray: tuple[SliceHeader, ...]
    shared: bool

    @property
    def uid(self) -> str:
        """The identity by which masks refer to it; may be empty."""
        return self.slices[0].series_uid

    @property
    def mask_folder(self) -> Path | None:
        """Folder of the masks where the scan lies as in 3D-IRCADb-1 or CHAOS; else None."""
        return find_mask_folder(self.slices[0].path)

    def has(self, mask: MaskHeader) -> bool:
        """Whether a mask outlines this scan."""
        instances = frozenset(slice_.instance_uid for slice_ in self.slices)
        return mask.outlines(self.uid, instances, shared=self.shared)


@dataclass(frozen=True)
class FoundDicom:
    """What lies in some folders: scans, masks (DICOM-SEG, RTSTRUCT), and files that are neither."""

    series: tuple[Series, ...]
    masks: tuple[MaskHeader, ...]
    left_out: tuple[LeftOut, ...]


def find_series(folders: Sequence[Path]) -> FoundDicom:
    """All CT scans below some folders, in natural order of folder, then by number and identity.

    A series may be spread over several folders, and hold several scans. Files are looked at as by
    ``describe_files``.

    Raises:
        DataError: One of the folders does not exist.
    """
    files = describe_files(folders)
    series = _group_slices(files.slices, files.damaged)
    taken = {each for one in series for each in one.damaged}
    damaged = [each for each in files.damaged if each not in taken]
    stray = dict.fromkeys(slice_.path for one in series for slice_ in one.stray)
    astray = [LeftOut(path, STRAY) for path in stray]
    return FoundDicom(series, files.masks, (*files.left_out, *damaged, *astray))


def read_series(series: Series) -> Volume:
    """The scan in HU, as int16 where that is exact for every slice, else as float32.

    Raises:
        DataError: As for ``order_series`` and ``read_stack``.
    """
    return read_stack(order_series(series))


def order_series(series: Series, *, resampled: bool = False) -> Stack:
    """The slices in order, and the grid of the scan; pixels are not read.

    Args:
        series: The scan.
        resampled: As for ``build_stack``.

    Raises:
        DataError: As for ``build_stack``, or a file of its folder is damaged.
    """
    if series.damaged:
        file = series.damaged[0]
        raise DataError(
            series.name,
            expected="undamaged files: each may be a slice of this scan",
            received=f"{len(series.damaged)} damaged, the first {file.path.name}: {file.reason}",
            next_step="Fetch them again, or move them away if they do not belong to it.",
        )
    try:
        return build_stack(series.name, series.slices, resampled=resampled)
    except DataError as error:
        if not series.stray:
            raise
        stray = f"{series.stray[0].path.name} differs from the others in size or direction"
        raise DataError(
            error.subject,
            expected=error.expected,
            received=f"{error.received}; {stray} and is left out",
            next_step=error.next_step,
        ) from None


def _group_slices(slices: Sequence[SliceHeader], damaged: Sequence[LeftOut]) -> tuple[Series, ...]:
    """Slices by the identity of their series; those of 3D-IRCADb-1 and CHAOS by their folder."""
    groups: dict[tuple[str, str], list[SliceHeader]] = defaultdict(list)
    for slice_ in slices:
        masks = find_mask_folder(slice_.path)
        uid = "" if masks and is_one_scan(masks) else slice_.series_uid
        groups[str(masks or ""), uid or str(slice_.path.parent)].append(slice_)
    ordered = sorted(groups.values(), key=_order_key)
    homes = [group[0].path.parent for group in ordered]
    series: list[Series] = []
    for group in ordered:
        folders = {slice_.path.parent for slice_ in group}
        near = tuple(each for each in damaged if each.path.parent in folders)
        number = f"series {group[0].series_number}"
        alone = homes.count(group[0].path.parent) == 1
        parts, stray = split_series(group)
        for part in parts:
            mark = ", ".join(filter(None, ("" if alone else number, part.name)))
            series.append(
                Series(
                    name=_name_folder(group[0]) + (f" ({mark})" if mark else ""),
                    mark=mark,
                    slices=part.slices,
                    patient=_find_patient(group[0]),
                    damaged=near,
                    stray=tuple(stray),
                    shared=len(parts) > 1,
                )
            )
    return tuple(series)


def _order_key(group: list[SliceHeader]) -> tuple[object, ...]:
    first = group[0]
    return natural_key(str(first.path.parent)), first.series_number, first.series_uid


def _name_folder(slice_: SliceHeader) -> str:
    return escape_unprintable(str(slice_.path.parent))


def _find_patient(slice_: SliceHeader) -> str:
    masks = find_mask_folder(slice_.path)
    folder = str(slice_.path.parent)
    return str(masks.parent) if masks else slice_.patient_id or slice_.study_uid or folder
