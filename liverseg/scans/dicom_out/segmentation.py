"""A DICOM-SEG of liver and lesions, a segment each, on the frames of the source series."""

from functools import partial

import numpy as np
import numpy.typing as npt
from highdicom import AlgorithmIdentificationSequence
from highdicom.color import CIELabColor
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentDescription
from pydicom.sr.codedict import codes

from liverseg.pages.colours import ORANGE, SKY_BLUE
from liverseg.scans.dicom_out.author import SOFTWARE, Author
from liverseg.scans.dicom_out.source import Source

SERIES_NUMBER = 9001
DESCRIPTION = "liver and lesions, for research"

LIVER_SEGMENT = 1
"""Segment n + 1 is the lesion n."""


def name_lesion(number: int) -> str:
    """What a lesion is called in every object."""
    return f"Liver lesion {number}"


def track_lesion(author: Author, number: int) -> str:
    """The identity of a lesion in every object."""
    return author.build_uid("lesion", str(number))


def build_segmentation(
    source: Source, segments: npt.NDArray[np.integer], author: Author
) -> Segmentation:
    """The segmentation; frames without any segment are left out.

    Segments do not overlap, which not every viewer shows: that of the liver lacks the lesions.

    Args:
        source: The series.
        segments: (i, j, k): 0 background, 1 liver, n + 1 lesion n. All background gives a liver of
            empty frames.
        author: Who made them.
    """
    num_lesions = max(0, int(segments.max()) - LIVER_SEGMENT)
    made = Segmentation(
        source_images=source.nameless_images,
        pixel_array=segments.T,
        segmentation_type="BINARY",
        segment_descriptions=_describe_segments(num_lesions, author),
        **author.sign("segmentation"),
        series_number=SERIES_NUMBER,
        content_label="LIVER_LESIONS",
        content_description=DESCRIPTION,
        series_description=DESCRIPTION,
    )
    author.organise(made, "segmentation")
    source.restore_frame_numbers(made)
    source.complete(made)
    return made


def _describe_segments(num_lesions: int, author: Author) -> list[SegmentDescription]:
    describe = partial(
        SegmentDescription,
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(
            name=author.algorithm,
            family=codes.DCM.ArtificialIntelligence,
            version=author.version,
            source=SOFTWARE,
            parameters=author.parameters,
        ),
    )
    liver = describe(
        segment_number=LIVER_SEGMENT,
        segment_label="Liver",
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.Liver,
        tracking_id="Liver",
        tracking_uid=author.build_uid("liver"),
        display_color=CIELabColor.from_string(SKY_BLUE),
    )
    lesions = [
        describe(
            segment_number=LIVER_SEGMENT + number,
            segment_label=name_lesion(number),
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Lesion,
            anatomic_regions=[codes.SCT.Liver],
            tracking_id=name_lesion(number),
            tracking_uid=track_lesion(author, number),
            display_color=CIELabColor.from_string(ORANGE),
        )
        for number in range(1, num_lesions + 1)
    ]
    return [liver, *lesions]
