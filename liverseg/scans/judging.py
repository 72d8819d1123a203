"""Is a scan fit to be predicted, and what comes out likely? By the rules of ``liverseg check``."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.cases.body import BodyFigures
from liverseg.cases.findings import Finding, build_warning, describe_notes
from liverseg.cases.header_checks import check_header
from liverseg.cases.hu_figures import measure_masked
from liverseg.cases.mask_checks import PLAUSIBLE_LIVER_ML, doubt_size
from liverseg.cases.mask_figures import crop_mask, measure_mask
from liverseg.cases.scan_check import ScanCheck, check_scan, check_sides
from liverseg.errors import DataError
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.slices.geometry import SLICE_AXES
from liverseg.slices.regions import Source
from liverseg.volumes.nifti import Volume
from liverseg.volumes.placement import read_placement

SIDES = (("feet", "head"), ("front", "back"), ("right", "left"))
"""First and last of slices, rows and columns, as ``SLICE_AXES`` has them."""

CUT_CM2 = 4.0
"""Of liver on the outermost plane of a scan: more than a tip of it, or a rim of errors."""

MEND_SPACING = "Write the true spacing to the header."


def judge_scan(path: Path, scan: Volume) -> ScanCheck:
    """What is found in a scan before it is predicted.

    Args:
        path: Its NIfTI file.
        scan: As it was read from there.

    Raises:
        DataError: The header cannot be read.
    """
    checked = check_scan(scan)
    of_header = check_header(read_placement(path), scan.grid, spacing_step=MEND_SPACING)
    findings = (*describe_notes("scan", scan), *of_header, *checked.findings)
    return ScanCheck(findings, checked.hu, checked.body)


def refuse_errors(name: str, scan: Volume, checked: ScanCheck, *, force_input: bool) -> None:
    """Refuse a scan that a data set could not use either, unless by force; a slice is no scan.

    Raises:
        DataError: There is an error among what was found.
    """
    is_volume = min(scan.grid.shape) > 1
    errors = [finding for finding in checked.findings if finding.level == "error"]
    if errors and not (force_input and is_volume):
        by_force = " If you know better: --force-input." if is_volume else ""
        raise DataError(
            f"scan {name}",
            expected="a CT of the body in HU",
            received="; ".join(error.reason for error in errors),
            next_step=f"{errors[0].next_step}{by_force}",
        )


def judge_region(source: Source) -> tuple[Finding, ...]:
    """What it means for the labels where the locator found no liver; else nothing."""
    if source != "not found":
        return ()
    reason = "no liver was located: the whole scan was predicted, at a coarser scale than trained"
    return (build_warning(reason, "Look at the labels: does the scan show the whole liver?"),)


def judge_ends(labels: npt.NDArray[np.uint8], grid: Grid) -> tuple[Finding, ...]:
    """A warning for each side of the scan at which it ends within the liver.

    Args:
        labels: (i, j, k), predicted.
        grid: Of the scan.
    """
    slices = reorient_array(labels, grid.axis_codes, SLICE_AXES)
    spacing_mm = reorient_grid(grid, SLICE_AXES).spacing_mm
    findings = []
    for axis, names in enumerate(SIDES):
        pixel_cm2 = float(np.prod(np.delete(spacing_mm, axis))) / 100
        for name, index in zip(names, (0, -1), strict=True):
            if np.count_nonzero(np.take(slices, index, axis)) * pixel_cm2 >= CUT_CM2:
                reason = f"the scan ends within the liver, at its {name}"
                findings.append(build_warning(reason, "All volumes are those of the part shown."))
    return tuple(findings)


def judge_labels(
    scan: Volume, body: BodyFigures | None, labels: npt.NDArray[np.uint8]
) -> tuple[Finding, ...]:
    """What the predicted labels (i, j, k) tell: of their own likelihood, and of the body's sides.

    Args:
        scan: That was predicted.
        body: What ``judge_scan`` found of it.
        labels: Those of the scan.
    """
    predicted = Volume(labels, scan.grid)
    figures = measure_mask(predicted)
    findings = []
    if doubt := doubt_size(figures) if figures.liver_ml else "no liver was found":
        next_step = "Look at the labels: does the scan show the whole liver?"
        findings.append(build_warning(doubt, next_step))
    mask = crop_mask(predicted) if figures.liver_ml >= PLAUSIBLE_LIVER_ML[0] else None
    liver = measure_masked(scan, mask) if mask is not None else None
    return *findings, *judge_ends(labels, scan.grid), *check_sides(body, liver)
