"""A folder of DICOM files as a data set of NIfTI files, with nobody's name in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from liverseg.cases.csv_rows import write_rows
from liverseg.cases.names import escape_unprintable
from liverseg.dicom.headers import LeftOut, SegmentationHeader
from liverseg.dicom.hu import read_stack
from liverseg.dicom.masks import NamedLabels, Patterns, build_labels
from liverseg.dicom.series import Series, find_series, order_series
from liverseg.dicom.straighten import straighten
from liverseg.errors import DataError, LiversegError
from liverseg.labels import BACKGROUND
from liverseg.outputs import whole_folder
from liverseg.parallel import map_cases
from liverseg.volumes.grid import LARGEST_SHEAR
from liverseg.volumes.nifti import Volume, write_labels, write_scan

PATIENTS_FILE = "patients.csv"
MAX_SHOWN_FAILURES = 10
AIR_HU = -1024


@dataclass(frozen=True)
class Job:
    """A scan to be written, under names that say nothing of its patient."""

    case_id: str
    patient_id: str
    series: Series


@dataclass(frozen=True)
class ImportedCase:
    """A scan that was written.

    Attributes:
        job: What it is called, and where it came from.
        shape: Voxels along i, j, k.
        spacing_mm: Distances of their centres.
        liver: Names of the structures that became liver; empty without masks.
        lesion: Likewise.
        unused: Names of structures that were neither.
        notes: What the user should know of it.
    """

    job: Job
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    liver: tuple[str, ...]
    lesion: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """What became of all files.

    Attributes:
        cases: The scans that were written.
        failures: What is wrong with each of the others.
        left_out: Files that are no part of a scan or a mask.
    """

    cases: tuple[ImportedCase, ...]
    failures: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def import_dicom(
    folders: Sequence[Path],
    root: Path,
    patterns: Patterns,
    *,
    straightened: bool = False,
    key: Path | None = None,
) -> Imported:
    """Write every CT series below some folders to ``root/images``, its mask to ``root/masks``.

    Cases are numbered in the order of ``find_series`` (folder, then number of the series), those
    that cannot be used too: mended, they fill the gap. ``root/patients.csv`` tells which of them
    show the same patient. No name, date or identity of a header is written.

    Args:
        folders: Where the DICOM files are.
        root: The data set; appears whole or not at all.
        patterns: Which structures are liver and lesion.
        straightened: Whether scans of a tilted gantry are resampled to a rectangular grid.
        key: Where it is written who is who, before ``root`` appears; None for nowhere.

    Raises:
        LiversegError: ``root`` holds files already, or nothing can be imported.
    """
    found = find_series(folders)
    if not found.series:
        listed = "; ".join(describe_left_out(found.left_out)[:5])
        raise DataError(
            ", ".join(str(folder) for folder in folders),
            expected="CT slices",
            received=listed or "no files",
            next_step="Name the folder that holds the DICOM files of the scans.",
        )
    jobs = _number_cases(found.series)
    with open_new_root(root) as partial_root:
        convert = partial(_try_convert, partial_root, found.segmentations, patterns, straightened)
        results = list(map_cases(convert, jobs, description="import"))
        failures = tuple(result for result in results if isinstance(result, str))
        cases = tuple(result for result in results if isinstance(result, ImportedCase))
        if not cases:
            shown = "\n".join(f"  {failure}" for failure in failures[:MAX_SHOWN_FAILURES])
            more = f"\n  ... and {len(failures) - MAX_SHOWN_FAILURES} more"
            raise LiversegError(
                f"none of {len(jobs)} series can be imported:\n{shown}"
                f"{more if failures[MAX_SHOWN_FAILURES:] else ''}"
            )
        rows = [(case.job.case_id, case.job.patient_id) for case in cases]
        write_rows(partial_root / PATIENTS_FILE, ("case_id", "patient_id"), rows)
        if key is not None:
            _write_key(key, cases)
    known = {series.uid for series in found.series}
    astray = [
        LeftOut(each.path, "a DICOM-SEG of no series that was found")
        for each in found.segmentations
        if each.series_uid not in known
    ]
    return Imported(cases, failures, (*found.left_out, *astray))


def describe_left_out(left_out: Sequence[LeftOut]) -> list[str]:
    """A line for each folder and reason, with the number of files and the name of one."""
    groups: dict[tuple[Path, str], list[LeftOut]] = {}
    for each in left_out:
        groups.setdefault((each.path.parent, each.reason), []).append(each)
    return [
        escape_unprintable(
            f"{folder}: {len(group)} left out, {reason} ({group[0].path.name}"
            f"{', ...' if group[1:] else ''})"
        )
        for (folder, reason), group in groups.items()
    ]


def _write_key(path: Path, cases: Sequence[ImportedCase]) -> None:
    """Write who is who: the file that makes the import no longer anonymous."""
    columns = ("case_id", "patient_id", "original_patient", "series_uid", "source")
    rows = [
        (
            *(case.job.case_id, case.job.patient_id),
            *(escape_unprintable(series.patient), series.uid, series.name),
        )
        for case in cases
        for series in [case.job.series]
    ]
    write_rows(path, columns, rows)


@contextmanager
def open_new_root(root: Path) -> Iterator[Path]:
    """``whole_folder`` where there are no files yet.

    Raises:
        DataError: ``root`` is a file, or a folder that is not empty.
    """
    if root.exists() and not (root.is_dir() and not any(root.iterdir())):
        raise DataError(
            str(root),
            expected="a new or an empty folder",
            received="a folder with files" if root.is_dir() else "a file",
            next_step="Name another, or remove it first.",
        )
    with whole_folder(root) as partial_root:
        yield partial_root


def _number_cases(series: Sequence[Series]) -> list[Job]:
    patients = list(dict.fromkeys(each.patient for each in series))
    width = max(3, len(str(len(series))))
    return [
        Job(
            case_id=f"case_{number:0{width}}",
            patient_id=f"patient_{1 + patients.index(each.patient):0{width}}",
            series=each,
        )
        for number, each in enumerate(series, start=1)
    ]


def _try_convert(
    root: Path,
    segmentations: Sequence[SegmentationHeader],
    patterns: Patterns,
    straightened: bool,
    job: Job,
) -> ImportedCase | str:
    """The case, or what is wrong with it: an error would end the work on the other cases."""
    try:
        return _convert(root, segmentations, patterns, straightened, job)
    except DataError as error:
        return escape_unprintable(f"{job.case_id}: {error}")


def _convert(
    root: Path,
    segmentations: Sequence[SegmentationHeader],
    patterns: Patterns,
    straightened: bool,
    job: Job,
) -> ImportedCase:
    stack = order_series(job.series)
    named = build_labels(job.series, stack.grid, segmentations, patterns)
    scan = read_stack(stack)
    labels = Volume(named.labels, stack.grid) if named else None
    if straightened and stack.grid.shear > LARGEST_SHEAR:
        scan = straighten(scan, order=1, fill=AIR_HU)
        labels = straighten(labels, order=0, fill=BACKGROUND) if labels else None
    name = f"{job.case_id}.nii.gz"
    (root / "images").mkdir(exist_ok=True)
    write_scan(root / "images" / name, scan)
    if labels:
        (root / "masks").mkdir(exist_ok=True)
        write_labels(root / "masks" / name, labels.data, root / "images" / name)
    return ImportedCase(
        job=job,
        shape=scan.grid.shape,
        spacing_mm=scan.grid.spacing_mm,
        liver=named.liver if named else (),
        lesion=named.lesion if named else (),
        unused=named.unused if named else (),
        notes=(*stack.notes, *_list_mask_notes(named)),
    )


def _list_mask_notes(named: NamedLabels | None) -> list[str]:
    if named is None:
        return ["no mask"]
    if not named.lesion:
        unused = ", ".join(named.unused) or "no other structure"
        return [f"no lesion: {unused} besides the liver"]
    return []
