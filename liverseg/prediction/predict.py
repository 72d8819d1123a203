"""Scans in, lesions out: what ``liverseg predict`` does, for use from Python too."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from liverseg.errors import DataError
from liverseg.outputs import whole_folder
from liverseg.postprocess.way_back import restore_quantised
from liverseg.prediction.files import (
    INDEX_FILE,
    LESION_PROBABILITY_FILE,
    LESIONS_FILE,
    LIVER_PROBABILITY_FILE,
    OVERLAY_FILE,
    REPORT_FILE,
    refuse_other_folder,
)
from liverseg.prediction.pictures import draw_scan
from liverseg.prediction.predictor import Prediction, Predictor
from liverseg.prediction.provenance import Provenance, collect_provenance, hash_files
from liverseg.prediction.results import write_lesions, write_tables
from liverseg.prediction.scans import ScanSource, open_nifti_file
from liverseg.prediction.summary import build_summary, read_summary, write_summary
from liverseg.scoring.mask_pairs import PREDICTED_LABELS
from liverseg.volumes.nifti import read_scan, write_labels, write_probability


@dataclass(frozen=True)
class FailedScan:
    """A scan that could not be predicted, and why."""

    scan: ScanSource
    error: DataError


def predict_scans(
    scans: Sequence[ScanSource],
    predictor: Predictor,
    out: Path,
    *,
    with_probabilities: bool = False,
    force: bool = False,
) -> tuple[FailedScan, ...]:
    """Predict scans, each into ``out/<name>``, then tabulate all scans of ``out``.

    A scan that cannot be read is left out and the others go on; so is one whose folder holds
    anything but results. What is done already, from the same scan, models, rules and flips, is not
    done again: after an interruption the same call goes on where it stopped. A scan's folder
    appears whole or not at all: ``labels.nii.gz`` on the grid of the scan, ``lesions.csv``,
    ``overlay.png``, ``summary.json`` and, where asked for, the probabilities. ``out`` itself gets
    ``lesions.csv`` and ``scans.csv``, and loses an ``index.html`` that lists a replaced report.
    Memory is bounded by one volume.

        found = find_scans([Path("scans")], Path("predictions"))
        predictor = Predictor(read_ensemble([Path("models/final")]))
        failed = predict_scans(found.scans, predictor, Path("predictions"))

    Args:
        scans: As ``find_scans`` found them.
        predictor: With which models, and how.
        out: Made where it is missing.
        with_probabilities: Write the probabilities of liver and lesion as well.
        force: Predict again what is done.

    Returns:
        The scans that failed; empty where all is well.

    Raises:
        ModelError: A model cannot be loaded.
        OSError: Results cannot be written.
    """
    provenance = collect_provenance(
        predictor.ensemble, predictor.flips, probabilities=with_probabilities
    )
    out.mkdir(parents=True, exist_ok=True)
    failed = []
    for scan in tqdm(scans, desc="predict", unit="scan"):
        folder = out / scan.name
        try:
            scan_sha256 = hash_files(scan.files)
            if not force and _is_done(folder, scan_sha256, provenance):
                logging.getLogger(__name__).info(f"{scan.name}: done before")
                continue
            refuse_other_folder(folder)
            _predict_scan(scan, scan_sha256, folder, predictor, provenance)
        except DataError as error:
            failed.append(FailedScan(scan, error))
    write_tables(out, [each.scan.name for each in failed])
    return tuple(failed)


def _predict_scan(
    scan: ScanSource, scan_sha256: str, folder: Path, predictor: Predictor, provenance: Provenance
) -> None:
    with open_nifti_file(scan) as path, whole_folder(folder) as new:
        volume = read_scan(path)
        prediction = predictor.predict(volume)
        labels, lesions = prediction.labels, prediction.lesions
        write_labels(new / PREDICTED_LABELS, labels, like=path)
        if provenance.probabilities:
            _write_probabilities(new, prediction, path)
        write_lesions(new, lesions)
        connectivity = predictor.ensemble.rules.lesion_connectivity
        draw_scan(new / OVERLAY_FILE, volume, labels, connectivity)
        summary = build_summary(
            scan.name, scan_sha256, labels, volume.grid, len(lesions), provenance
        )
        write_summary(new, summary)
        if (folder / REPORT_FILE).exists():  # it goes with the folder that the new one replaces
            folder.with_name(INDEX_FILE).unlink(missing_ok=True)


def _is_done(folder: Path, scan_sha256: str, wanted: Provenance) -> bool:
    """Whether a folder holds the results of this scan, from these models, rules and flips.

    The commit, the versions of packages and the names of the models' folders play no part.
    """
    names = [PREDICTED_LABELS, LESIONS_FILE, OVERLAY_FILE]
    if wanted.probabilities:
        names += [LIVER_PROBABILITY_FILE, LESION_PROBABILITY_FILE]
    if not all((folder / name).is_file() for name in names):
        return False
    try:
        summary = read_summary(folder)
    except DataError:
        return False
    made = summary.provenance
    return (
        scan_sha256 == summary.scan_sha256
        and _list_causes(made) == _list_causes(wanted)
        and (made.probabilities or not wanted.probabilities)
    )


def _list_causes(provenance: Provenance) -> tuple[object, ...]:
    return [model.md5 for model in provenance.models], provenance.rules, provenance.flips


def _write_probabilities(folder: Path, prediction: Prediction, like: Path) -> None:
    on_slices = prediction.on_slices
    liver = restore_quantised(on_slices.values[..., 0], on_slices.slice_grid)
    write_probability(folder / LIVER_PROBABILITY_FILE, liver, like)
    write_probability(folder / LESION_PROBABILITY_FILE, prediction.lesion_probability, like)
