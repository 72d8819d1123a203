"""A scan to predict, wherever it comes from, as a NIfTI file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from liverseg.volumes.itk import read_itk_scan
from liverseg.volumes.nifti import Volume, write_scan
from liverseg.volumes.nifti_file import find_stem

if TYPE_CHECKING:
    from liverseg.dicom.series import Series


@dataclass(frozen=True)
class ScanSource:
    """A scan to predict.

    Attributes:
        name: Of the folder of its results: the stem, after the folders that tell it apart.
        files: The volume's file, before that of its voxels where these are in another (a pair
            ``.hdr`` and ``.img``, a detached header), or those of the series in the order of their
            names.
        series: None for volumes.
        stem: Name of the file without its suffix, or of the series' folder, quoted.
        folders: Above that file or folder, from the root, archives among them; not quoted.
    """

    name: str
    files: tuple[Path, ...]
    series: "Series | None"
    stem: str
    folders: tuple[str, ...]

    @property
    def is_nifti(self) -> bool:
        """Whether its file can be read as it is."""
        return self.series is None and find_stem(self.files[0].name) is not None


@contextmanager
def open_nifti_file(scan: ScanSource, scratch: Path) -> Iterator[Path]:
    """A NIfTI file of the scan: its own, or for the length of the block one that is made of it.

    Args:
        scan: The scan.
        scratch: A folder of the output that is being made, where the next run would remove it.

    Raises:
        DataError: The series, or the NRRD or MetaImage file, cannot be read.
    """
    if scan.is_nifti:
        yield scan.files[0]
        return
    with TemporaryDirectory(dir=scratch) as folder:
        path = Path(folder) / "scan.nii"
        write_scan(path, _read_foreign(scan))
        yield path


def _read_foreign(scan: ScanSource) -> Volume:
    if scan.series is None:
        return read_itk_scan(scan.files[0])
    from liverseg.dicom.series import read_series

    return read_series(scan.series)
