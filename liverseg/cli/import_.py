"""``liverseg import``: data of other layouts and formats to a data set of NIfTI files."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liverseg.archives.unpacking import is_archive
from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liverseg.imported import ImportedCase, ImportJob
    from liverseg.volumes.structure_names import Patterns

_NOTES = logging.getLogger(__name__)

COLUMNS = ("case", "patient", "voxels", "mm", "liver", "lesion", "from")


@verb("import")
def import_(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of DICOM files, at any depth, or of volumes; or zip archives of such."
        ),
    ],
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
    """Turn scans of other formats into scans in HU, and their masks into labels.

    \b
    liverseg import dicom/ -o data/mine
    liverseg import 3Dircadb1.*/ -o data/ircad --lesion 'livertumor*' --key who_is_who.csv
    liverseg import Totalsegmentator_dataset/ -o data/total
    liverseg import nrrd.zip -o data/mine
    liverseg import amos22/ -o data/amos --liver 6
    liverseg import CHAOS_Train_Sets.zip -o data/chaos

    Every scan becomes OUTPUT/images/CASE.nii.gz, its liver (1) and lesions (2)
    OUTPUT/masks/CASE.nii.gz, and OUTPUT/patients.csv says which cases show one patient.

    Volumes (NIfTI, NRRD, MetaImage) keep their names. They are laid out as data sets for training
    are, or with a file for each structure in segmentations/ beside the scan (TotalSegmentator);
    --liver and --lesion are patterns of the names of structures, or the values of a mask. Cases
    without liver are left out. NRRD and MetaImage need pip install "liverseg[itk]".

    DICOM series are numbered by folder and series, case_001 and on. Two acquisitions under one
    series are two cases; views that plan a scan are left out. Nothing of the headers that could
    name anybody is written; who is who stands in the file of --key alone.

    Slices are placed by their positions, never by SliceThickness. A series with missing, doubled or
    unevenly spaced slices is refused, unless --resample-slices interpolates HU linearly between
    slices, and takes labels from the nearest one. That of a tilted gantry keeps its true, sheared
    geometry, which ingest refuses, unless --straighten moves its slices above each other: HU are
    then interpolated linearly, labels taken from the nearest voxel.

    Masks are DICOM-SEGs and RTSTRUCTs, or a folder of binary slices for each structure as
    3D-IRCADb-1 has them: MASKS_DICOM/STRUCTURE/ beside PATIENT_DICOM/, or the pictures of the liver
    in Ground/ beside DICOM_anon/ of CHAOS. Structures are known by
    their codes or names; patterns such as 'livertumor*' go by names alone, those of segments,
    regions and folders, and the table shows what they found. A lesion outside the liver's outline
    counts as lesion.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.archives.opening import unpack_archives
    from liverseg.importing.kinds import hold_volumes
    from liverseg.text import format_columns
    from liverseg.volumes.structure_names import Patterns

    patterns = Patterns(tuple(liver or ()), tuple(lesion or ()))
    _check_key(key, folders, output)
    with unpack_archives(folders) as given:
        if hold_volumes(given.paths):
            _refuse_options(straighten=straighten, resample_slices=resample_slices, key=key)
            told = _import_volumes(given.paths, output, patterns)
        else:
            told = _import_dicom(
                given.paths,
                output,
                patterns,
                straightened=straighten,
                resampled=resample_slices,
                key=key,
            )
    for line in told.notes:
        _NOTES.warning(given.rename(line))
    for case in told.cases:
        if case.unused:
            _NOTES.info(f"{case.job.case_id}: unused: {', '.join(case.unused)}")
    rows = [(*_build_row(case), given.rename(case.job.source)) for case in told.cases]
    typer.echo(format_columns(COLUMNS, rows))
    for failure in told.failures:
        typer.echo(f"error: {given.rename(failure)}", err=True)
    if told.failures:
        raise typer.Exit(SOME_FAILED)


@dataclass(frozen=True)
class _Told:
    """What an import of either kind has to say: its cases, notes on them, and what failed."""

    cases: "Sequence[ImportedCase[ImportJob]]"
    notes: list[str]
    failures: list[str]


def _import_volumes(folders: "Sequence[Path]", output: Path, patterns: "Patterns") -> _Told:
    from liverseg.importing.volume_set import import_volumes
    from liverseg.names import escape_unprintable
    from liverseg.text import format_notes

    imported = import_volumes(folders, output, patterns)
    notes = {case.job.case_id: case.notes for case in imported.cases}
    notes |= dict.fromkeys(imported.without_liver, ("no voxel of the liver, left out",))
    failures = [escape_unprintable(f"{each.case_id}: {each.error}") for each in imported.failures]
    return _Told(imported.cases, format_notes(notes), failures)


def _import_dicom(
    folders: "Sequence[Path]", output: Path, patterns: "Patterns", **options: Any
) -> _Told:
    from liverseg.dicom.import_set import describe_left_out, describe_notes, import_dicom

    imported = import_dicom(folders, output, patterns, **options)
    notes = [*describe_left_out(imported.left_out), *describe_notes(imported.cases)]
    return _Told(imported.cases, notes, list(imported.failures))


def _build_row(case: "ImportedCase[ImportJob]") -> tuple[str, ...]:
    return (
        case.job.case_id,
        case.job.patient_id,
        " x ".join(str(length) for length in case.shape),
        " x ".join(f"{length:.4g}" for length in case.spacing_mm),
        ", ".join(case.liver) or "-",
        ", ".join(case.lesion) or "-",
    )


def _check_key(key: Path | None, folders: list[Path], output: Path) -> None:
    if key is None:
        return
    if key.resolve().is_relative_to(output.resolve()):
        raise DataError(
            str(key),
            expected=f"a file outside {output}, which is handed on without names",
            received="one inside",
            next_step="Keep the key where only those may read it who may know the patients.",
        )
    for archive in filter(is_archive, folders):
        raise DataError(
            "--key",
            expected="folders, whose places the key can name",
            received=str(archive),
            next_step="Unpack it, and import the folder.",
        )


def _refuse_options(*, straighten: bool, resample_slices: bool, key: Path | None) -> None:
    """Volumes have no slices to place, and no names to keep apart."""
    given = {"--straighten": straighten, "--resample-slices": resample_slices, "--key": bool(key)}
    for name, is_given in given.items():
        if is_given:
            raise DataError(
                name,
                expected="a folder of DICOM files",
                received="NIfTI, NRRD or MetaImage files",
                next_step="Leave it out.",
            )
