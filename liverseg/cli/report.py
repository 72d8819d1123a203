"""``liverseg report``: a page a scan for people."""

from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import EXIT_CODE, DataError


@verb()
def report(
    predictions: Annotated[
        Path,
        typer.Argument(help="What liverseg predict wrote: all, one scan's folder, or zip of it."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder of the reports; of one scan also an .html file. By default beside what "
            "was predicted, which a zip does not allow.",
        ),
    ] = None,
    scans: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the scans, or zip; needed only where a prediction lacks its picture, "
            "overlay.png.",
        ),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write each page as PDF too, beside it: report.pdf.")
    ] = False,
) -> None:
    """Write a report a scan: key slices, lesion table, volumes and provenance on one page.

    \b
    liverseg predict SCAN... -o OUT
    liverseg report OUT                       # OUT/NAME/report.html and OUT/index.html
    liverseg report OUT/NAME -o report.html   # of one scan
    liverseg report OUT --pdf                 # OUT/NAME/report.pdf too

    Each is one HTML file that needs no network and prints on one sheet of A4, which is what the PDF
    holds; to write it, pip install "liverseg[pdf]". Not for clinical use.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.archives.opening import unpack_archives
    from liverseg.archives.unpacking import is_archive
    from liverseg.scans.files import holds_results
    from liverseg.scans.report.writing import write_reports

    if out is None and is_archive(predictions):
        raise DataError(
            str(predictions),
            expected="--out with it, a folder for the reports",
            received="a zip archive alone, into which nothing is written",
            next_step="Name one.",
        )
    if scans is not None and not (scans.is_dir() or is_archive(scans)):
        raise DataError(
            str(scans),
            expected="a folder of scans, or a zip archive of one",
            received="a file" if scans.exists() else "no such folder",
            next_step="Name the folder that they lie in.",
        )
    with unpack_archives(filter(None, (predictions, scans))) as given:
        written = write_reports(
            given.find_folder(predictions, holds_results),
            out,
            scans and given.find(scans),
            pdf=pdf,
        )
    for failure in map(given.rename, written.failures):
        typer.echo(f"failed: {failure}", err=True)
    if written.path is not None:
        typer.echo(written.path)
    if written.failures:
        raise typer.Exit(SOME_FAILED if written.path else EXIT_CODE)
