"""Reports of one scan or of a folder of them, written where they were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from liverseg.errors import DataError
from liverseg.outputs import sole_user, sole_writer, whole_file
from liverseg.pages.html_pages import write_html
from liverseg.scans.files import PredictionsFolder, ScanFolder
from liverseg.scans.report.page import render_index, render_report
from liverseg.scans.report.picture import load_picture
from liverseg.scans.report.written import ScanResults, read_results

REPORT_SUFFIX = ".html"
PDF_SUFFIX = ".pdf"


@dataclass(frozen=True)
class Written:
    """What came of it.

    Attributes:
        path: The page to open first; None where all scans failed.
        failures: Why a scan has no report, a sentence each.
    """

    path: Path | None
    failures: tuple[str, ...] = ()


def write_reports(
    predictions: Path, out: Path | None, scans: Path | None, *, pdf: bool = False
) -> Written:
    """Write a page a scan and, of a folder of scans, a page that lists them.

    Args:
        predictions: What ``liverseg predict`` wrote: its whole output, or one scan's folder.
        out: A folder; of one scan also an ``.html`` file. By default the predictions' own.
        scans: See ``load_picture``.
        pdf: Write each page as PDF too, beside it and under its name.

    Raises:
        DataError: There is no prediction; or it is one scan, and its report cannot be written.
        LiversegError: A PDF is asked for, and what writes it is not installed.
        BusyError: Another process writes there.
    """
    folders = _find_folders(predictions)
    if folders == [predictions]:
        path = _choose_file(predictions, out)
        with sole_writer(path.parent):  # a prediction would replace the folder meanwhile
            _write_report(predictions, path, scans, pdf)
        return Written(path)
    root = out or predictions
    if root.suffix == REPORT_SUFFIX:
        raise DataError(
            str(root),
            expected=f"a folder for the reports of {len(folders)} scans",
            received="the name of a file",
            next_step="Name a folder with --out.",
        )
    with sole_user(root):
        return _write_all(folders, root, scans, pdf)


def _write_all(folders: Sequence[Path], root: Path, scans: Path | None, pdf: bool) -> Written:
    """The reports of some scans, and their list."""
    links: dict[Path, ScanResults] = {}
    failures = []
    for folder in tqdm(folders, desc="report", unit="scan"):
        path = ScanFolder(root / folder.name).report
        try:
            links[path.relative_to(root)] = _write_report(folder, path, scans, pdf)
        except DataError as error:
            failures.append(str(error))
    if not links:
        return Written(None, tuple(failures))
    index = PredictionsFolder(root).index
    write_html(index, render_index(links, failures))
    return Written(index, tuple(failures))


def _find_folders(predictions: Path) -> list[Path]:
    """The scan's folder itself, or all scans in it, also those of which files are missing."""
    if not predictions.is_dir():
        raise _build_error(predictions, "a file" if predictions.exists() else "no such folder")
    scan = ScanFolder(predictions)
    if scan.summary.exists() or scan.labels.exists():
        return [predictions]
    folders = [each.path for each in PredictionsFolder(predictions).list_scans()]
    if not folders:
        raise _build_error(predictions, "none")
    return folders


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
    return ScanFolder(out or folder).report


def _write_report(folder: Path, path: Path, scans: Path | None, pdf: bool) -> ScanResults:
    results = read_results(folder)
    picture = load_picture(results, scans, path.parent)
    document = None
    if pdf:
        from liverseg.scans.report.pdf import render_pdf  # needs the extra pdf

        document = render_pdf(results, picture)
    write_html(path, render_report(results, picture))
    if document is not None:
        with whole_file(path.with_suffix(PDF_SUFFIX)) as partial:
            partial.write_bytes(document)
    return results
