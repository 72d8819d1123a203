"""What was measured, as a DICOM SR by TID 1500 that refers to the segmentation.

Of each lesion there are two groups under one tracking identity: TID 1411 for its volume, HU and
how sure it is, which refers to its segment, and TID 1501 for its diameters, since measurements of
the former may have no points.
"""

from collections.abc import Iterator

import numpy as np
from highdicom import sr
from highdicom.seg import Segmentation
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from liverseg.scans.dicom_out.author import SOFTWARE, Author
from liverseg.scans.dicom_out.segmentation import LIVER_SEGMENT, name_lesion, track_lesion
from liverseg.scans.dicom_out.source import Source
from liverseg.scans.dicom_out.uncertainty_map import BIT, ENTROPY
from liverseg.scans.lesion_shape import Point
from liverseg.scans.lesions import Lesion
from liverseg.scans.summary import ScanSummary

SERIES_NUMBER = 9002
DESCRIPTION = "measurements of liver and lesions, for research"
WHOLE_LIVER = "Liver, lesions included"

MILLILITRE = codes.UCUM.CubicCentimeter
"""The same volume, and the unit that DICOM lists."""

Group = sr.MeasurementsAndQualitativeEvaluations
SegmentGroup = sr.VolumetricROIMeasurementsAndQualitativeEvaluations


def build_measurements(
    source: Source,
    segmentation: Segmentation,
    lesions: tuple[Lesion, ...],
    summary: ScanSummary,
    author: Author,
) -> sr.Comprehensive3DSR:
    """The report: preliminary and not verified, since nobody has looked at it.

    Args:
        source: The series.
        segmentation: Made from it; its segment n + 1 is the lesion n.
        lesions: By decreasing volume; the report of none has the liver alone.
        summary: Of the scan.
        author: Who measured.
    """
    groups: list[Group | SegmentGroup] = [_describe_liver(summary, author)]
    for number, lesion in enumerate(lesions, start=1):
        groups += _describe_lesion(number, lesion, source, segmentation, author)
    content = sr.MeasurementReport(
        observation_context=_describe_observer(author),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=groups,
    )
    made = sr.Comprehensive3DSR(
        evidence=[*source.nameless_images, segmentation],
        content=content,
        **author.sign("measurements"),
        series_number=SERIES_NUMBER,
        is_complete=True,
        series_description=DESCRIPTION,
    )
    source.complete(made)
    return made


def _describe_observer(author: Author) -> sr.ObservationContext:
    attributes = sr.DeviceObserverIdentifyingAttributes(
        uid=author.device_uid,
        name=SOFTWARE,
        manufacturer_name=SOFTWARE,
        model_name=author.algorithm,
        serial_number=author.serial_number,
    )
    return sr.ObservationContext(
        observer_device_context=sr.ObserverContext(
            observer_type=codes.DCM.Device, observer_identifying_attributes=attributes
        )
    )


def _identify_algorithm(author: Author) -> sr.AlgorithmIdentification:
    return sr.AlgorithmIdentification(
        name=author.algorithm,
        version=author.version,
        parameters=[f"{name}={value}" for name, value in author.parameters.items()],
        family=codes.DCM.ArtificialIntelligence,
        manufacturer=SOFTWARE,
    )


def _describe_liver(summary: ScanSummary, author: Author) -> Group:
    return Group(
        tracking_identifier=sr.TrackingIdentifier(author.build_uid("whole liver"), WHOLE_LIVER),
        finding_category=codes.SCT.AnatomicalStructure,
        finding_type=codes.SCT.Liver,
        algorithm_id=_identify_algorithm(author),
        measurements=[sr.Measurement(codes.SCT.Volume, summary.liver_ml, MILLILITRE)],
    )


def _describe_lesion(
    number: int, lesion: Lesion, source: Source, segmentation: Segmentation, author: Author
) -> Iterator[Group | SegmentGroup]:
    found = {
        "tracking_identifier": sr.TrackingIdentifier(
            track_lesion(author, number), name_lesion(number)
        ),
        "finding_category": codes.SCT.MorphologicallyAbnormalStructure,
        "finding_type": codes.SCT.Lesion,
        "finding_sites": [sr.FindingSite(codes.SCT.Liver)],
        "algorithm_id": _identify_algorithm(author),
    }
    segment = sr.ReferencedSegment(
        sop_class_uid=segmentation.SOPClassUID,
        sop_instance_uid=segmentation.SOPInstanceUID,
        segment_number=LIVER_SEGMENT + number,
        source_series=sr.SourceSeriesForSegmentation(source.series_uid),
    )
    volume = sr.Measurement(codes.SCT.Volume, round(lesion.volume_ml, 4), MILLILITRE)
    hu = sr.Measurement(
        codes.DCM.AttenuationCoefficient,
        round(lesion.mean_hu, 1),
        codes.UCUM.HounsfieldUnit,
        derivation=codes.SCT.Mean,
    )
    certainty = sr.Measurement(
        codes.DCM.CertaintyOfFinding, round(100 * lesion.confidence, 2), codes.UCUM.Percent
    )
    entropy = sr.Measurement(
        ENTROPY, round(lesion.mean_entropy_bits, 4), BIT, derivation=codes.SCT.Mean
    )
    measured = [volume, hu, certainty, entropy]
    yield SegmentGroup(**found, referenced_segment=segment, measurements=measured)
    diameters, frame_uid = lesion.diameters, source.frame_of_reference_uid
    long = _measure(codes.SCT.LongAxis, diameters.longest_mm, lesion.longest_ras_mm, frame_uid)
    across = _measure(
        codes.SCT.PerpendicularAxis,
        diameters.perpendicular_mm,
        lesion.perpendicular_ras_mm,
        frame_uid,
    )
    yield Group(**found, measurements=[long, across])


def _measure(
    name: Code, length_mm: float, ends_ras_mm: tuple[Point, Point], frame_uid: str
) -> sr.Measurement:
    """A distance with its two ends in the patient."""
    ends = sr.CoordinatesForMeasurement3D(
        graphic_type=sr.GraphicTypeValues3D.POLYLINE,
        graphic_data=np.array(ends_ras_mm) * (-1, -1, 1),  # to LPS
        frame_of_reference_uid=frame_uid,
    )
    return sr.Measurement(
        name, round(length_mm, 2), codes.UCUM.Millimeter, referenced_coordinates=[ends]
    )
