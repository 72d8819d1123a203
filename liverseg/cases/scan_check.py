"""A scan judged: the same rules for a case of a data set and for a new scan that is predicted."""

from dataclasses import dataclass

from liverseg.cases.body import BodyFigures, coarsen, measure_body
from liverseg.cases.body_checks import check_body
from liverseg.cases.findings import Finding
from liverseg.cases.hu_figures import CroppedMask, HuFigures, MaskedFigures, measure_hu
from liverseg.cases.intensity_checks import check_intensities
from liverseg.cases.mask_checks import check_place
from liverseg.cases.orientation_checks import check_orientation
from liverseg.cases.seams import find_seam
from liverseg.volumes.nifti import Volume


@dataclass(frozen=True)
class ScanCheck:
    """What was found in the voxels of a scan.

    Attributes:
        findings: On the intensities, on the body and on how the mask lies on it; nothing yet on how
            the body lies, of which the liver tells more than the scan alone.
        hu: Its intensities.
        body: What the body shows; None where the values are no HU.
    """

    findings: tuple[Finding, ...]
    hu: HuFigures
    body: BodyFigures | None


def check_scan(scan: Volume, mask: CroppedMask | None = None) -> ScanCheck:
    """Judge the voxels of a scan, and how its mask, where there is one, lies on it.

    Where the values are no HU, that alone is said: whatever else looked wrong would follow from it.
    """
    hu = measure_hu(scan, mask)
    findings = list(check_intensities(hu))
    if any(finding.level == "error" for finding in findings):
        return ScanCheck(tuple(findings), hu, None)
    coarse = coarsen(scan)
    body = measure_body(coarse)
    findings += check_body(body, find_seam(coarse))
    if hu.masked is not None:
        findings += check_place(hu.masked)
    return ScanCheck(tuple(findings), hu, body)


def check_sides(body: BodyFigures | None, liver: MaskedFigures | None) -> tuple[Finding, ...]:
    """Findings on how the body lies, with what a liver on it tells; none without a body."""
    if body is None:
        return ()
    is_liver = liver is not None and liver.region == "liver"
    return tuple(check_orientation(body, liver.to_the_right_mm if liver and is_liver else None))
