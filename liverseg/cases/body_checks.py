"""What looks wrong with the body in a scan: no trunk, values that are shifted, two scans in one."""

from collections.abc import Iterator

from liverseg.cases.body import BodyFigures
from liverseg.cases.findings import Finding, build_warning
from liverseg.cases.seams import Seam

LIMB_CM2 = (10.0, 250.0)
"""Cross-section of a wrist to that of a thigh; a slim adult's trunk has 300. Where it is smaller
yet, the spacing is false, which the checks of the header name."""

USUAL_FAT_HU = -100
PLAUSIBLE_FAT_HU = (-150, -60)
"""Fat at 70 to 140 kV, whatever the contrast phase: contrast agent stays out of it."""


def check_body(body: BodyFigures, seam: Seam | None) -> Iterator[Finding]:
    """Findings on the body in a scan, but for how it lies: see ``check_orientation``."""
    smallest, largest = LIMB_CM2
    if body.area_cm2 is not None and smallest <= body.area_cm2 <= largest:
        yield build_warning(
            f"a body of {body.area_cm2:.0f} cm2 in cross-section, where an adult's trunk has 300 "
            "and more",
            "Look at the scan: is it a limb or a head, which has no liver, or a child?",
        )
    low, high = PLAUSIBLE_FAT_HU
    if body.fat_hu is not None and not low <= body.fat_hu <= high:
        yield build_warning(
            f"fat lies at {body.fat_hu:.0f} HU in place of {USUAL_FAT_HU}: the values are likely "
            f"shifted by {body.fat_hu - USUAL_FAT_HU:+.0f}",
            "Check the rescale intercept.",
        )
    if seam is not None:
        what = (
            "anatomy begins again there, as where a second scan is appended"
            if seam.repeats
            else "slices are missing there, or another scan begins"
        )
        yield build_warning(
            f"a step of {seam.jump_hu:.0f} HU between slices {seam.below} and {seam.below + 1}, "
            f"counted from 0 at the feet, where neighbours differ by {seam.usual_hu:.0f}: {what}",
            "Look at these slices; give each series or phase as a scan of its own.",
        )
