"""One of the two scans: its labels, its lesions one by one and, where it was named, its HU."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from liverseg.errors import DataError
from liverseg.followup.motion import Points
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.scans.diameters import Diameters
from liverseg.scans.files import PREDICT_AGAIN, ScanFolder
from liverseg.scans.lesion_shape import find_slice_axis, measure_shape
from liverseg.scans.numbering import number_lesions
from liverseg.scans.provenance import hash_scan
from liverseg.scans.scans import find_scans
from liverseg.scans.sources import ScanSource, open_nifti_file
from liverseg.scans.summary import ScanSummary, read_summary
from liverseg.volumes.nifti import Volume, read_labels, read_scan
from liverseg.volumes.nifti_file import find_stem

LESION_CONNECTIVITY = 6
"""Of a label volume that comes without a summary: voxels that share a face, as in all scores."""


@dataclass(frozen=True, eq=False)
class Lesion:
    """A connected component of label 2.

    Attributes:
        number: From 1 by decreasing volume, as in ``lesions.csv``.
        volume_ml: Its voxels times the volume of one.
        diameters: See ``scans.diameters``.
        centre_mm: Mean of its voxels' centres, RAS+.
    """

    number: int
    volume_ml: float
    diameters: Diameters
    centre_mm: Points


@dataclass(frozen=True, eq=False)
class Study:
    """What is known of one scan.

    Attributes:
        name: As its folder or its file is called.
        labels: With at least one voxel of liver or lesion.
        numbers: (i, j, k), the number of the lesion that a voxel belongs to, or 0.
        lesions: In the order of their numbers; empty where there are none.
        scan: HU on the grid of the labels; None where no scan was named.
    """

    name: str
    labels: Volume
    numbers: npt.NDArray[np.uint32]
    lesions: tuple[Lesion, ...]
    scan: Volume | None

    @property
    def slice_mm(self) -> float:
        """Distance between neighbouring axial slices."""
        return self.labels.grid.spacing_mm[find_slice_axis(self.labels.grid)]


def read_study(path: Path, scan: Path | None, scratch: Path) -> Study:
    """The labels of one scan with their lesions measured, and the scan where it is named.

    Args:
        path: A folder that ``liverseg predict`` wrote for a scan, or a file of labels.
        scan: A NIfTI file or a folder of one DICOM series.
        scratch: A folder for what reading takes.

    Raises:
        DataError: A file is missing or damaged, nothing is labelled, or the scan is another one
            than was predicted or does not lie on the grid of the labels.
    """
    summary = read_summary(path) if path.is_dir() else None
    file = ScanFolder(path).labels if path.is_dir() else path
    labels = read_labels(file)
    if not labels.data.any():
        raise DataError(
            str(file),
            expected="a liver (labels 1 and 2)",
            received="background alone",
            next_step="Give labels of the liver: scans are laid over each other by its shape.",
        )
    return build_study(
        path.resolve().name if summary else find_stem(path.name) or path.name,
        labels,
        summary.lesion_connectivity if summary else LESION_CONNECTIVITY,
        None if scan is None else _read_scan(scan, labels.grid, summary, scratch),
    )


def build_study(name: str, labels: Volume, connectivity: int, scan: Volume | None = None) -> Study:
    """A study of labels, each lesion measured.

    Args:
        name: Of the scan.
        labels: With at least one voxel of liver or lesion.
        connectivity: Neighbours that make one lesion: 6, 18 or 26.
        scan: HU on the grid of the labels.
    """
    numbers, _ = number_lesions(labels.data, connectivity)
    return Study(name, labels, numbers, _measure_lesions(numbers, labels.grid), scan)


def _measure_lesions(numbers: npt.NDArray[np.uint32], grid: Grid) -> tuple[Lesion, ...]:
    lesions = []
    for number, box in enumerate(ndimage.find_objects(numbers), start=1):
        shape = measure_shape(numbers[box] == number, box, grid)
        centre_mm = np.array(shape.centre_ras_mm)
        lesions.append(Lesion(number, shape.volume_ml, shape.diameters, centre_mm))
    return tuple(lesions)


def _read_scan(path: Path, grid: Grid, summary: ScanSummary | None, scratch: Path) -> Volume:
    """The scan in HU, its axes in the order of the labels'."""
    source = _find_source(path, summary, scratch)
    with open_nifti_file(source, scratch) as file:
        scan = read_scan(file)
    codes = grid.axis_codes
    if not grid.matches(reorient_grid(scan.grid, codes)):
        raise DataError(
            str(path),
            expected=f"the scan of the labels, of shape {grid.shape} and axes {codes}",
            received=f"shape {scan.grid.shape}, axes {scan.grid.axis_codes}, or another place",
            next_step="Name the scan that the labels were made from, or none.",
        )
    return Volume(reorient_array(scan.data, scan.grid.axis_codes, codes), grid)


def _find_source(path: Path, summary: ScanSummary | None, out: Path) -> ScanSource:
    sources = find_scans([path], out).scans
    if len(sources) > 1:
        raise DataError(
            str(path),
            expected="one scan",
            received=", ".join(source.name for source in sources),
            next_step="Name one of them.",
        )
    if summary and hash_scan(sources[0].files) != summary.scan_sha256:
        raise DataError(
            str(path),
            expected=f"the scan that was predicted (SHA-256 {summary.scan_sha256})",
            received="another one",
            next_step=f"Name that scan, or none. {PREDICT_AGAIN}",
        )
    return sources[0]
