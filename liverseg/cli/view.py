"""``liverseg view``: a scan, its masks and what is uncertain in the browser."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import verb


@verb()
def view(
    scan: Annotated[
        Path,
        typer.Argument(
            help="A scan: .nii or .nii.gz, or that in a zip.", exists=True, dir_okay=False
        ),
    ],
    masks: Annotated[
        list[Path] | None,
        typer.Argument(help="Masks on its grid, laid over it.", exists=True, dir_okay=False),
    ] = None,
    uncertainty: Annotated[
        Path | None,
        typer.Option(
            help="Lay this map of 0 to 1 bit over it: uncertainty.nii.gz of predict.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(help="Write one page with everything in it, and end.", dir_okay=False),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Look at a scan in three planes, with masks laid over it.

    \b
    liverseg view scan.nii.gz                          # in the browser, until Ctrl-C
    liverseg view scan.nii.gz segmentation.nii.gz
    liverseg view scan.nii.gz reference.nii.gz predicted.nii.gz --html case.html
    liverseg view scan.nii.gz OUT/scan/labels.nii.gz --uncertainty OUT/scan/uncertainty.nii.gz

    Masks are NIfTI files of the labels 0 background, 1 liver and 2 lesion on the grid of the scan;
    the order of the axes may differ. The patient's right is on the left. The scan's own window is
    that of its header, else the middle 96 % of its values. The browser needs WebGL 2.

    Without --html the page is served on 127.0.0.1 alone until Ctrl-C, and its address is printed.
    Other users of the machine cannot guess it or see it among the processes, and no other web page
    is answered; who is told the address, or may read your files (root), sees the scan. A browser
    that may not read temporary files (snap, flatpak) has to be given the address by hand. The page
    of --html works offline, by double-click, and holds the scan
    as it is: whoever gets it, gets the patient's images. It is a third larger than the compressed
    files and 2.3 MB, and they may have 256 MiB.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.archives.opening import unpack_archives
    from liverseg.viewing.page import write_page
    from liverseg.viewing.scene import build_scene
    from liverseg.viewing.server import serve_scene

    masks = masks or []
    with unpack_archives([scan, *masks]) as given:
        found = [given.find_file(mask) for mask in masks]
        scene = build_scene(given.find_file(scan), found, uncertainty)
        if html is not None:
            write_page(html, scene)
            typer.echo(html)
            return
        try:
            serve_scene(scene, opens_browser=browser)
        except KeyboardInterrupt:
            logging.getLogger(__name__).warning("stopped")
