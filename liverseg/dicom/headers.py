"""What the header of a DICOM file says of the slice or the segmentation that it holds."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liverseg.dicom.dicom_file import read_header, report_damage

SEGMENTATION_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation Storage
    "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation Storage
}
HU_NAMES = {"", "HU", "US"}
"""Of RescaleType: US (unspecified) is what converters write."""

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class SliceHeader:
    """One slice of a scan or of a mask, in DICOM's coordinates: LPS, millimetres.

    Attributes:
        path: The file.
        modality: ``CT`` for a scan.
        patient_id: Whom it shows, as the hospital knows them; empty where the header is silent.
        study_uid: The examination that it belongs to.
        series_uid: The series that it belongs to.
        series_number: Number of the series in its study.
        instance_uid: The identity of this image.
        shape: Rows and columns.
        position: Centre of the first pixel.
        along_row: Step from one pixel to the next in a row.
        along_column: Step from one row to the next.
        slope: HU are ``stored * slope + intercept``; None where the header is silent.
        intercept: Likewise.
    """

    path: Path
    modality: str
    patient_id: str
    study_uid: str
    series_uid: str
    series_number: int
    instance_uid: str
    shape: tuple[int, int]
    position: Vector
    along_row: Vector
    along_column: Vector
    slope: float | None
    intercept: float | None


@dataclass(frozen=True)
class SegmentationHeader:
    """A DICOM-SEG, and the series whose slices it outlines (empty where it names none)."""

    path: Path
    series_uid: str


@dataclass(frozen=True)
class LeftOut:
    """A file that is no part of a scan or a mask, and why."""

    path: Path
    reason: str


def describe_header(path: Path) -> SliceHeader | SegmentationHeader | LeftOut:
    """What a DICOM file holds.

    Raises:
        DataError: The file is damaged, or is a slice whose header breaks the standard.
    """
    header = read_header(path)
    with report_damage(path):
        if str(header.get("SOPClassUID", "")) in SEGMENTATION_CLASSES:
            referenced = header.get("ReferencedSeriesSequence") or [{}]
            return SegmentationHeader(path, str(referenced[0].get("SeriesInstanceUID", "")))
        if reason := _find_reason_to_leave_out(header):
            return LeftOut(path, reason)
        return _read_slice(header, path)


def _find_reason_to_leave_out(header: Any) -> str:
    if "Rows" not in header and _name_class(header).endswith("Image Storage"):
        raise EOFError("an image without its size: the file ends within the header")
    if "Rows" not in header:
        return f"no image but {_name_class(header)}"
    if int(header.get("NumberOfFrames") or 1) > 1:
        return f"{_name_class(header)} of several frames; convert it to one file a slice"
    if "LOCALIZER" in (header.get("ImageType") or ()):
        return "a localizer"
    if "ImagePositionPatient" not in header or "ImageOrientationPatient" not in header:
        return f"{_name_class(header)} without a place in the patient"
    if (rescale_type := str(header.get("RescaleType") or "")) not in HU_NAMES:
        return f"an image in {rescale_type!a}, not in HU"
    return ""


def _name_class(header: Any) -> str:
    """The kind of object in DICOM's words, printable whatever the header holds."""
    sop_class = header.file_meta.get("MediaStorageSOPClassUID") or header.get("SOPClassUID")
    return ascii(getattr(sop_class, "name", "an unknown object")).strip("'")


def _read_slice(header: Any, path: Path) -> SliceHeader:
    between_rows, between_columns = (float(step) for step in header.PixelSpacing)
    cosines = header.ImageOrientationPatient
    slope, intercept = header.get("RescaleSlope"), header.get("RescaleIntercept")
    return SliceHeader(
        path=path,
        modality=str(header.get("Modality") or ""),
        patient_id=str(header.get("PatientID") or ""),
        study_uid=str(header.get("StudyInstanceUID") or ""),
        series_uid=str(header.get("SeriesInstanceUID") or ""),
        series_number=int(header.get("SeriesNumber") or 0),
        instance_uid=str(header.get("SOPInstanceUID") or ""),
        shape=(int(header.Rows), int(header.Columns)),
        position=read_vector(header.ImagePositionPatient),
        along_row=read_vector(cosines[:3], between_columns),
        along_column=read_vector(cosines[3:], between_rows),
        slope=None if slope is None else _read_number(slope),
        intercept=None if intercept is None else _read_number(intercept),
    )


def read_vector(values: Any, factor: float = 1.0) -> Vector:
    """Three numbers of a header, each times a factor.

    Raises:
        ValueError: They are not three, or not finite.
    """
    x, y, z = (_read_number(float(value) * factor) for value in values)
    return x, y, z


def _read_number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} in the place of a number")
    return number
