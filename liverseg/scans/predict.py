"""Scans in, lesions out: what ``liverseg predict`` does, for use from Python too."""

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from liverseg.errors import DataError
from liverseg.outputs import sole_user, whole_folder
from liverseg.scans.dicom_out.writing import require_dicom, write_dicom
from liverseg.scans.files import PredictionsFolder, ScanFolder
from liverseg.scans.judging import judge_labels, judge_region, refuse_errors
from liverseg.scans.likeness import judge_likeness
from liverseg.scans.options import PLAIN, Options
from liverseg.scans.overlapping import Work, map_overlapping
from liverseg.scans.predictor import Prediction, Predictor
from liverseg.scans.provenance import Provenance, collect_provenance
from liverseg.scans.reading import ReadScan, is_done, judge_file, read_ahead
from liverseg.scans.results import write_lesions, write_tables
from liverseg.scans.sources import ScanSource, open_nifti_file
from liverseg.scans.summary import build_summary, write_summary
from liverseg.scans.uncertainty import write_uncertainty
from liverseg.volumes.nifti import write_labels, write_probability

if TYPE_CHECKING:
    from liverseg.scans.dicom_out.source import Source


@dataclass(frozen=True)
class FailedScan:
    """A scan that could not be predicted, and why."""

    scan: ScanSource
    error: DataError


def predict_scans(
    scans: Sequence[ScanSource],
    predictor: Predictor,
    out: Path,
    options: Options = PLAIN,
) -> tuple[FailedScan, ...]:
    """Predict scans, each into ``out/<name>``, then tabulate all scans of ``out``.

    A scan that cannot be read, or in which ``liverseg check`` would find an error, is left out and
    the others go on; so is one whose folder holds anything but results. What is done already, from
    the same scan, models, rules and flips, is not done again: after an interruption the same call
    goes on where it stopped. A scan's folder appears whole or not at all: ``labels.nii.gz`` on the
    grid of the scan, ``lesions.csv``, ``overlay.png``, ``summary.json`` and, where asked for, the
    probabilities, uncertainty and DICOM objects. ``out`` itself gets ``lesions.csv`` and
    ``scans.csv``, and loses an ``index.html`` that lists a replaced report. While the networks see
    a scan, the results of the one before are written, then the next one is read: memory is bounded
    by two volumes.

        found = find_scans([Path("scans")], Path("predictions"))
        predictor = Predictor(read_ensemble([Path("models/final")]))
        failed = predict_scans(found.scans, predictor, Path("predictions"))

    Args:
        scans: As ``find_scans`` found them.
        predictor: With which models, and how.
        out: Made where it is missing.
        options: What is written, and what is predicted at all.

    Returns:
        The scans that failed; empty where all is well.

    Raises:
        DataError: DICOM is asked for of all, and one is no series; nothing is predicted then.
        LiversegError: DICOM is asked for, and what writes it is not installed.
        ModelError: A model cannot be loaded, or is another one by now.
        BusyError: Another process predicts into ``out``.
        OSError: Results cannot be written.
    """
    if options.dicom:
        require_dicom(() if options.mixed else scans)
    provenance = collect_provenance(
        predictor.ensemble, predictor.chosen_flips, probabilities=options.probabilities
    )
    read = partial(read_ahead, out=out, wanted=provenance, options=options)
    predict = partial(
        _try_scan, predictor=predictor, out=out, provenance=provenance, options=options
    )
    failed = []
    overlapping = map_overlapping(read, predict, scans, description="predict")
    with sole_user(out), closing(overlapping) as outcomes:
        for scan, outcome in zip(scans, outcomes, strict=True):
            if isinstance(outcome, DataError):
                failed.append(FailedScan(scan, outcome))
            elif outcome is not None:
                logging.getLogger(__name__).info(outcome)
        write_tables(out, [each.scan.name for each in failed])
    return tuple(failed)


def _try_scan(
    read: ReadScan, *, predictor: Predictor, out: Path, provenance: Provenance, options: Options
) -> Work[DataError | str | None]:
    """What is wrong with a scan, since an error would end the work on the others, or a note.

    It yields once the networks are done with the scan.
    """
    folder = out / read.scan.name
    try:
        read = read.complete_hash()
        if not options.force and is_done(folder, read, provenance, options):
            return f"{read.scan.name}: done before"
        ScanFolder(folder).refuse_others()
        yield from _predict_scan(read, folder, predictor, provenance, options)
    except DataError as error:
        return error.with_traceback(None)  # which would hold the scan
    return None


def _predict_scan(
    read: ReadScan, folder: Path, predictor: Predictor, provenance: Provenance, options: Options
) -> Work[None]:
    scan = read.scan
    source = _read_source(scan) if options.dicom else None
    with whole_folder(folder) as new, open_nifti_file(scan, new) as path:
        volume, checked = read.content or judge_file(path)
        refuse_errors(scan.name, volume, checked, force_input=options.force_input)
        answer = predictor.ask_networks(volume)
        yield
        prediction = predictor.conclude(volume, answer)
        read.refuse_another()
        labels, lesions = prediction.labels, prediction.lesions
        write_labels(ScanFolder(new).labels, labels, like=path)
        if provenance.probabilities:
            _write_probabilities(new, prediction, path)
        write_lesions(new, lesions)
        connectivity = predictor.ensemble.rules.lesion_connectivity
        from liverseg.scans.pictures import draw_scan  # after the reading: it loads fonts

        draw_scan(ScanFolder(new).overlay, volume, labels, connectivity)
        entropy = None
        if options.uncertainty:
            rules = predictor.ensemble.rules
            entropy = write_uncertainty(ScanFolder(new), volume, prediction, rules, path)
        findings = (
            *checked.findings,
            *judge_region(prediction.region_source),
            *judge_labels(volume, checked.body, labels),
            *judge_likeness(prediction.figures, predictor.ensemble.seen),
        )
        summary = build_summary(
            scan.name, read.sha256, prediction, volume.grid, provenance, findings
        )
        write_summary(new, summary)
        if source is not None:
            write_dicom(ScanFolder(new), source, prediction, summary, entropy)
        if ScanFolder(folder).report.exists():  # it goes with the folder that the new one replaces
            PredictionsFolder(folder.parent).index.unlink(missing_ok=True)


def _read_source(scan: ScanSource) -> "Source | None":
    from liverseg.scans.dicom_out.source import read_source

    return read_source(scan.series) if scan.series is not None else None


def _write_probabilities(folder: Path, prediction: Prediction, like: Path) -> None:
    done = ScanFolder(folder)
    write_probability(done.liver_probability, prediction.restore_probability("liver"), like)
    write_probability(done.lesion_probability, prediction.restore_probability("lesion"), like)
