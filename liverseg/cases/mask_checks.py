"""What is wrong, or looks wrong, with a mask, and with how it lies on its scan."""

from collections.abc import Iterator

from liverseg.cases.findings import Finding, build_error, build_warning
from liverseg.cases.hu_figures import FOREIGN_HU, MaskedFigures
from liverseg.cases.mask_figures import MaskFigures
from liverseg.labels import Region

PLAUSIBLE_HU: dict[Region, tuple[float, float]] = {"liver": (-50, 250), "lesion": (-150, 900)}
"""Mean under the mask. A liver with severe steatosis is near -30 HU, with iron and contrast below
200; lesions may hold fat, calcium, or iodised oil of several hundred HU."""

LARGEST_FOREIGN_SHARE = 0.03
"""Of a liver mask in lung, gas or bone. Masks that fit have 0.002 to 0.006 (3D-IRCADb-1 patient 17
and the phantoms); 5 slices of 1.6 mm too high or too low, that patient's has 0.05."""

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
        yield build_error("the mask is empty", "Give the mask of this scan.")
    elif not mask.num_liver_voxels:
        yield build_warning(
            "no voxel of label 1 (liver), only lesions: figures of the liver mean nothing",
            "Add the liver to the mask, if you can.",
        )
    else:
        if reason := doubt_size(mask):
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


def doubt_size(mask: MaskFigures) -> str:
    """Why the liver's size may be false; empty where it is plausible."""
    (least_ml, most_ml), (lowest_mm, highest_mm) = PLAUSIBLE_LIVER_ML, PLAUSIBLE_HEIGHT_MM
    if mask.liver_ml < least_ml:
        return f"a liver of only {mask.liver_ml:g} ml"
    if mask.liver_ml > most_ml:
        return f"a liver of {mask.liver_ml:g} ml"
    if not lowest_mm <= mask.liver_height_mm <= highest_mm:
        return f"a liver of {mask.liver_height_mm:.0f} mm from feet to head"
    return ""


def check_place(masked: MaskedFigures) -> Iterator[Finding]:
    """Findings on what lies under the mask."""
    region = masked.region
    low, high = PLAUSIBLE_HU[region]
    look = "Look at the mask on its scan: is it shifted, flipped or another scan's?"
    if not low <= masked.mean_hu <= high:
        reason = f"a mean of {masked.mean_hu:.0f} HU under the {region} mask"
        yield build_error(reason, f"{look} Mend it.")
        return
    if masked.foreign_share > LARGEST_FOREIGN_SHARE:
        yield build_warning(
            f"{masked.foreign_share:.1%} of the {region} mask are more than {FOREIGN_HU} HU away "
            "from its median: lung, gas or bone",
            look,
        )
