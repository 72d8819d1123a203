"""A data set in the project's own layout: scans and labels of equal names in two folders."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.outputs import Member, whole_folder
from liverseg.volumes.nifti import Volume, write_labels, write_scan


@dataclass(frozen=True)
class DataSetFolder:
    """The root of a data set.

    Attributes:
        path: The folder.
    """

    path: Path

    images = Member("images")  # NAME.nii.gz, in HU
    masks = Member("masks")  # the same name: 0 background, 1 liver, 2 lesion
    patients = Member("patients.csv")  # case_id, patient_id

    def write_case(self, case_id: str, scan: Volume, labels: npt.NDArray[np.uint8] | None) -> None:
        """Write a scan, and its labels (i, j, k) where there are any."""
        image = self.images / f"{case_id}.nii.gz"
        self.images.mkdir(exist_ok=True)
        write_scan(image, scan)
        if labels is not None:
            self.masks.mkdir(exist_ok=True)
            write_labels(self.masks / image.name, labels, image)


@contextmanager
def new_data_set(root: Path) -> Iterator[Path]:
    """``whole_folder`` where there are no files yet.

    Raises:
        DataError: ``root`` is a file, or a folder that is not empty.
    """
    if root.exists() and not (root.is_dir() and not any(root.iterdir())):
        raise DataError(
            str(root),
            expected="a new or an empty folder",
            received="a folder with files" if root.is_dir() else "a file",
            next_step="Name another, or remove it first.",
        )
    with whole_folder(root) as partial_root:
        yield partial_root
