"""One CT scan and its masks as NIfTI files, under names that say nothing of the patient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from liverseg.dicom.even import even_out
from liverseg.dicom.hu import AIR_HU, read_stack
from liverseg.dicom.masks import build_labels
from liverseg.dicom.references import MaskHeader
from liverseg.dicom.series import Series, order_series
from liverseg.dicom.straighten import straighten
from liverseg.grids.grid import LARGEST_SHEAR
from liverseg.imported import ImportedCase, NamedLabels
from liverseg.labels import BACKGROUND
from liverseg.volumes.data_set import DataSetFolder
from liverseg.volumes.nifti import Volume
from liverseg.volumes.structure_names import Patterns


@dataclass(frozen=True)
class Job:
    """A scan to be written, under names that say nothing of its patient."""

    case_id: str
    patient_id: str
    series: Series

    @property
    def source(self) -> str:
        """Where it came from, for people."""
        return self.series.name


@dataclass(frozen=True)
class Conversion:
    """How scans are converted.

    Attributes:
        masks: All masks there are, of whatever scan.
        patterns: Which structures are liver and lesion.
        straightened: Whether scans of a tilted gantry are resampled to a rectangular grid.
        resampled: Whether uneven slices are resampled to even distances.
    """

    masks: Sequence[MaskHeader]
    patterns: Patterns
    straightened: bool
    resampled: bool


def convert_series(root: Path, conversion: Conversion, job: Job) -> ImportedCase[Job]:
    """Write a scan below ``root/images`` and its labels below ``root/masks``.

    Raises:
        DataError: As for ``order_series``, ``build_labels`` and ``read_stack``.
    """
    stack = order_series(job.series, resampled=conversion.resampled)
    named = build_labels(job.series, stack, conversion.masks, conversion.patterns)
    scan = read_stack(stack)
    labels = Volume(even_out(named.labels, stack, order=0), stack.grid) if named else None
    if conversion.straightened and stack.grid.shear > LARGEST_SHEAR:
        scan = straighten(scan, order=1, fill=AIR_HU)
        labels = straighten(labels, order=0, fill=BACKGROUND) if labels else None
    DataSetFolder(root).write_case(job.case_id, scan, labels.data if labels else None)
    return ImportedCase(
        job=job,
        shape=scan.grid.shape,
        spacing_mm=scan.grid.spacing_mm,
        liver=named.liver if named else (),
        lesion=named.lesion if named else (),
        unused=named.unused if named else (),
        notes=(*stack.notes, *_list_mask_notes(named)),
    )


def _list_mask_notes(named: NamedLabels | None) -> Iterator[str]:
    if named is None:
        yield "no mask"
    elif not named.lesion:
        unused = ", ".join(named.unused) or "no other structure"
        yield f"no lesion: {unused} besides the liver"
