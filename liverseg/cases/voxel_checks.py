"""What is wrong, or looks wrong, with a mask, a scan, and how one lies on the other."""

from collections.abc import Iterator

from liverseg.cases.findings import Finding, build_error, build_warning
from liverseg.cases.hu_figures import (
    AIR_HU,
    BODY_HU,
    FOREIGN_HU,
    SOFT_TISSUE_HU,
    HuFigures,
    MaskedFigures,
)
from liverseg.cases.mask_figures import MaskFigures
from liverseg.labels import Region

PLAUSIBLE_HU: dict[Region, tuple[float, float]] = {"liver": (-50, 250), "lesion": (-150, 900)}
"""Mean under the mask. A liver with severe steatosis is near -30 HU, with iron and contrast below
200; lesions may hold fat, calcium, or iodised oil of several hundred HU."""

STORED_OFFSET = 1024
"""What unsigned CT is stored with; slope and intercept in the header should take it off."""

LARGEST_8_BIT = 255
LEAST_AIR_SHARE = 0.001
LEAST_SOFT_TISSUE_SHARE = 0.02
"""Of the voxels; scans of the body have 0.4 to 0.6 of either."""

LEAST_AIR_PART = 0.05
"""Share of air and lung in what is thinner than the body, padding included: 0.9 and more where the
values are HU, less than 0.03 where they are half, one and a half times or twice that (3D-IRCADb-1
patient 17)."""

LEAST_RANGE_HU = 100.0
"""Narrower than any window for the liver; from air to bone it is 2000 HU."""

LARGEST_FOREIGN_SHARE = 0.03
"""Of a liver mask in lung, gas or bone. Masks that fit have 0.002 to 0.006 (3D-IRCADb-1 patient 17
and the phantoms); 5 slices of 1.6 mm too high or too low, that patient's has 0.05."""

FARTHEST_LEFT_MM = 10.0
"""Of the centre of a liver from that of the body; it lies 45 to 60 mm to the right."""

PLAUSIBLE_LIVER_ML = (300.0, 5000.0)
"""An adult's has 1000 to 2000 ml; less than a quarter is left by no resection, and more than twice
as much is found in polycystic livers alone."""

PLAUSIBLE_HEIGHT_MM = (60.0, 300.0)
"""Of a liver from feet to head; an adult's has 120 to 240 mm."""

MANY_SPECKS = 24
"""Single-voxel lesions: dozens are noise of a threshold or of resampling, not findings."""


def check_mask(mask: MaskFigures) -> Iterator[Finding]:
    """Findings on the labels of a mask."""
    if not mask.num_liver_voxels and not mask.num_lesions:
        yield build_error("the mask is empty", "Give the mask of this scan")
    elif not mask.num_liver_voxels:
        yield build_warning(
            "no voxel of label 1 (liver), only lesions: figures of the liver mean nothing",
            "Add the liver to the mask, if you can.",
        )
    else:
        if reason := _doubt_size(mask):
            yield build_warning(
                reason,
                "Check the spacing (data.spacing_overrides); where 1 marks the lesions, set "
                "data.label_map: {1: 2}.",
            )
        if mask.num_apart:
            yield build_warning(
                f"{mask.num_apart} of {mask.num_lesions} lesions touch no liver (label 1)",
                "Look at the mask; what lies outside the liver is no liver lesion.",
            )
    if mask.num_specks >= MANY_SPECKS:
        yield build_warning(
            f"{mask.num_specks} of {mask.num_lesions} lesions are single voxels",
            "Look at the mask; recall lesion by lesion counts each of them.",
        )


def _doubt_size(mask: MaskFigures) -> str:
    """Why the liver's size may be false; empty where it is plausible."""
    (least_ml, most_ml), (lowest_mm, highest_mm) = PLAUSIBLE_LIVER_ML, PLAUSIBLE_HEIGHT_MM
    if mask.liver_ml < least_ml:
        return f"a liver of only {mask.liver_ml:g} ml"
    if mask.liver_ml > most_ml:
        return f"a liver of {mask.liver_ml:g} ml"
    if not lowest_mm <= mask.liver_height_mm <= highest_mm:
        return f"a liver of {mask.liver_height_mm:.0f} mm from feet to head"
    return ""


def check_scan(scan: HuFigures) -> Iterator[Finding]:
    """Findings on the intensities of a scan, and on how its mask lies on them."""
    if reason := _doubt_units(scan):
        next_step = "Convert the scan again from DICOM, with its rescale slope and intercept"
        yield build_error(reason, next_step)
        return
    if scan.hollow_share < LEAST_AIR_SHARE:
        yield build_warning(
            "no air, neither around nor in the body",
            "Check that the values are Hounsfield units, unless the scan is cropped.",
        )
    elif scan.air_share < LEAST_AIR_PART * scan.hollow_share:
        low, high = AIR_HU
        yield build_warning(
            f"hardly any air: of the voxels below {BODY_HU} HU, "
            f"{scan.air_share / scan.hollow_share:.1%} lie in {low} to {high}",
            "Check the rescale slope and intercept, unless the scan is cropped.",
        )
    if scan.masked is not None:
        yield from _check_place(scan.masked)


def _doubt_units(scan: HuFigures) -> str:
    """Why the values cannot be Hounsfield units; empty where they can."""
    low, high = PLAUSIBLE_HU["liver"]
    mean_hu = scan.masked.mean_hu if scan.masked is not None else 0.0
    values = f"values of {scan.smallest:g} to {scan.largest:g}"
    if scan.smallest >= 0 and scan.largest <= LARGEST_8_BIT:
        return f"{values}: 8-bit grey values, not HU"
    if low <= mean_hu - STORED_OFFSET <= high:
        return (
            f"a mean of {mean_hu:.0f} under the mask: stored with an offset of {STORED_OFFSET} "
            "that slope and intercept in the header do not take off"
        )
    if scan.smallest >= 0:
        return f"{values}, none below 0: not HU, in which air is -1000"
    if scan.soft_tissue_share < LEAST_SOFT_TISSUE_SHARE:
        fat, vessels = SOFT_TISSUE_HU
        share = f"{scan.soft_tissue_share:.1%}"
        return f"hardly any soft tissue: {values}, of which {share} lie in {fat} to {vessels}"
    if scan.largest - scan.smallest < LEAST_RANGE_HU:
        return f"{values}: normalised, not HU"
    return ""


def _check_place(masked: MaskedFigures) -> Iterator[Finding]:
    region = masked.region
    low, high = PLAUSIBLE_HU[region]
    look = "Look at the mask on its scan: is it shifted, flipped or another scan's?"
    if not low <= masked.mean_hu <= high:
        reason = f"a mean of {masked.mean_hu:.0f} HU under the {region} mask"
        yield build_error(reason, f"{look} Mend it")
        return
    if masked.foreign_share > LARGEST_FOREIGN_SHARE:
        yield build_warning(
            f"{masked.foreign_share:.1%} of the {region} mask are more than {FOREIGN_HU} HU away "
            "from its median: lung, gas or bone",
            look,
        )
    if region == "liver" and masked.to_the_right_mm < -FARTHEST_LEFT_MM:
        yield build_warning(
            f"the liver lies {-masked.to_the_right_mm:.0f} mm to the left of the body's centre",
            "Check which side of the scan is left: is it mirrored?",
        )
