"""``liverseg report``: a page a scan for people."""

from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import EXIT_CODE


@verb()
def report(
    predictions: Annotated[
        Path, typer.Argument(help="What liverseg predict wrote: all of it, or one scan's folder.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder of the reports; of one scan also an .html file. By default beside what "
            "was predicted.",
        ),
    ] = None,
    scans: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the scans; needed only where a prediction lacks its picture, "
            "overlay.png.",
            file_okay=False,
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
    from liverseg.scans.report.writing import write_reports

    written = write_reports(predictions, out, scans, pdf=pdf)
    for failure in written.failures:
        typer.echo(f"failed: {failure}", err=True)
    if written.path is not None:
        typer.echo(written.path)
    if written.failures:
        raise typer.Exit(SOME_FAILED if written.path else EXIT_CODE)
