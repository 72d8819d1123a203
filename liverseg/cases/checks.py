"""Checks of cases: what cannot be used is an error, what looks wrong is a doubt."""

from collections import defaultdict
from collections.abc import Iterable
from math import prod
from pathlib import Path

from liverseg.cases.case_table import Case
from liverseg.cases.pairing import CaseFiles
from liverseg.errors import DataError
from liverseg.volumes.grid import Grid
from liverseg.volumes.nifti import read_grid


def check_grids(root: Path, files: CaseFiles) -> None:
    """Check by their headers that scan and mask lie on one grid.

    Raises:
        DataError: A header cannot be read, or the grids differ.
    """
    scan, mask = read_grid(root / files.scan), read_grid(root / files.mask)
    if not scan.matches(mask):
        raise DataError(
            files.mask,
            expected=f"the grid of {files.scan}, {_describe_grid(scan)}",
            received=_describe_grid(mask),
            next_step="Resample the mask onto the grid of the scan, or list "
            f"{files.case_id!r} under data.exclude.",
        )


def list_doubts(cases: Iterable[Case]) -> list[str]:
    """One line for each thing that looks wrong but can be computed with; empty where all is well.

    They name faults that public data sets are known for: LiTS volumes 28 to 47 carry an identity
    affine, and LiTS 28-44 and 46-48 are 3D-IRCADb-1 patients, so that both sets together hold them
    twice.
    """
    cases = tuple(cases)
    doubts = [f"case {case.case_id}: {doubt}" for case in cases for doubt in _list_own_doubts(case)]
    return doubts + _list_repeated_scans(cases)


def _list_own_doubts(case: Case) -> list[str]:
    doubts = []
    if case.spacing_mm == (1, 1, 1):
        doubts.append(
            "spacing of exactly 1 x 1 x 1 mm; where the header has lost the true one (LiTS 28 to "
            "47), volumes in ml and distances in mm are wrong"
        )
    if case.hu_min >= 0:
        doubts.append(f"no value below 0 (smallest {case.hu_min:g}); are these Hounsfield units?")
    if case.liver_ml == 0:
        doubts.append("no liver in its mask")
    return doubts


def _list_repeated_scans(cases: tuple[Case, ...]) -> list[str]:
    """Scans that agree in all that neither the order of the axes nor the spacing can change."""
    alike: dict[object, list[Case]] = defaultdict(list)
    for case in cases:
        scan_ml = prod(case.shape) * prod(case.spacing_mm) / 1000
        shares = (round(case.liver_ml / scan_ml, 5), round(case.lesion_ml / scan_ml, 5))
        content = (tuple(sorted(case.shape)), case.hu_min, case.hu_max, case.num_lesions, shares)
        alike[content].append(case)
    return [
        f"cases {', '.join(case.case_id for case in group)}: the same scan under several patients? "
        "Training and test would share it; give them one patient in data.patients, or exclude one"
        for group in alike.values()
        if len({case.patient_id for case in group}) > 1
    ]


def _describe_grid(grid: Grid) -> str:
    shape = " x ".join(str(length) for length in grid.shape)
    spacing = " x ".join(f"{length:g}" for length in grid.spacing_mm)
    origin = ", ".join(f"{value:g}" for value in grid.affine[:3, 3])
    return f"{shape} voxels of {spacing} mm, axes {grid.axis_codes}, first voxel at ({origin}) mm"
