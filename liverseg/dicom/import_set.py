"""A folder of DICOM files as a data set of NIfTI files, with nobody's name in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from liverseg.dicom.convert import Conversion, Job, convert_series
from liverseg.dicom.headers import LeftOut
from liverseg.dicom.series import Series, find_series
from liverseg.errors import DataError, LiversegError
from liverseg.imported import ImportedCase
from liverseg.names import escape_unprintable
from liverseg.parallel import map_cases
from liverseg.tables.csv_rows import write_rows
from liverseg.text import format_notes
from liverseg.volumes.data_set import DataSetFolder, new_data_set
from liverseg.volumes.structure_names import Patterns

MAX_SHOWN_FAILURES = 10


@dataclass(frozen=True)
class Imported:
    """What became of all files.

    Attributes:
        cases: The scans that were written.
        failures: What is wrong with each of the others.
        left_out: Files that are no part of a scan or a mask.
    """

    cases: tuple[ImportedCase[Job], ...]
    failures: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def import_dicom(
    folders: Sequence[Path],
    root: Path,
    patterns: Patterns,
    *,
    straightened: bool = False,
    resampled: bool = False,
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
        resampled: Whether uneven slices are resampled to even distances.
        key: Where it is written who is who, before ``root`` appears, for its owner's eyes alone;
            None for nowhere.

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
    conversion = Conversion(found.masks, patterns, straightened, resampled)
    with new_data_set(root) as partial_root:
        convert = partial(_try_convert, partial_root, conversion)
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
        write_rows(DataSetFolder(partial_root).patients, ("case_id", "patient_id"), rows)
        if key is not None:
            _write_key(key, cases)
    astray = [
        LeftOut(mask.path, f"a {mask.kind} of no series that was found")
        for mask in found.masks
        if not any(series.has(mask) for series in found.series)
    ]
    return Imported(cases, failures, (*found.left_out, *astray))


def describe_left_out(files: Sequence[LeftOut]) -> list[str]:
    """A line for each reason, with the number of files, their folders and the name of one."""
    groups: dict[str, list[LeftOut]] = {}
    for each in files:
        groups.setdefault(each.reason, []).append(each)
    lines = []
    for reason, group in groups.items():
        folders = list(dict.fromkeys(each.path.parent for each in group))
        others = f" and {len(folders) - 1} other folders" if folders[1:] else ""
        more = ", ..." if group[1:] else ""
        left_out = f"{len(group)} left out, {reason} ({group[0].path.name}{more})"
        lines.append(escape_unprintable(f"{folders[0]}{others}: {left_out}"))
    return lines


def describe_notes(cases: Sequence[ImportedCase[Job]]) -> list[str]:
    """A line for each note, with the cases that it holds for."""
    return format_notes({case.job.case_id: case.notes for case in cases})


def _write_key(path: Path, cases: Sequence[ImportedCase[Job]]) -> None:
    """Write who is who: the file that makes the import no longer anonymous.

    It is its owner's alone from its first byte, whatever the umask and an older file allow.
    """
    columns = ("case_id", "patient_id", "original_patient", "series_uid", "source")
    rows = [
        (
            *(case.job.case_id, case.job.patient_id),
            *(escape_unprintable(series.patient), series.uid, series.name),
        )
        for case in cases
        for series in [case.job.series]
    ]
    write_rows(path, columns, rows, mode=0o600)


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


def _try_convert(root: Path, conversion: Conversion, job: Job) -> ImportedCase[Job] | str:
    """The case, or what is wrong with it: an error would end the work on the other cases."""
    try:
        return convert_series(root, conversion, job)
    except DataError as error:
        return escape_unprintable(f"{job.case_id}: {error}")
