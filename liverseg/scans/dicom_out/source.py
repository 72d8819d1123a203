"""The images of a series as DICOM objects that are derived from them refer to them."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from highdicom import PixelMeasuresSequence, PlaneOrientationSequence
from highdicom.base import SOPClass
from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from liverseg.dicom.dicom_file import read_header
from liverseg.dicom.elements import read_text
from liverseg.dicom.headers import SliceHeader
from liverseg.dicom.series import Series, order_series
from liverseg.dicom.stack import measure_depth
from liverseg.errors import DataError

IDENTITIES = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"),
    "FrameOfReferenceUID",
)
"""Without which nothing can refer to an image or to a point in it."""

PATIENT_GROUP = 0x0010

MAY_BE_EMPTY = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID"),
    *("StudyDate", "StudyTime", "ReferringPhysicianName"),
)
"""Elements of type 2 of patient and study: there in every object, empty where nothing is known."""


@dataclass(frozen=True, eq=False)
class Source:
    """A series whose results are written.

    Attributes:
        path: Of its first file, for messages.
        images: Headers of its files, in the order of its slices; or that of one multi-frame file,
            with the frames that are slices, in their order.
        frames: For each slice k its frame in a multi-frame file, from 1; else empty.
    """

    path: Path
    images: tuple[Dataset, ...]
    frames: tuple[int, ...] = ()

    @property
    def series_uid(self) -> str:
        """The identity of the series."""
        return str(self.images[0].SeriesInstanceUID)

    @property
    def frame_of_reference_uid(self) -> str:
        """The identity of the coordinates that its points are given in."""
        return str(self.images[0].FrameOfReferenceUID)

    @cached_property
    def nameless_images(self) -> list[Dataset]:
        """The images, of which the first lacks what is known of patient and study.

        highdicom, which takes that from the first, refuses values that break the standard, such as
        a sex W, and elements that are missing; ``complete`` copies all as it stands.
        """
        first = deepcopy(self.images[0])
        for keyword in MAY_BE_EMPTY:
            setattr(first, keyword, None)
        return [first, *self.images[1:]]

    def restore_frame_numbers(self, derived: SOPClass) -> None:
        """Let the frames of a derived object refer to the frames that are in the file."""
        if not self.frames:
            return
        referring = [
            item
            for frame in derived.PerFrameFunctionalGroupsSequence
            for item in frame.DerivationImageSequence[0].SourceImageSequence
        ]
        for item in {id(item): item for item in referring}.values():  # segments of a slice share it
            item.ReferencedFrameNumber = self.frames[item.ReferencedFrameNumber - 1]

    def complete(self, derived: SOPClass) -> None:
        """Copy patient and study into an object that was derived from ``nameless_images``.

        Of the patient also elements that the standard has retired, such as OtherPatientIDs.
        """
        first = self.images[0]
        derived.copy_patient_and_study_information(first)
        for tag in first.group_dataset(PATIENT_GROUP).keys():  # noqa: SIM118 (values would decode)
            derived[tag] = first[tag]


def read_source(series: Series) -> Source:
    """The images of a series, in the order in which its voxels are read.

    What slices share is the same in all of their headers then, and not left to rounding: their
    direction and their distance, which is measured. A thickness that is missing is that distance.

    Raises:
        DataError: As for ``order_series``; or objects cannot refer to them, since an identity is
            missing or occurs twice, or they are several multi-frame files.
    """
    slices = order_series(series).slices
    depths_mm = [measure_depth(each) for each in slices]
    apart_mm = (depths_mm[-1] - depths_mm[0]) / (len(slices) - 1)
    paths = tuple(dict.fromkeys(each.path for each in slices))
    images = tuple(map(read_header, paths))
    problem = next(_find_problems(images), None)
    if problem:
        raise DataError(
            series.name,
            expected="images that results in DICOM can refer to",
            received=problem,
            next_step="Fetch the series again with its identities, or predict without --dicom.",
        )
    if _is_multi_frame(images[0]):
        _share_plane(images[0], slices[0], apart_mm)
        described = images[0].PerFrameFunctionalGroupsSequence
        images[0].PerFrameFunctionalGroupsSequence = [described[each.frame] for each in slices]
        images[0].NumberOfFrames = len(slices)
        return Source(paths[0], images, tuple(1 + each.frame for each in slices))
    for image in images:
        image.ImageOrientationPatient = images[0].ImageOrientationPatient
        image.SpacingBetweenSlices = DSfloat(apart_mm, auto_format=True)
        if not image.get("SliceThickness"):
            image.SliceThickness = image.SpacingBetweenSlices
    return Source(paths[0], images)


def _share_plane(image: Dataset, slice_: SliceHeader, apart_mm: float) -> None:
    """Say of all frames together what may stand at each of them."""
    steps = np.array([slice_.along_row, slice_.along_column])
    column_mm, row_mm = np.linalg.norm(steps, axis=1)
    shared = next(iter(image.get("SharedFunctionalGroupsSequence") or ()), Dataset())
    known = next(iter(shared.get("PixelMeasuresSequence") or ()), Dataset())
    shared.PixelMeasuresSequence = PixelMeasuresSequence(
        pixel_spacing=(row_mm, column_mm),
        slice_thickness=known.get("SliceThickness") or apart_mm,
        spacing_between_slices=apart_mm,
    )
    shared.PlaneOrientationSequence = PlaneOrientationSequence(
        "PATIENT", np.ravel(steps / [[column_mm], [row_mm]]).tolist()
    )
    image.SharedFunctionalGroupsSequence = [shared]


def _find_problems(images: tuple[Dataset, ...]) -> Iterator[str]:
    for keyword in IDENTITIES:
        lacking = [image for image in images if not read_text(image, keyword)]
        if lacking:
            yield f"{len(lacking)} of {len(images)} without {keyword}"
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID"):
        if len({read_text(image, keyword) for image in images}) > 1:
            yield f"more than one {keyword}"
    if len({read_text(image, "SOPInstanceUID") for image in images}) < len(images):
        yield "two files of the same SOPInstanceUID"
    if len(images) > 1 and any(map(_is_multi_frame, images)):
        yield f"{len(images)} files of several frames each"


def _is_multi_frame(image: Dataset) -> bool:
    return "PerFrameFunctionalGroupsSequence" in image
