"""``liverseg import``: DICOM to a data set of NIfTI files."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import DataError

if TYPE_CHECKING:
    from liverseg.dicom.convert import ImportedCase

COLUMNS = ("case", "patient", "voxels", "mm", "liver", "lesion", "from")


@verb("import")
def import_(
    folders: Annotated[list[Path], typer.Argument(help="Folders of DICOM files, at any depth.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The new data set's root.")],
    liver: Annotated[
        list[str] | None,
        typer.Option(
            help="Pattern of the structures that are liver, repeat for more; without it what is "
            "coded as liver or named 'liver'.",
        ),
    ] = None,
    lesion: Annotated[
        list[str] | None,
        typer.Option(
            help="Pattern of the structures that are lesion, likewise; without it what is coded as "
            "a lesion, mass or neoplasm, or named 'liver*tumo*r*' or 'liver*lesion*'."
        ),
    ] = None,
    straighten: Annotated[
        bool,
        typer.Option(
            "--straighten", help="Resample scans of a tilted gantry to a rectangular grid."
        ),
    ] = False,
    resample_slices: Annotated[
        bool,
        typer.Option(
            "--resample-slices", help="Resample missing or uneven slices to even distances."
        ),
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(
            help="Write here, outside OUTPUT, who each case is; none but you may read it.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Turn CT series into scans in HU, and their masks into labels.

    \b
    liverseg import dicom/ -o data/mine
    liverseg import 3Dircadb1.*/ -o data/ircad --lesion 'livertumor*' --key who_is_who.csv

    Every series becomes OUTPUT/images/case_NNN.nii.gz, its liver (1) and lesions (2)
    OUTPUT/masks/case_NNN.nii.gz, and OUTPUT/patients.csv says which cases show one patient. Cases
    are numbered by folder and series. Two acquisitions under one series are two cases; views that
    plan a scan are left out. Nothing of the headers that could name anybody is written; who is who
    stands in the file of --key alone.

    Slices are placed by their positions, never by SliceThickness. A series with missing, doubled or
    unevenly spaced slices is refused, unless --resample-slices interpolates HU linearly between
    slices, and takes labels from the nearest one. That of a tilted gantry keeps its true, sheared
    geometry, which ingest refuses, unless --straighten moves its slices above each other: HU are
    then interpolated linearly, labels taken from the nearest voxel.

    Masks are DICOM-SEGs and RTSTRUCTs, or a folder of binary slices for each structure as
    3D-IRCADb-1 has them: MASKS_DICOM/STRUCTURE/ beside PATIENT_DICOM/. Structures are known by
    their codes or names; patterns such as 'livertumor*' go by names alone, those of segments,
    regions and folders, and the table shows what they found. A lesion outside the liver's outline
    counts as lesion.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.dicom.import_set import describe_left_out, describe_notes, import_dicom
    from liverseg.dicom.masks import Patterns
    from liverseg.text import format_columns

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
        Patterns(tuple(liver or ()), tuple(lesion or ())),
        straightened=straighten,
        resampled=resample_slices,
        key=key,
    )
    notes = logging.getLogger(__name__)
    for line in (*describe_left_out(imported.left_out), *describe_notes(imported.cases)):
        notes.warning(line)
    for case in imported.cases:
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
