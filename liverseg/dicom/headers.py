"""What the header of a DICOM file says of the slices or the mask that it holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liverseg.dicom.dicom_file import read_header, report_damage
from liverseg.dicom.elements import (
    Vector,
    flatten_frames,
    read_count,
    read_numbers,
    read_optional,
    read_plane,
    read_text,
)
from liverseg.dicom.references import (
    SEGMENTATION_CLASSES,
    STRUCTURE_SET_CLASS,
    MaskHeader,
    describe_mask,
)

HU_NAMES = {"", "HU", "US"}
"""Of RescaleType: US (unspecified) is what converters write."""


@dataclass(frozen=True)
class Values:
    """What the stored values of a slice mean.

    Attributes:
        slope: HU are ``stored * slope + intercept``; None where the header is silent.
        intercept: Likewise.
        padding: Lowest and highest stored value of pixels outside the scanner's field of view; None
            where the header is silent.
    """

    slope: float | None
    intercept: float | None
    padding: tuple[int, int] | None


@dataclass(frozen=True)
class Moment:
    """When a slice was taken, as far as its header says.

    Attributes:
        acquisition: Number of the acquisition in its series; None where the header is silent.
        time: Date and time, to be compared as text; empty where it is silent.
        number: Of the image in its series, or of the frame in its file.
    """

    acquisition: int | None
    time: str
    number: int


@dataclass(frozen=True)
class SliceHeader:
    """One slice of a scan or of a mask, in DICOM's coordinates: LPS, millimetres.

    Attributes:
        path: The file.
        frame: Index of the slice in its file.
        modality: ``CT`` for a scan.
        patient_id: Whom it shows, as the hospital knows them; empty where the header is silent.
        study_uid: The examination that it belongs to.
        series_uid: The series that it belongs to.
        series_number: Number of the series in its study.
        instance_uid: The identity of the image, or of the file that it is a frame of.
        moment: When it was taken.
        shape: Rows and columns.
        position: Centre of the first pixel.
        along_row: Step from one pixel to the next in a row.
        along_column: Step from one row to the next.
        values: What its pixels mean.
    """

    path: Path
    frame: int
    modality: str
    patient_id: str
    study_uid: str
    series_uid: str
    series_number: int
    instance_uid: str
    moment: Moment
    shape: tuple[int, int]
    position: Vector
    along_row: Vector
    along_column: Vector
    values: Values


@dataclass(frozen=True)
class LeftOut:
    """A file that is no part of a scan or a mask, and why."""

    path: Path
    reason: str


def describe_header(path: Path) -> tuple[SliceHeader, ...] | MaskHeader | LeftOut:
    """What a DICOM file holds; slices are several where it has several frames.

    Raises:
        DataError: The file is damaged, or its header lacks what a slice cannot do without.
    """
    header = read_header(path)
    with report_damage(path):
        if read_text(header, "SOPClassUID") in {*SEGMENTATION_CLASSES, STRUCTURE_SET_CLASS}:
            return describe_mask(header, path)
        if "Rows" not in header and _name_class(header).endswith("Image Storage"):
            raise EOFError("an image without its size: the file ends within the header")
        enhanced = "PerFrameFunctionalGroupsSequence" in header
        if not enhanced and int(header.get("NumberOfFrames") or 1) > 1:
            reason = f"{_name_class(header)} of several frames; convert it to one file a slice"
            return LeftOut(path, reason)
        slices = []
        for index, frame in enumerate(flatten_frames(header) if enhanced else [header]):
            if reason := _find_reason_to_leave_out(frame, _name_class(header)):
                return LeftOut(path, reason)
            slices.append(_read_slice(frame, path, index))
        return tuple(slices)


def _find_reason_to_leave_out(header: Any, class_name: str) -> str:
    if "Rows" not in header:
        return f"no image but {class_name}"
    kind = [*(header.get("ImageType") or ()), *(header.get("FrameType") or ())]
    if "LOCALIZER" in kind:
        return "a localizer"
    if "ImagePositionPatient" not in header or "ImageOrientationPatient" not in header:
        return f"{class_name} without a place in the patient"
    if (rescale_type := read_text(header, "RescaleType")) not in HU_NAMES:
        return f"an image in {rescale_type!a}, not in HU"
    return ""


def _name_class(header: Any) -> str:
    """The kind of object in DICOM's words, printable whatever the header holds."""
    sop_class = header.file_meta.get("MediaStorageSOPClassUID") or header.get("SOPClassUID")
    return ascii(getattr(sop_class, "name", "an unknown object")).strip("'")


def _read_slice(header: Any, path: Path, index: int) -> SliceHeader:
    position, along_row, along_column = read_plane(header)
    return SliceHeader(
        path=path,
        frame=index,
        modality=read_text(header, "Modality"),
        patient_id=read_text(header, "PatientID"),
        study_uid=read_text(header, "StudyInstanceUID"),
        series_uid=read_text(header, "SeriesInstanceUID"),
        series_number=read_count(header, "SeriesNumber") or 0,
        instance_uid=read_text(header, "SOPInstanceUID"),
        moment=Moment(
            acquisition=read_count(header, "FrameAcquisitionNumber", "AcquisitionNumber"),
            time=_read_time(header),
            number=index or read_count(header, "InstanceNumber") or 0,
        ),
        shape=(
            int(read_numbers(header, "Rows", 1)[0]),
            int(read_numbers(header, "Columns", 1)[0]),
        ),
        position=position,
        along_row=along_row,
        along_column=along_column,
        values=Values(
            slope=read_optional(header, "RescaleSlope"),
            intercept=read_optional(header, "RescaleIntercept"),
            padding=_read_padding(header),
        ),
    )


def _read_time(header: Any) -> str:
    def read_first(*keywords: str) -> str:
        return next(filter(None, (read_text(header, keyword) for keyword in keywords)), "")

    whole = read_first("FrameAcquisitionDateTime", "AcquisitionDateTime")
    date, time = ("AcquisitionDate", "ContentDate"), ("AcquisitionTime", "ContentTime")
    return whole or read_first(*date) + read_first(*time)


def _read_padding(header: Any) -> tuple[int, int] | None:
    """Bounds of the padding, signed or not as the pixels are, whatever the elements say they are.

    Their VR follows PixelRepresentation (PS3.5, A.1), which converters forget: 63536 is -2000 among
    signed pixels of 16 bits.
    """
    value = read_optional(header, "PixelPaddingValue")
    if value is None:
        return None
    limit = read_optional(header, "PixelPaddingRangeLimit")
    size = 1 << int(read_optional(header, "BitsAllocated") or 16)
    signed = read_optional(header, "PixelRepresentation") == 1
    ends = [int(end) % size for end in (value, value if limit is None else limit)]
    if signed:
        ends = [end - size if end >= size // 2 else end for end in ends]
    return min(ends), max(ends)
