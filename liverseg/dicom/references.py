"""Masks in DICOM, and the images that they say they outline."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from liverseg.dicom.elements import read_text

SEGMENTATION_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation Storage
    "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation Storage
}
STRUCTURE_SET_CLASS = "1.2.840.10008.5.1.4.1.1.481.3"


@dataclass(frozen=True)
class MaskHeader:
    """A DICOM-SEG or an RTSTRUCT.

    Attributes:
        path: The file.
        kind: Which of the two.
        series_uid: The series that it outlines; empty where it names none.
        instances: Images that it outlines; empty where it names none.
    """

    path: Path
    kind: Literal["DICOM-SEG", "RTSTRUCT"]
    series_uid: str
    instances: frozenset[str]

    def outlines(self, series_uid: str, instances: frozenset[str], *, shared: bool) -> bool:
        """Whether it is a mask of a scan.

        Args:
            series_uid: Of the scan; may be empty.
            instances: Images of the scan.
            shared: Whether other scans have the same series, so that the images must tell.
        """
        if self.series_uid and self.series_uid != series_uid:
            return False
        if self.instances and (shared or not self.series_uid):
            return not self.instances.isdisjoint(instances)
        return bool(self.series_uid)


def describe_mask(header: Any, path: Path) -> MaskHeader:
    """What a DICOM-SEG or an RTSTRUCT says of itself."""
    if read_text(header, "SOPClassUID") == STRUCTURE_SET_CLASS:
        series = list(_list_structured_series(header))
        images = [image for one in series for image in one.get("ContourImageSequence") or ()]
        kind: Literal["DICOM-SEG", "RTSTRUCT"] = "RTSTRUCT"
    else:
        series = list(header.get("ReferencedSeriesSequence") or ())
        images = [image for one in series for image in one.get("ReferencedInstanceSequence") or ()]
        kind = "DICOM-SEG"
    return MaskHeader(
        path,
        kind,
        series_uid=read_text(series[0], "SeriesInstanceUID") if series else "",
        instances=frozenset(read_text(image, "ReferencedSOPInstanceUID") for image in images),
    )


def _list_structured_series(header: Any) -> Iterator[Any]:
    """The series that an RTSTRUCT lists, below its frames of reference and studies."""
    for frame in header.get("ReferencedFrameOfReferenceSequence") or ():
        for study in frame.get("RTReferencedStudySequence") or ():
            yield from study.get("RTReferencedSeriesSequence") or ()
