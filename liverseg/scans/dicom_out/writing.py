"""Results of a scan as DICOM objects beside the others; what makes them is loaded when needed."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError, build_missing_extra
from liverseg.labels import LIVER
from liverseg.scans.dicom_out.moment import read_moment
from liverseg.scans.files import ScanFolder
from liverseg.scans.numbering import number_lesions
from liverseg.scans.predictor import Prediction
from liverseg.scans.report.written import read_results
from liverseg.scans.sources import ScanSource
from liverseg.scans.summary import ScanSummary

if TYPE_CHECKING:
    from highdicom.base import SOPClass

    from liverseg.scans.dicom_out.author import Author
    from liverseg.scans.dicom_out.source import Source


def require_dicom(scans: Sequence[ScanSource]) -> None:
    """Refuse to begin where results in DICOM cannot be written.

    Raises:
        DataError: A scan is no DICOM series, or ``SOURCE_DATE_EPOCH`` is no time.
        LiversegError: What writes DICOM is not installed.
    """
    others = [scan for scan in scans if scan.series is None]
    if others:
        raise DataError(
            "--dicom",
            expected="DICOM series: results in DICOM refer to the images of their scan",
            received=f"{len(others)} NIfTI files, the first {others[0].files[0]}",
            next_step="Name the folder of the DICOM series that it was made from, or leave --dicom "
            "out.",
        )
    read_moment()
    for module in ("highdicom", "fpdf"):
        if find_spec(module) is None:
            raise build_missing_extra("--dicom", "dicom", module)


def write_dicom(
    folder: ScanFolder,
    source: "Source",
    prediction: Prediction,
    summary: ScanSummary,
    entropy: npt.NDArray[np.uint8] | None,
) -> None:
    """Write ``segmentation.dcm``, ``measurements.dcm``, ``report.dcm``, and a map as the last.

    Args:
        folder: Of the results, in which all others are written.
        source: The series, its slices along k of the labels.
        prediction: Of the scan.
        summary: Likewise.
        entropy: (i, j, k), in 255ths of a bit, for ``uncertainty.dcm``; None writes none.

    Raises:
        DataError: The headers of the series hold values that cannot be written.
    """
    from liverseg.dicom.dicom_file import report_damage
    from liverseg.scans.dicom_out.author import Author
    from liverseg.scans.dicom_out.document import build_document
    from liverseg.scans.dicom_out.measurements import build_measurements
    from liverseg.scans.dicom_out.segmentation import LIVER_SEGMENT, build_segmentation
    from liverseg.scans.dicom_out.uncertainty_map import build_uncertainty_map
    from liverseg.scans.report.pdf import render_pdf

    numbers, num_lesions = number_lesions(prediction.labels, summary.lesion_connectivity)
    segments = numbers.astype(np.min_scalar_type(num_lesions + LIVER_SEGMENT))
    segments[segments > 0] += LIVER_SEGMENT
    segments[prediction.labels == LIVER] = LIVER_SEGMENT
    digest = hashlib.sha256(prediction.labels.tobytes()).hexdigest()
    found = f"{source.series_uid} {digest} {prediction.lesions}"
    author = Author(summary.provenance, found, summary.scan_sha256, read_moment())
    results = replace(read_results(folder.path), folder=Path(summary.scan))  # its name later on
    pdf = render_pdf(results, folder.overlay.read_bytes())
    with report_damage(source.path):
        segmentation = build_segmentation(source, segments, author)
        measurements = build_measurements(source, segmentation, prediction.lesions, summary, author)
        document = build_document(source, pdf, author)
        made = dict(zip(folder.dicom, (segmentation, measurements, document), strict=True))
        if entropy is not None:
            made[folder.uncertainty_map] = build_uncertainty_map(source, entropy, author)
        encoded = {path: _encode(each, author) for path, each in made.items()}
    for path, content in encoded.items():
        path.write_bytes(content)


def _encode(made: "SOPClass", author: "Author") -> bytes:
    """As a file: in memory, so that values that cannot be written are told from a full disk."""
    author.date(made)
    file = BytesIO()
    made.save_as(file)
    return file.getvalue()
