"""Masks as real DICOM files: DICOM-SEG by highdicom, RTSTRUCT and binary slices by pydicom."""

import highdicom
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from tests.made.dicom import FRAME_OF_REFERENCE, save


def write_segmentation(
    path, source_files, masks, kind="BINARY", types=None, regions=None, **options
):
    """A DICOM-SEG made with highdicom: masks (slice, row, column) by label, on some slices.

    ``types`` and ``regions`` are codes by label; without one a segment is some tissue.
    """
    described = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=codes.SCT.Tissue,
            segmented_property_type=(types or {}).get(label, codes.SCT.Tissue),
            anatomic_regions=[regions[label]] if label in (regions or {}) else None,
            algorithm_type="MANUAL",
        )
        for number, label in enumerate(masks, start=1)
    ]
    highdicom.seg.Segmentation(
        source_images=[pydicom.dcmread(file) for file in source_files],
        pixel_array=np.stack(list(masks.values()), axis=-1),
        segmentation_type=kind,
        segment_descriptions=described,
        series_instance_uid=generate_uid(),
        series_number=9,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="test",
        manufacturer_model_name="test",
        software_versions="1",
        device_serial_number="1",
        **options,
    ).save_as(path)
    return path


def write_structure(folder, mask, files):
    """A folder of binary slices 0/255, with the geometry of the slices of the scan."""
    for plane, file in zip(mask, files, strict=True):
        dataset = pydicom.dcmread(file)
        dataset.SOPInstanceUID = generate_uid()
        dataset.Modality = "OT"
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit = 7
        dataset.RescaleIntercept = "0"
        dataset.PixelData = (plane * 255).astype(np.uint8).tobytes()
        dataset["PixelData"].VR = "OB"
        save(dataset, folder / file.name)


def write_contours(path, source_files, regions, types=None, kind="CLOSED_PLANAR"):
    """An RTSTRUCT: polygons [(x, y, z), ...] in mm by name; ``types`` are codes by name."""
    source = pydicom.dcmread(source_files[0])
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTStructureSetStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = RTStructureSetStorage
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.Modality = "RTSTRUCT"
    dataset.SeriesInstanceUID = generate_uid()
    dataset.StudyInstanceUID = source.StudyInstanceUID
    images = [
        make_item(ReferencedSOPInstanceUID=pydicom.dcmread(file).SOPInstanceUID)
        for file in source_files
    ]
    series = make_item(
        SeriesInstanceUID=source.SeriesInstanceUID, ContourImageSequence=Sequence(images)
    )
    study = make_item(RTReferencedSeriesSequence=Sequence([series]))
    frame = make_item(
        FrameOfReferenceUID=FRAME_OF_REFERENCE, RTReferencedStudySequence=Sequence([study])
    )
    dataset.ReferencedFrameOfReferenceSequence = Sequence([frame])
    dataset.StructureSetROISequence, dataset.ROIContourSequence = Sequence(), Sequence()
    dataset.RTROIObservationsSequence = Sequence()
    for number, (name, polygons) in enumerate(regions.items(), start=1):
        dataset.StructureSetROISequence.append(make_item(ROINumber=number, ROIName=name))
        contours = [
            make_item(
                ContourGeometricType=kind,
                NumberOfContourPoints=len(polygon),
                ContourData=[f"{value:.4f}" for value in np.ravel(polygon)],
            )
            for polygon in polygons
        ]
        dataset.ROIContourSequence.append(
            make_item(ReferencedROINumber=number, ContourSequence=Sequence(contours))
        )
        observation = make_item(ObservationNumber=number, ReferencedROINumber=number)
        if code := (types or {}).get(name):
            observation.RTROIIdentificationCodeSequence = Sequence(
                [highdicom.sr.CodedConcept.from_code(code)]
            )
        dataset.RTROIObservationsSequence.append(observation)
    return save(dataset, path)


def make_item(**elements):
    """A data set of some elements, as items of sequences are."""
    item = Dataset()
    for name, value in elements.items():
        setattr(item, name, value)
    return item
