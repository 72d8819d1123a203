"""What is wrong, or looks wrong, with the intensities of a scan."""

from collections.abc import Iterator

from liverseg.cases.findings import Finding, build_error, build_warning
from liverseg.cases.hu_figures import (
    AIR_HU,
    BODY_HU,
    LARGEST_12_BIT_HU,
    SOFT_TISSUE_HU,
    STORED_OFFSET,
    HuFigures,
)

LARGEST_8_BIT = 255
LEAST_AIR_SHARE = 0.001
LEAST_SOFT_TISSUE_SHARE = 0.02
"""Of the voxels; scans of the body have 0.4 to 0.6 of either."""

LEAST_OFFSET_SHARE = 0.1
MOST_BETWEEN_SHARE = 0.3
"""Soft tissue that is stored with an offset lies where HU have cortical bone alone (1 % of the
voxels), and what is between lung and fat is rare beside it; in MR it is not."""

LEAST_AIR_PART = 0.05
"""Share of air and lung in what is thinner than the body, padding included: 0.9 and more where the
values are HU, less than 0.03 where they are half, one and a half times or twice that (3D-IRCADb-1
patient 17)."""

LEAST_RANGE_HU = 100.0
"""Narrower than any window for the liver; from air to bone it is 2000 HU."""

POSSIBLE_HU = (-32768.0 - STORED_OFFSET, 32767.0)
"""What 16 bits hold, padding of -32768 below an intercept of -1024 included. Scanners store 12 bits
(-1024 to 3071 HU) or, for metal, the extended scale of tenfold width (-10240 to 30710 HU): Coolens
and Childs, Phys. Med. Biol. 48 (2003) 1591."""

MOST_METAL_SHARE = 0.01
"""Of the voxels above what 12 bits hold: both hips of metal are 400 ml of a trunk's 40 l."""

RESCALE = "Convert the scan again from DICOM, with its rescale slope and intercept."


def check_intensities(scan: HuFigures) -> Iterator[Finding]:
    """Findings on the intensities of a scan."""
    if reason := next(_doubt_units(scan), ""):
        yield build_error(reason, RESCALE)
        return
    if scan.metal_share > MOST_METAL_SHARE:
        yield build_warning(
            f"{scan.metal_share:.1%} of the voxels lie above {LARGEST_12_BIT_HU} HU, more than any "
            "metal fills",
            "Check the rescale slope and intercept, and set padding to the HU of air.",
        )
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


def _doubt_units(scan: HuFigures) -> Iterator[str]:
    """Why the values cannot be Hounsfield units, what is most telling first."""
    values = f"values of {scan.smallest:g} to {scan.largest:g}"
    lowest, highest = POSSIBLE_HU
    if scan.smallest < lowest or scan.largest > highest:
        yield f"{values}, beyond {lowest:g} to {highest:g}: padding that 16 bits of HU cannot hold"
    if 0 <= scan.smallest == scan.largest:
        yield f"every voxel is {scan.smallest:g}: an empty image"
    if scan.smallest >= 0 and scan.largest <= 1:
        yield f"{values}: scaled to 0 to 1, not HU"
    if scan.smallest >= 0 and scan.largest <= LARGEST_8_BIT:
        yield f"{values}: 8-bit grey values, not HU"
    most_between = MOST_BETWEEN_SHARE * scan.offset_share
    if scan.offset_share >= LEAST_OFFSET_SHARE and scan.between_share <= most_between:
        yield (
            f"{values}, {scan.offset_share:.0%} of them soft tissue stored with an offset of "
            f"{STORED_OFFSET} that slope and intercept in the header do not take off"
        )
    if scan.smallest >= 0:
        yield f"{values}, none below 0: not HU, in which air is -1000 (is it MR?)"
    if scan.soft_tissue_share < LEAST_SOFT_TISSUE_SHARE:
        fat, vessels = SOFT_TISSUE_HU
        share = f"{scan.soft_tissue_share:.1%}"
        yield f"hardly any soft tissue: {values}, of which {share} lie in {fat} to {vessels}"
    if scan.largest - scan.smallest < LEAST_RANGE_HU:
        yield f"{values}: normalised, not HU"
