"""What a user does from Python, one call each: predict scans, score masks, check a data set.

The same as the verbs of the command line, which call these. Libraries load inside the functions.
"""

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from liverseg.errors import require_choice
from liverseg.progress import progress_bars

if TYPE_CHECKING:
    from liverseg.cases.verify import SetCheck
    from liverseg.scans.predict import FailedScan
    from liverseg.scans.summary import ScanSummary
    from liverseg.scoring.case_score import CaseScore
    from liverseg.statistics.summary import Summary

AnyPath = str | os.PathLike[str]
Flips = Literal["none", "horizontal", "all"]
CONNECTIVITIES = (6, 18, 26)
MAX_NAMES = 5
NUM_BOOTSTRAPS = 2000  # replicates of every interval


@dataclass(frozen=True)
class PredictedScans:
    """What became of scans.

    Attributes:
        done: What ``summary.json`` says of each scan that was predicted, now or before, in natural
            order of their names; each names the folder of its results.
        failed: The scans that could not be predicted, and why; empty where all is well.
    """

    done: "tuple[ScanSummary, ...]"
    failed: "tuple[FailedScan, ...]"


@dataclass(frozen=True)
class ScoredMasks:
    """Scores of masks.

    Attributes:
        cases: One a pair of masks, in natural order of their ids.
        summary: Over all cases, each figure with its 95 % bootstrap interval.
    """

    cases: "tuple[CaseScore, ...]"
    summary: "Summary"


def predict(
    scans: AnyPath | Iterable[AnyPath],
    out: AnyPath,
    *,
    model: AnyPath | Iterable[AnyPath] | None = None,
    rules: AnyPath | None = None,
    flips: Flips | None = None,
    probabilities: bool = False,
    uncertainty: bool = False,
    dicom: bool = False,
    batch_size: int = 16,
    threads: int | None = None,
    force: bool = False,
    force_input: bool = False,
    progress: bool = True,
) -> PredictedScans:
    """Segment liver and tumours of CT scans, and measure every tumour.

    Each scan gets a folder ``out/NAME``, named after its file, and by its folders too where several
    share a name, with ``labels.nii.gz`` (0 background, 1 liver, 2 lesion, on the scan's grid),
    ``lesions.csv``, ``overlay.png`` and ``summary.json``; ``out`` itself gets tables of all. What
    is done stays: the same call goes on. For research; not for clinical use.

    >>> import liverseg
    >>> predicted = liverseg.predict("scan.nii.gz", "results", model="models/final")
    >>> scan = predicted.done[0]
    >>> scan.scan, scan.num_lesions, round(scan.liver_ml, 1), round(scan.lesion_ml, 2)
    ('scan', 2, 34.6, 0.61)
    >>> predicted.failed
    ()

    Args:
        scans: NIfTI, NRRD or MetaImage files, folders of them or of DICOM series, or zip archives
            of such folders. Of a folder, files named as masks are left out, with a warning.
        out: Folder of the results; made where it is missing.
        model: One model folder, or several whose probabilities are averaged; see ``find_models``.
            ``"ready"``, of the package, has seen no patient; the default without ``models/final``.
        rules: File of the rules from probabilities to labels; by default that of the model folder.
        flips: Mirror images of each slice that count too; by default as the rules say.
        probabilities: Write those of liver and lesion as well.
        uncertainty: Write where the lesion probability is undecided, as a map and a picture.
        dicom: Write a DICOM-SEG, an SR and the report of DICOM series too; needs extra ``dicom``.
        batch_size: Slices at a time.
        threads: Of OpenVINO; None for as many as there are cores.
        force: Predict again what is done.
        force_input: Predict also what is no CT of the body by ``check``; else such a scan fails.
        progress: Show it on standard error.

    Raises:
        DataError: No scan is found, the models do not go together, or DICOM is asked for of NIfTI.
        LiversegError: A model cannot be loaded, or what reads a scan or writes DICOM is missing.
        OSError: Results cannot be written.
    """
    from liverseg.archives.opening import unpack_archives
    from liverseg.scans.ensemble import read_ensemble
    from liverseg.scans.named_models import find_models
    from liverseg.scans.options import Options
    from liverseg.scans.predict import predict_scans
    from liverseg.scans.predictor import Predictor
    from liverseg.scans.scans import find_scans
    from liverseg.scans.summary import read_summary

    if flips is not None:
        require_choice("flips", flips, get_args(Flips))
    out = Path(out)
    with progress_bars(progress), unpack_archives(_list_paths(scans)) as given:
        found = find_scans(given.paths, out, archives=given.archives)
        _warn_of_paths("left out, masks by their names", found.masks, given.rename)
        ensemble = read_ensemble(find_models(model), None if rules is None else Path(rules))
        predictor = Predictor(ensemble, flips, batch_size, threads)
        options = Options(probabilities, uncertainty, dicom, force, force_input)
        failed = predict_scans(found.scans, predictor, out, options)
    failed = tuple(replace(each, error=given.rename_error(each.error)) for each in failed)
    names = {each.scan.name for each in failed}
    done = [read_summary(out / scan.name) for scan in found.scans if scan.name not in names]
    return PredictedScans(tuple(done), failed)


def score(
    reference: AnyPath,
    predicted: AnyPath,
    *,
    lesion_connectivity: int = 6,
    seed: int = 1,
    progress: bool = True,
) -> ScoredMasks:
    """Score predicted masks against reference masks, whoever made them.

    >>> import liverseg
    >>> scores = liverseg.score("segmentation-3.nii.gz", "predicted.nii.gz")
    >>> [(case.case_id, case.liver.dice, round(case.lesion.dice, 3)) for case in scores.cases]
    [('3', 1.0, 0.667)]
    >>> round(scores.summary["lesion.dice_per_case"].value, 3)
    0.667

    Args:
        reference: A NIfTI file of labels (0 background, 1 liver, 2 lesion), a folder or a zip.
        predicted: The same, each on the grid of its reference but for the order of the axes, or the
            results of ``predict``. Of two folders, ``segmentation-N`` belongs to the same name or
            the one that ends in N, else equal names belong together. A mask without counterpart is
            left out, with a warning.
        lesion_connectivity: Neighbours that make one lesion: 6, 18 (edges too) or 26 (corners).
        seed: Of the bootstrap.
        progress: Show it on standard error, of more than one pair.

    Raises:
        DataError: A path is missing, nothing pairs, a file holds other labels, or grids differ.
    """
    from liverseg.archives.opening import unpack_archives
    from liverseg.masks.file_scores import score_files
    from liverseg.masks.mask_pairs import pair_masks
    from liverseg.scans.files import holds_results
    from liverseg.statistics.summary import summarize

    require_choice("lesion_connectivity", lesion_connectivity, CONNECTIVITIES)
    paths = Path(reference), Path(predicted)
    with unpack_archives(paths) as given:
        pairing = pair_masks(*given.find_alike(paths, holds_results))
        _warn_of_paths("without counterpart, not scored", pairing.alone, given.rename)
        with progress_bars(progress and len(pairing.pairs) > 1):
            cases = tuple(score_files(pairing.pairs, lesion_connectivity))
    return ScoredMasks(cases, summarize(cases, seed=seed, num_bootstraps=NUM_BOOTSTRAPS))


def check(
    data_root: AnyPath, *, params: AnyPath | None = None, progress: bool = True
) -> "SetCheck":
    """Verify every scan and mask of a data set: what can be used, what cannot, and what to do.

    Headers and voxels of all cases are read: damage, geometry, intensities, labels, how the mask
    lies on its scan, and one patient under two names. The stage ingest checks the same.

    >>> import liverseg
    >>> found = liverseg.check("data/lits")
    >>> [(case.case_id, case.verdict) for case in found.cases]
    [('1', 'ok'), ('2', 'error')]
    >>> found.cases[1].findings[0].next_step
    "Add it, or list '2' under data.exclude."

    Args:
        data_root: Folder of scans and masks in a known layout, a zip archive of one, or what
            ``liverseg import`` makes one of, which is then checked as it would be imported.
        params: Params file whose data section says what is excluded and put right, if any.
        progress: Show it on standard error.

    Raises:
        DataError: The folder is no data set, or the params name a case that does not occur.
        ParamsError: The params cannot be used.
    """
    from liverseg.importing.checking import check_set
    from liverseg.params import DataParams, read_params

    nothing: dict[str, Any] = {"exclude": (), "spacing_overrides": {}, "label_map": {}}
    plain = DataParams(root=".", patients=None, on_error="skip", **nothing)  # root: not read here
    data = plain if params is None else read_params(Path(params)).data
    with progress_bars(progress):
        return check_set(Path(data_root), data)


def _list_paths(given: AnyPath | Iterable[AnyPath]) -> list[Path]:
    return [Path(given)] if isinstance(given, str | os.PathLike) else [Path(each) for each in given]


def _warn_of_paths(what: str, paths: Iterable[Path], rename: Callable[[str], str]) -> None:
    if names := [rename(str(path)) for path in paths]:
        shown = ", ".join(names[:MAX_NAMES]) + (", ..." if names[MAX_NAMES:] else "")
        logging.getLogger(__name__).warning(f"{len(names)} {what}: {shown}")
