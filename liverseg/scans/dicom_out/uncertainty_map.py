"""The map of uncertainty as a DICOM Parametric Map, on the frames of the source series."""

import hashlib

import numpy as np
import numpy.typing as npt
from highdicom.pm import ParametricMap, RealWorldValueMapping
from pydicom.sr.coding import Code

from liverseg.scans.dicom_out.author import Author
from liverseg.scans.dicom_out.source import Source

SERIES_NUMBER = 9004
DESCRIPTION = "uncertainty about lesions, for research"

ENTROPY = Code("entropy", "99LIVERSEG", "Binary entropy of lesion probability")
"""No list of the standard has it; private designators begin with 99 (PS3.3, 8.2)."""

BIT = Code("bit", "UCUM", "bit")


def build_uncertainty_map(
    source: Source, entropy: npt.NDArray[np.uint8], author: Author
) -> ParametricMap:
    """The map; readers that apply the real world values see 0 to 1 bit.

    Args:
        source: The series.
        entropy: (i, j, k), in 255ths of a bit.
        author: Who made it.
    """
    made = ParametricMap(
        source_images=source.nameless_images,
        pixel_array=entropy.T,
        **author.sign("uncertainty", hashlib.sha256(entropy.tobytes()).hexdigest()),
        series_number=SERIES_NUMBER,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[
            RealWorldValueMapping(
                lut_label="ENTROPY",
                lut_explanation=ENTROPY.meaning,
                unit=BIT,
                value_range=(0, 255),
                slope=1 / 255,
                intercept=0,
                quantity_definition=ENTROPY,
            )
        ],
        window_center=128,
        window_width=256,
        content_label="UNCERTAINTY",
        content_description=DESCRIPTION,
        series_description=DESCRIPTION,
    )
    author.organise(made, "uncertainty")
    source.restore_frame_numbers(made)
    source.complete(made)
    return made
