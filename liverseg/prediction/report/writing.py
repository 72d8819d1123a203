"""Reports of one scan or of a folder of them, written where they were asked for."""

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from liverseg.cases.case_table import natural_key
from liverseg.errors import DataError
from liverseg.outputs import whole_file
from liverseg.prediction.files import INDEX_FILE, REPORT_FILE, SUMMARY_FILE
from liverseg.prediction.report.page import render_index, render_report
from liverseg.prediction.report.picture import load_picture
from liverseg.prediction.report.written import NEEDED_FILES, ScanResults, read_results
from liverseg.scoring.mask_pairs import PREDICTED_LABELS

REPORT_SUFFIX = ".html"


@dataclass(frozen=True)
class Written:
    """What came of it.

    Attributes:
        path: The page to open first; None where all scans failed.
        failures: Why a scan has no report, a sentence each.
    """

    path: Path | None
    failures: tuple[str, ...] = ()


def write_reports(predictions: Path, out: Path | None, scans: Path | None) -> Written:
    """Write a page a scan and, of a folder of scans, a page that lists them.

    Args:
        predictions: What ``liverseg predict`` wrote: its whole output, or one scan's folder.
        out: A folder; of one scan also an ``.html`` file. By default the predictions' own.
        scans: See ``load_picture``.

    Raises:
        DataError: There is no prediction; or it is one scan, and its report cannot be written.
    """
    folders = _find_folders(predictions)
    if folders == [predictions]:
        path = _choose_file(predictions, out)
        _write_report(predictions, path, scans)
        return Written(path)
    root = out or predictions
    if root.suffix == REPORT_SUFFIX:
        raise DataError(
            str(root),
            expected=f"a folder for the reports of {len(folders)} scans",
            received="the name of a file",
            next_step="Name a folder with --out.",
        )
    links: dict[str, ScanResults] = {}
    failures = []
    for folder in tqdm(folders, desc="report", unit="scan"):
        link = f"{folder.name}/{REPORT_FILE}"
        try:
            links[link] = _write_report(folder, root / link, scans)
        except DataError as error:
            failures.append(str(error))
    if not links:
        return Written(None, tuple(failures))
    with whole_file(root / INDEX_FILE) as partial:
        partial.write_text(render_index(links, failures), encoding="utf-8")
    return Written(root / INDEX_FILE, tuple(failures))


def _find_folders(predictions: Path) -> list[Path]:
    """The scan's folder itself, or all scans in it, also those of which files are missing."""
    if not predictions.is_dir():
        raise _build_error(predictions, "a file" if predictions.exists() else "no such folder")
    if any((predictions / name).exists() for name in (SUMMARY_FILE, PREDICTED_LABELS)):
        return [predictions]
    folders = [
        folder
        for folder in predictions.iterdir()
        if not folder.name.startswith(".")  # unfinished
        and any((folder / name).exists() for name in NEEDED_FILES)
    ]
    if not folders:
        raise _build_error(predictions, "none")
    return sorted(folders, key=lambda folder: natural_key(folder.name))


def _build_error(predictions: Path, received: str) -> DataError:
    return DataError(
        str(predictions),
        expected="scans that `liverseg predict` has predicted",
        received=received,
        next_step="Name its output, or the folder of one scan in it.",
    )


def _choose_file(folder: Path, out: Path | None) -> Path:
    """Where the report of one scan goes."""
    if out is not None and out.suffix == REPORT_SUFFIX and not out.is_dir():
        return out
    return (out or folder) / REPORT_FILE


def _write_report(folder: Path, path: Path, scans: Path | None) -> ScanResults:
    results = read_results(folder)
    page = render_report(results, load_picture(results, scans))
    with whole_file(path) as partial:
        partial.write_text(page, encoding="utf-8")
    return results
