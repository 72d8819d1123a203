"""Cases of a data set of volumes: which file is the scan, which files hold its structures."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from liverseg.cases.finding import find_volume_files
from liverseg.cases.layouts import LabelMap, recognise_layout
from liverseg.cases.pairing import group_files, pair_files
from liverseg.errors import DataError
from liverseg.names import escape_unprintable
from liverseg.tables.case_table import natural_key
from liverseg.volumes.itk_header import find_volume_stem

STRUCTURE_FOLDER = "segmentations"
"""Beside the scan, a file for each structure: the data set of TotalSegmentator, and what it writes
(github.com/wasserth/TotalSegmentator, "Training")."""


@dataclass(frozen=True)
class MaskFile:
    """A file of a mask.

    Attributes:
        path: The file.
        structure: The name of the one structure in it; None where its values tell several apart.
        label_map: What these values stand for; empty where the set does not say.
    """

    path: Path
    structure: str | None
    label_map: LabelMap = ()


@dataclass(frozen=True)
class VolumeJob:
    """A case to be imported.

    Attributes:
        case_id: Its name in the new data set.
        patient_id: The patient.
        scan: File of the scan.
        masks: Files of its structures.
    """

    case_id: str
    patient_id: str
    scan: Path
    masks: tuple[MaskFile, ...]

    @property
    def source(self) -> str:
        """Where it came from, for people."""
        return escape_unprintable(str(self.scan))


@dataclass(frozen=True)
class FailedImport:
    """A case that could not be imported, and why."""

    case_id: str
    error: DataError


def find_volume_jobs(roots: Sequence[Path]) -> tuple[list[VolumeJob], list[FailedImport]]:
    """The cases below some folders in natural order, and what is wrong with each of the others.

    Raises:
        DataError: A folder is no data set, or two cases have one name.
    """
    jobs: list[VolumeJob] = []
    failures: list[FailedImport] = []
    for root in roots:
        files = find_volume_files(root)
        if has_structures(files):
            found = list(_list_structured(root, files))
        else:
            found = list(_list_pairs(root, files))
        jobs += [job for job in found if isinstance(job, VolumeJob)]
        failures += [job for job in found if isinstance(job, FailedImport)]
    jobs.sort(key=lambda job: natural_key(job.case_id))
    for job, following in pairwise(jobs):
        if job.case_id == following.case_id:
            raise DataError(
                f"case {job.case_id}",
                expected="one scan a name, which is its name in the new data set",
                received=f"{job.scan} and {following.scan}",
                next_step="Rename one, or import them into different folders.",
            )
    return jobs, failures


def has_structures(files: Sequence[PurePosixPath]) -> bool:
    """Whether somewhere a volume lies beside ``segmentations/``, which LiTS has, too, without."""
    folders = {file.parent for file in files}
    return any(folder.name == STRUCTURE_FOLDER and folder.parent in folders for folder in folders)


def _list_structured(
    root: Path, files: Sequence[PurePosixPath]
) -> Iterator[VolumeJob | FailedImport]:
    """A case a folder that holds one volume beside ``segmentations/``; named like its folder."""
    inside: dict[PurePosixPath, list[PurePosixPath]] = defaultdict(list)
    for file in files:
        inside[file.parent].append(file)
    for folder in [each for each in inside if each.name == STRUCTURE_FOLDER]:
        scans = inside.get(folder.parent, [])
        case_id = folder.parent.name or root.resolve().name
        if len(scans) == 1:
            masks = (MaskFile(root / file, find_volume_stem(file.name)) for file in inside[folder])
            yield VolumeJob(case_id, case_id, root / scans[0], tuple(masks))
            continue
        error = DataError(
            str(root / folder.parent),
            expected=f"one scan beside {STRUCTURE_FOLDER}/",
            received=", ".join(file.name for file in scans) or "none",
            next_step="Leave one there, such as ct.nii.gz.",
        )
        yield FailedImport(case_id, error)


def _list_pairs(root: Path, files: Sequence[PurePosixPath]) -> Iterator[VolumeJob | FailedImport]:
    """The cases of a set in a layout that ingest knows, whatever the format of its files."""
    named = {_name_like_nifti(file): file for file in files}
    if len(named) < len(files):
        twin = next(file for file in files if named[_name_like_nifti(file)] != file)
        raise DataError(
            str(root / twin),
            expected="one volume a name",
            received=f"{twin.name} and {named[_name_like_nifti(twin)].name}",
            next_step="Move one of them away.",
        )
    layout = recognise_layout(root, named)
    for found in group_files(named, layout, ()):
        try:
            pair = pair_files(found, layout, None)
            label_map = layout.read_labels(root, PurePosixPath(pair.mask))
        except DataError as error:
            yield FailedImport(found.case_id, error)
            continue
        scan, mask = (root / named[PurePosixPath(file)] for file in (pair.scan, pair.mask))
        yield VolumeJob(pair.case_id, pair.patient_id, scan, (MaskFile(mask, None, label_map),))


def _name_like_nifti(file: PurePosixPath) -> PurePosixPath:
    return file.with_name(f"{find_volume_stem(file.name)}.nii.gz")
