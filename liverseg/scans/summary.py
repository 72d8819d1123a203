"""What is said of a whole scan: ``summary.json``, by which its results are known again."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from liverseg.cases.findings import Finding
from liverseg.checked_json import describe_problem, read_checked
from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.json_files import write_json
from liverseg.labels import LESION, LIVER
from liverseg.scans.files import PREDICT_AGAIN, ScanFolder
from liverseg.scans.predictor import Prediction
from liverseg.scans.provenance import Provenance
from liverseg.scoring.burden import compute_burden


@dataclass(frozen=True)
class ScanSummary:
    """What ``summary.json`` says of a scan.

    Attributes:
        scan: Its name.
        scan_sha256: Of its file, or of the files of its series one after the other.
        shape: Number of voxels along i, j, k.
        spacing_mm: Distance between voxel centres along i, j, k.
        axis_codes: Where i, j, k increase to, e.g. ``LPS``.
        liver_ml: Volume of the liver, lesions included; 0 where there is none.
        lesion_ml: Volume of all lesions; 0 where there is none.
        burden: Lesion voxels over liver voxels; 0 where there is no liver.
        num_lesions: Components of label 2.
        lesion_connectivity: Neighbours that make one lesion: 6, 18 or 26.
        provenance: What it was made with.
        findings: What looked wrong with the scan, errors only where it was predicted by force.
    """

    scan: str
    scan_sha256: str
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    axis_codes: str
    liver_ml: float
    lesion_ml: float
    burden: float
    num_lesions: int
    lesion_connectivity: int
    provenance: Provenance
    findings: tuple[Finding, ...]


def build_summary(
    scan: str,
    scan_sha256: str,
    prediction: Prediction,
    grid: Grid,
    provenance: Provenance,
    findings: tuple[Finding, ...],
) -> ScanSummary:
    """The summary of a scan from its prediction: millimetres and shares to 6 decimals."""
    labels = prediction.labels
    num_liver = int(np.count_nonzero(labels >= LIVER))
    num_lesion = int(np.count_nonzero(labels == LESION))
    i, j, k = grid.spacing_mm
    return ScanSummary(
        scan=scan,
        scan_sha256=scan_sha256,
        shape=grid.shape,
        spacing_mm=(round(i, 6), round(j, 6), round(k, 6)),
        axis_codes=grid.axis_codes,
        liver_ml=round(num_liver * grid.voxel_ml, 4),
        lesion_ml=round(num_lesion * grid.voxel_ml, 4),
        burden=round(compute_burden(num_lesion, num_liver), 6),
        num_lesions=len(prediction.lesions),
        lesion_connectivity=provenance.rules["lesion_connectivity"],
        provenance=provenance,
        findings=findings,
    )


def write_summary(folder: Path, summary: ScanSummary) -> None:
    """Write ``summary.json``; equal summaries give equal bytes."""
    write_json(ScanFolder(folder).summary, asdict(summary))


def read_summary(folder: Path) -> ScanSummary:
    """The summary of a predicted scan.

    Raises:
        DataError: It is missing, or no summary.
    """
    path = ScanFolder(folder).summary
    try:
        return read_checked(path, TypeAdapter(ScanSummary))
    except (OSError, ValueError) as error:
        raise DataError(
            str(path),
            expected="the summary of a predicted scan",
            received=describe_problem(error),
            next_step=PREDICT_AGAIN,
        ) from None
