"""One job, in a process of its own: from what was sent to what ``liverseg predict`` makes of it.

What there is to tell goes to standard output, a line of JSON each; see ``Told``.
"""

import argparse
import json
import logging
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, count
from pathlib import Path
from typing import Literal

from liverseg.archives.received import Budget
from liverseg.archives.unpacking import is_archive, unpack_archive
from liverseg.dicom.magic import is_dicom
from liverseg.errors import EXIT_CODE, DataError, LiversegError, describe_os_error
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.files import ScanFolder
from liverseg.scans.named_models import find_models
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.report.writing import write_reports
from liverseg.scans.scans import find_scans, order_scans
from liverseg.scans.sources import ScanSource, open_nifti_file
from liverseg.serving.job_budget import build_budget
from liverseg.serving.job_folder import JobFolder
from liverseg.text import format_notes
from liverseg.viewing.scene import find_start
from liverseg.volumes.itk_header import find_volume_stem
from liverseg.volumes.nifti import read_labels, read_scan, write_scan


@dataclass(frozen=True)
class Told:
    """A line of what a job tells.

    Attributes:
        kind: ``scans`` once they are counted, ``view`` of a scan that can be looked at, ``note``
            for people, ``failed`` of a scan or of all.
        text: The note, or the name of the scan.
        number: Of scans.
        path: Of the scan as one NIfTI file.
        start_mm: Where a look at it begins, (x, y, z) in RAS; None without liver.
    """

    kind: Literal["scans", "view", "note", "failed"]
    text: str = ""
    number: int = 0
    path: str = ""
    start_mm: tuple[float, float, float] | None = None

    def say(self) -> None:
        """Write the line."""
        print(json.dumps(asdict(self)), flush=True)


MOST_NAMES = 5

VOXELS = re.compile(r"\.(img|z?raw)(\.gz)?$", re.IGNORECASE)
"""Files that a header beside them names."""

TOLD = b'{"kind": '
"""How each line begins."""


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        Told("note", record.getMessage()).say()


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the job; returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--left-bytes", type=int, required=True)
    parser.add_argument("--left-files", type=int, required=True)
    parser.add_argument("--model", action="append")
    parser.add_argument("--force-input", action="store_true")
    parser.add_argument("--dicom", action="store_true")
    parser.add_argument("--uncertainty", action="store_true")
    given = parser.parse_args(arguments)
    logging.getLogger("liverseg").addHandler(_Notes())
    try:
        _do_job(JobFolder(given.folder), given)
    except (LiversegError, OSError) as error:
        message = describe_os_error(error) if isinstance(error, OSError) else None
        Told("failed", message or str(error)).say()
        return EXIT_CODE
    return 0


def _do_job(job: JobFolder, given: argparse.Namespace) -> None:
    scans = _find_scans(job, build_budget(given.left_bytes, given.left_files))
    Told("scans", number=len(scans)).say()
    if not scans:
        return
    options = Options(
        uncertainty=given.uncertainty,
        dicom=given.dicom,
        mixed=True,
        force_input=given.force_input,
    )
    predictor = Predictor(read_ensemble(find_models(given.model)))
    failed = predict_scans(scans, predictor, job.results, options)
    for each in failed:
        Told("failed", str(each.error)).say()
    names = {each.scan.name for each in failed}
    done = [scan for scan in scans if scan.name not in names]
    if not done:
        return
    for failure in write_reports(job.results, None, None).failures:
        Told("failed", failure).say()
    for scan in done:
        _prepare_view(job, scan)
    _pack_results(job)


def _find_scans(job: JobFolder, budget: Budget) -> tuple[ScanSource, ...]:
    """What ``liverseg predict`` would find; what holds no scan is told, and masks are.

    Raises:
        DataError: There is nothing that could hold a scan, or two have the same name, by their
            folders too.
    """
    names = sorted(path.name for path in job.uploaded.iterdir())
    paths = list(_arrange_inputs(job.uploaded))
    if not paths:
        raise DataError(
            ", ".join(names[:MOST_NAMES]),
            expected="scans as NIfTI, NRRD, MetaImage or DICOM, or zip archives of them",
            received="no such file",
            next_step="Choose the scans, or convert them to one of these.",
        )
    scans: list[ScanSource] = []
    masks: dict[str, list[str]] = {}
    for path in paths:
        try:
            archives = {_unpack(path, budget): path} if is_archive(path) else {}
            found = find_scans(list(archives) or [path], job.results, archives=archives)
        except LiversegError as error:
            Told("failed", str(error)).say()
            continue
        scans += found.scans
        masks |= {str(mask): ["left out, a mask by its name"] for mask in found.masks}
    for note in format_notes(masks):
        Told("note", note).say()
    return order_scans(scans)


def _arrange_inputs(uploaded: Path) -> Iterator[Path]:
    """What can hold scans: files, archives and folders, loose slices in one of their own."""
    loose = _find_free_name(uploaded / "DICOM")
    for path in sorted(uploaded.iterdir()):
        if path.is_dir() or is_archive(path) or find_volume_stem(path.name) is not None:
            yield path
        elif is_dicom(path):
            loose.mkdir(exist_ok=True)
            path.rename(loose / path.name)
        elif not VOXELS.search(path.name):
            Told(
                "note", f"{path.name}: neither NIfTI nor DICOM, NRRD, MetaImage or zip, left out"
            ).say()
    if loose.exists():
        yield loose


def _unpack(archive: Path, budget: Budget) -> Path:
    """The folder that takes the place of an archive."""
    folder = _find_free_name(archive.with_suffix(""))
    unpack_archive(archive, folder, budget)
    archive.unlink()
    return folder


def _find_free_name(path: Path) -> Path:
    """The path, or one with a number behind it that is not there yet."""
    numbered = (path.with_name(f"{path.name} {number}") for number in count(2))
    return next(free for free in chain([path], numbered) if not free.exists())


def _prepare_view(job: JobFolder, scan: ScanSource) -> None:
    """Say where the scan lies as one NIfTI file, which other kinds are written to."""
    path = scan.files[0]
    if not scan.is_nifti or len(scan.files) > 1:
        job.views.mkdir(exist_ok=True)
        path = job.views / f"{scan.name}.nii"
        with open_nifti_file(scan, job.views) as opened:
            write_scan(path, read_scan(opened))
    labels = read_labels(ScanFolder(job.results / scan.name).labels)
    start_mm = find_start(labels.data, labels.grid)
    Told("view", scan.name, path=str(path), start_mm=start_mm).say()


def _pack_results(job: JobFolder) -> None:
    with zipfile.ZipFile(job.packed, "w") as archive:  # stored: the labels are packed already
        for path in sorted(job.results.rglob("*")):
            if path.is_file():
                archive.write(path, Path("liverseg") / path.relative_to(job.results))


if __name__ == "__main__":
    sys.exit(main())
