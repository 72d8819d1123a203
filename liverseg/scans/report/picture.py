"""The picture of a report: the one that was written with the prediction, else a new one."""

from pathlib import Path

from liverseg.errors import DataError
from liverseg.outputs import scratch_folder
from liverseg.scans.files import PREDICT_AGAIN, ScanFolder
from liverseg.scans.provenance import hash_scan
from liverseg.scans.report.written import ScanResults
from liverseg.scans.scans import find_scans
from liverseg.scans.sources import ScanSource, open_nifti_file
from liverseg.volumes.nifti import read_labels, read_scan

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND\xaeB`\x82"
"""The last chunk of a whole file: its name and its checksum (PNG specification, 11.2.5)."""


def load_picture(results: ScanResults, scans: Path | None, out: Path) -> bytes:
    """A PNG of the key slices.

    Args:
        results: Of the scan.
        scans: Folder of the scan, which is needed only where the results lack the picture.
        out: Where the report goes; what drawing takes lies there for so long.

    Raises:
        DataError: The picture is damaged; or there is none, and the scan is not found, is another
            one, or cannot be read.
    """
    path = ScanFolder(results.folder).overlay
    if not path.exists():
        with scratch_folder(ScanFolder(out).overlay) as scratch:
            return _draw_picture(results, _find_scan(results, scans), scratch)
    picture = path.read_bytes() if path.is_file() else b""  # a pipe would be waited for
    if not (picture.startswith(PNG_START) and picture.endswith(PNG_END)):
        raise DataError(
            str(path),
            expected="a whole PNG file",
            received=f"{len(picture)} bytes of something else",
            next_step="Remove it: it is then drawn again from the scan.",
        )
    return picture


def _find_scan(results: ScanResults, scans: Path | None) -> ScanSource:
    """The very scan that was predicted."""
    summary = results.summary
    next_step = "Name the folder of the scan with --scans, or predict it again with --force."
    found = find_scans([scans], results.folder).scans if scans else ()
    scan = next((each for each in found if each.name == summary.scan), None)
    if scan is None:
        raise DataError(
            str(ScanFolder(results.folder).overlay),
            expected=f"the picture, or the scan {summary.scan} to draw it from",
            received=f"no picture, and no such scan in {scans}" if scans else "neither",
            next_step=next_step,
        )
    sha256 = hash_scan(scan.files)
    if sha256 != summary.scan_sha256:
        raise DataError(
            f"scan {scan.name} in {scans}",
            expected=f"the scan that was predicted (SHA-256 {summary.scan_sha256})",
            received=f"another one ({sha256})",
            next_step=next_step,
        )
    return scan


def _draw_picture(results: ScanResults, source: ScanSource, scratch: Path) -> bytes:
    labels_path = ScanFolder(results.folder).labels
    with open_nifti_file(source, scratch) as scan_path:
        scan, labels = read_scan(scan_path), read_labels(labels_path)
    if not labels.grid.matches(scan.grid):
        raise DataError(
            str(labels_path),
            expected=f"labels on the grid of the scan {source.name}",
            received=f"shape {labels.grid.shape}, axes {labels.grid.axis_codes}",
            next_step=PREDICT_AGAIN,
        )
    path = ScanFolder(scratch).overlay
    from liverseg.scans.pictures import draw_scan  # Matplotlib loads slowly

    draw_scan(path, scan, labels.data, results.summary.lesion_connectivity)
    return path.read_bytes()
