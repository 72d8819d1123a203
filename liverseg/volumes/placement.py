"""What a NIfTI header says of the place of its voxels, beyond the affine that is used."""

from dataclasses import dataclass
from pathlib import Path

from nibabel.spatialimages import HeaderDataError

from liverseg.grids.grid import Grid
from liverseg.volumes.nifti import read_grid
from liverseg.volumes.nifti_file import open_nifti
from liverseg.volumes.nifti_header import read_qform


@dataclass(frozen=True, eq=False)
class Placement:
    """What the two forms of a header say.

    Attributes:
        grid: Shape, and the affine that is used: the sform, else the qform, else a guess from the
            spacing alone.
        has_form: Whether either form is set.
        forms_agree: Whether both place the voxels alike, or only one is set.
    """

    grid: Grid
    has_form: bool
    forms_agree: bool


def read_placement(path: Path) -> Placement:
    """The forms of a file's header.

    Raises:
        DataError: As for ``open_nifti``.
    """
    grid, header = read_grid(path), open_nifti(path).header
    has_sform, has_qform = header["sform_code"] > 0, header["qform_code"] > 0
    forms_agree = True
    if has_sform and has_qform:
        try:
            qform = read_qform(header)
        except (HeaderDataError, ValueError):  # its numbers are no rotation
            forms_agree = False
        else:
            forms_agree = grid.matches(Grid(grid.shape, qform))
    return Placement(grid, bool(has_sform or has_qform), forms_agree)
