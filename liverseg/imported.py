"""What an import has made of a case, be it DICOM or volumes."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt


class ImportJob(Protocol):
    """A case to be imported."""

    @property
    def case_id(self) -> str:
        """Its name in the new data set."""

    @property
    def patient_id(self) -> str:
        """Of whom it is, there."""

    @property
    def source(self) -> str:
        """Where it came from, for people."""


JobT_co = TypeVar("JobT_co", bound=ImportJob, covariant=True)


@dataclass(frozen=True, eq=False)
class NamedLabels:
    """Labels of a scan, and which structures they were made from.

    Attributes:
        labels: (i, j, k): 0 background, 1 liver, 2 lesion.
        liver: Names of the structures that are liver.
        lesion: Names of those that are lesion; where both overlap, or outside the liver, this wins.
        unused: Names of the others.
    """

    labels: npt.NDArray[np.uint8]
    liver: tuple[str, ...]
    lesion: tuple[str, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True)
class ImportedCase(Generic[JobT_co]):
    """A scan that was written.

    Attributes:
        job: What it is called, and where it came from.
        shape: Voxels along i, j, k.
        spacing_mm: Distances of their centres.
        liver: Names of the structures that became liver; empty without masks.
        lesion: Likewise; empty where there is none.
        unused: Names of structures that were neither.
        notes: What the user should know of it.
    """

    job: JobT_co
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    liver: tuple[str, ...]
    lesion: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]
