"""``liverseg compare``: what became of each lesion between two scans of one patient."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liverseg.cli.app import verb

if TYPE_CHECKING:
    from liverseg.archives.opening import Unpacked


@verb()
def compare(
    baseline: Annotated[
        Path,
        typer.Argument(
            help="The first scan: its folder of liverseg predict, its labels, or zip of either."
        ),
    ],
    followup: Annotated[Path, typer.Argument(help="The second scan of the patient, likewise.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the results.", file_okay=False)
    ],
    baseline_scan: Annotated[
        Path | None, typer.Option(help="The first scan itself, or zip, for the pictures.")
    ] = None,
    followup_scan: Annotated[
        Path | None, typer.Option(help="The second scan itself, likewise.")
    ] = None,
) -> None:
    """Follow every lesion from one scan of a patient to the next, and judge the response.

    \b
    liverseg predict may.nii.gz june.nii.gz -o predictions
    liverseg compare predictions/may predictions/june -o followup \\
        --baseline-scan may.nii.gz --followup-scan june.nii.gz
    liverseg compare may-labels.nii.gz june-labels.nii.gz -o followup

    The livers are laid over each other by a turn and a shift; lesions are paired where they
    overlap, else where their centres lie within 10 mm. Each is grown, shrunk, stable, new,
    vanished, split or merged. The response is that of RECIST 1.1 for the liver alone. Needs
    pip install "liverseg[followup]".

    \b
    OUT/pairs.csv        a row a pair: volumes and diameters side by side
    OUT/response.json    targets, sums, response, registration
    OUT/compare.html     all of it with a picture of each pair, in one file

    A folder OUT with files of yours in it is never replaced. For research; not for clinical use.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.archives.opening import unpack_archives
    from liverseg.followup.page import format_comparison
    from liverseg.followup.writing import ComparisonFolder, write_comparison

    named = filter(None, (baseline, followup, baseline_scan, followup_scan))
    with unpack_archives(named) as given:
        comparison = write_comparison(
            _find_study(given, baseline),
            _find_study(given, followup),
            out,
            baseline_scan=baseline_scan and given.find(baseline_scan),
            followup_scan=followup_scan and given.find(followup_scan),
        )
    typer.echo(format_comparison(comparison))
    typer.echo(ComparisonFolder(out).page)
    for note in comparison.notes:
        logging.getLogger(__name__).warning(f"warning: {note}")


def _find_study(given: "Unpacked", path: Path) -> Path:
    """The results of a scan in an archive, else the one file of labels in it."""
    from liverseg.scans.files import holds_results

    folder = given.find_folder(path)
    return folder if holds_results(folder) else given.find_file(path)
