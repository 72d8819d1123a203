"""A data set of volumes, in any layout and format that is known, as NIfTI scans and labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from liverseg.errors import DataError, LiversegError
from liverseg.imported import ImportedCase
from liverseg.importing.mask_labels import build_labels
from liverseg.importing.volume_jobs import FailedImport, VolumeJob, find_volume_jobs
from liverseg.parallel import map_cases
from liverseg.tables.csv_rows import write_rows
from liverseg.volumes.data_set import DataSetFolder, new_data_set
from liverseg.volumes.itk import read_itk_scan
from liverseg.volumes.itk_header import find_itk_stem
from liverseg.volumes.nifti import read_scan
from liverseg.volumes.structure_names import Patterns

MAX_SHOWN_FAILURES = 10


@dataclass(frozen=True)
class ImportedVolumes:
    """What became of all cases.

    Attributes:
        cases: Those that were written.
        failures: What is wrong with each of the others.
        without_liver: Those that show no liver, which are left out.
    """

    cases: tuple[ImportedCase[VolumeJob], ...]
    failures: tuple[FailedImport, ...]
    without_liver: tuple[str, ...]


def import_volumes(roots: Sequence[Path], root: Path, patterns: Patterns) -> ImportedVolumes:
    """Write every scan below some folders to ``root/images``, its labels to ``root/masks``.

    Known are the layouts of ``cases.layouts``, in NIfTI, NRRD and MetaImage, and a file for each
    structure in ``segmentations/`` beside the scan. Cases keep their names. A case of which all
    masks are empty is left out.

    Args:
        roots: Folders of one data set each.
        root: The data set; appears whole or not at all.
        patterns: Which structures are liver and lesion; of a mask with several values these are
            names too, and without patterns 1 is liver and 2 is lesion.

    Raises:
        DataError: A folder is no data set, or ``root`` holds files already.
        LiversegError: Nothing can be imported, or a file is NRRD or MetaImage and SimpleITK is not
            installed.
    """
    jobs, failures = find_volume_jobs(roots)
    with new_data_set(root) as partial_root:
        convert = partial(_try_convert, partial_root, patterns)
        results = list(map_cases(convert, jobs, description="import"))
        failures += [result for result in results if isinstance(result, FailedImport)]
        cases = tuple(result for result in results if isinstance(result, ImportedCase))
        if not cases:
            raise _build_emptiness(len(jobs), failures)
        rows = [(case.job.case_id, case.job.patient_id) for case in cases]
        write_rows(DataSetFolder(partial_root).patients, ("case_id", "patient_id"), rows)
    without = [job.case_id for job, result in zip(jobs, results, strict=True) if result is None]
    return ImportedVolumes(cases, tuple(failures), tuple(without))


def _try_convert(
    root: Path, patterns: Patterns, job: VolumeJob
) -> ImportedCase[VolumeJob] | FailedImport | None:
    """The case, None without liver, or what is wrong: an error would end the work on the others."""
    try:
        return _convert(root, patterns, job)
    except DataError as error:
        return FailedImport(job.case_id, error)


def _convert(root: Path, patterns: Patterns, job: VolumeJob) -> ImportedCase[VolumeJob] | None:
    is_itk = find_itk_stem(job.scan.name) is not None
    scan = read_itk_scan(job.scan) if is_itk else read_scan(job.scan)
    named = build_labels(job.masks, scan.grid, patterns, job.case_id)
    if not named.labels.any():
        return None
    DataSetFolder(root).write_case(job.case_id, scan, named.labels)
    unused = ", ".join(named.unused[:5]) or "no other structure"
    no_lesion = f"no lesion: {unused}{', ...' if named.unused[5:] else ''} besides the liver"
    return ImportedCase(
        job=job,
        shape=scan.grid.shape,
        spacing_mm=scan.grid.spacing_mm,
        liver=named.liver,
        lesion=named.lesion,
        unused=named.unused,
        notes=(*scan.notes, *(() if named.lesion else (no_lesion,))),
    )


def _build_emptiness(num_jobs: int, failures: Sequence[FailedImport]) -> LiversegError:
    shown = "".join(f"\n  {each.case_id}: {each.error}" for each in failures[:MAX_SHOWN_FAILURES])
    more = len(failures) - MAX_SHOWN_FAILURES
    return LiversegError(
        f"none of {max(num_jobs, len(failures))} cases can be imported"
        f"{':' if failures else ', all masks are empty'}{shown}"
        f"{f'{chr(10)}  ... and {more} more' if more > 0 else ''}"
    )
