"""What ``liverseg predict`` and ``liverseg report`` write: of a scan, and of a folder of scans."""

from dataclasses import dataclass
from pathlib import Path

from liverseg.masks.mask_pairs import PREDICTED_LABELS
from liverseg.outputs import Member, refuse_other_files
from liverseg.tables.case_table import natural_key

PREDICT_AGAIN = "Predict the scan again with --force."
"""What to do about results that are missing or damaged."""


@dataclass(frozen=True)
class ScanFolder:
    """The results of one scan.

    Attributes:
        path: The folder.
    """

    path: Path

    labels = Member(PREDICTED_LABELS)  # uint8 NIfTI on the grid of the scan
    lesions = Member("lesions.csv")  # a row a lesion
    summary = Member("summary.json")  # by which the results are known again
    overlay = Member("overlay.png")  # the key slices
    liver_probability = Member("liver_probability.nii.gz")  # where asked for, as the next one
    lesion_probability = Member("lesion_probability.nii.gz")
    uncertainty = Member("uncertainty.nii.gz")  # entropy, where asked for, as the next one
    uncertainty_picture = Member("uncertainty.png")  # laid over the key slices
    segmentation = Member("segmentation.dcm")  # DICOM-SEG, where asked for, as the next three
    measurements = Member("measurements.dcm")  # DICOM SR
    document = Member("report.dcm")  # the report as DICOM Encapsulated PDF
    uncertainty_map = Member("uncertainty.dcm")  # DICOM Parametric Map, where both are asked for
    report = Member("report.html")  # where a report was written beside them
    report_pdf = Member("report.pdf")  # likewise, where asked for

    @property
    def needed(self) -> tuple[Path, ...]:
        """The files without which nothing can be made of the results."""
        return self.summary, self.lesions, self.labels

    @property
    def uncertain(self) -> tuple[Path, ...]:
        """What is there where uncertainty was asked for."""
        return self.uncertainty, self.uncertainty_picture

    @property
    def dicom(self) -> tuple[Path, ...]:
        """What is there where DICOM was asked for."""
        return self.segmentation, self.measurements, self.document

    @property
    def files(self) -> tuple[Path, ...]:
        """All that can be there."""
        probabilities = (self.liver_probability, self.lesion_probability)
        asked_for = (*probabilities, *self.uncertain, *self.dicom, self.uncertainty_map)
        return *self.needed, self.overlay, *asked_for, self.report, self.report_pdf

    def refuse_others(self) -> None:
        """Results replace a folder: one that holds anything else is somebody's data.

        Raises:
            DataError: It is a file, has files that are no results, or has files but no summary.
        """
        refuse_other_files(self.path, self.files if self.summary.exists() else (), "liverseg")


def holds_results(folder: Path) -> bool:
    """Whether a folder is that of a scan's results."""
    return ScanFolder(folder).summary.exists()


@dataclass(frozen=True)
class PredictionsFolder:
    """A folder in which every scan has its own, see ``ScanFolder``.

    Attributes:
        path: The folder.
    """

    path: Path

    lesions = Member("lesions.csv")  # of all scans
    scans = Member("scans.csv")  # a row a scan
    index = Member("index.html")  # lists the reports

    def list_scans(self) -> list[ScanFolder]:
        """The scans in natural order, also those of which files are missing."""
        folders = [ScanFolder(path) for path in self.path.iterdir() if path.name[0] != "."]
        begun = [each for each in folders if any(path.exists() for path in each.needed)]
        return sorted(begun, key=lambda each: natural_key(each.path.name))
