"""``liverseg import``: DICOM to a data set of NIfTI files."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import DataError

if TYPE_CHECKING:
    from liverseg.dicom.import_set import ImportedCase

COLUMNS = ("case", "patient", "voxels", "mm", "liver", "lesion", "from")


@verb("import")
def import_(
    folders: Annotated[list[Path], typer.Argument(help="Folders of DICOM files, at any depth.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The new data set's root.")],
    liver: Annotated[
        list[str], typer.Option(help="Pattern of the structures that are liver; repeat for more.")
    ] = ["liver"],  # noqa: B006 (Typer reads it, nobody changes it)
    lesion: Annotated[
        list[str], typer.Option(help="Pattern of the structures that are lesion, likewise.")
    ] = ["liver*tumo*r*", "liver*lesion*"],  # noqa: B006
    straighten: Annotated[
        bool,
        typer.Option(
            "--straighten", help="Resample scans of a tilted gantry to a rectangular grid."
        ),
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(help="Write here, outside OUTPUT, who each case is.", dir_okay=False),
    ] = None,
) -> None:
    """Turn CT series into scans in HU, and DICOM-SEGs or folders of masks into labels.

    \b
    liverseg import dicom/ -o data/mine
    liverseg import 3Dircadb1.*/ -o data/ircad --lesion 'livertumor*' --key who_is_who.csv

    Every series becomes OUTPUT/images/case_NNN.nii.gz, its liver (1) and lesions (2)
    OUTPUT/masks/case_NNN.nii.gz, and OUTPUT/patients.csv says which cases show one patient. Cases
    are numbered by folder and series. Nothing of the headers that could name anybody is written;
    who is who stands in the file of --key alone.

    Slices are placed by their positions, never by SliceThickness. A series with missing, doubled or
    unevenly spaced slices is refused. That of a tilted gantry keeps its true, sheared geometry,
    which ingest refuses, unless --straighten moves its slices above each other: HU are then
    interpolated linearly, labels taken from the nearest voxel.

    Masks are DICOM-SEGs, or a folder of binary slices for each structure as 3D-IRCADb-1 has them:
    MASKS_DICOM/STRUCTURE/ beside PATIENT_DICOM/. Patterns such as 'livertumor*' are compared with
    the labels of the segments or the names of the folders; the table shows what they found. A
    lesion outside the liver's outline counts as lesion.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.dicom.import_set import describe_left_out, import_dicom
    from liverseg.dicom.masks import Patterns
    from liverseg.repository.text_table import format_columns

    if key is not None and key.resolve().is_relative_to(output.resolve()):
        raise DataError(
            str(key),
            expected=f"a file outside {output}, which is handed on without names",
            received="one inside",
            next_step="Keep the key where only those may read it who may know the patients.",
        )
    imported = import_dicom(
        folders,
        output,
        Patterns(tuple(liver), tuple(lesion)),
        straightened=straighten,
        key=key,
    )
    notes = logging.getLogger(__name__)
    for line in describe_left_out(imported.left_out):
        notes.warning(line)
    for case in imported.cases:
        for note in case.notes:
            notes.warning(f"{case.job.case_id}: {note}")
        if case.unused:
            notes.info(f"{case.job.case_id}: unused: {', '.join(case.unused)}")
    typer.echo(format_columns(COLUMNS, [_build_row(case) for case in imported.cases]))
    for failure in imported.failures:
        typer.echo(f"error: {failure}", err=True)
    if imported.failures:
        raise typer.Exit(SOME_FAILED)


def _build_row(case: "ImportedCase") -> tuple[str, ...]:
    return (
        case.job.case_id,
        case.job.patient_id,
        " x ".join(str(length) for length in case.shape),
        " x ".join(f"{length:.4g}" for length in case.spacing_mm),
        ", ".join(case.liver) or "-",
        ", ".join(case.lesion) or "-",
        case.job.series.name,
    )
