"""``liverseg serve``: a page to drop scans on."""

import logging
from typing import Annotated

import typer

from liverseg.cli.app import verb

BYTES_PER_GIB = 2**30


@verb(extra="serve")
def serve(
    model: Annotated[
        list[str] | None,  # a Path would turn ./ready into ready
        typer.Option(help="As for liverseg predict."),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Where to listen; other addresses than loopback need a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Likewise; 0 for a free one.", min=0, max=65535)] = 0,
    token: Annotated[
        str | None,
        typer.Option(
            help="The secret in the address, at least 16 letters or digits; on loopback by default "
            "a new one. Others see it among the processes, unlike the variable's.",
            envvar="LIVERSEG_TOKEN",
            show_envvar=True,
        ),
    ] = None,
    limit_gib: Annotated[
        float, typer.Option(help="Of what is sent at a time, archives unpacked.", min=1e-6)
    ] = 8.0,
    dicom: Annotated[
        bool,
        typer.Option(
            "--dicom", help="Offer results of DICOM series in DICOM too, as liverseg predict."
        ),
    ] = False,
    uncertainty: Annotated[
        bool,
        typer.Option("--uncertainty", help="Show where the lesion probability is undecided, too."),
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Drop scans on a page, and see, look at and save what is found in them.

    \b
    liverseg serve                                    # in the browser, until Ctrl-C
    liverseg serve --model ready --port 8080 --no-browser
    liverseg serve --dicom                            # DICOM-SEG and SR of DICOM series as well
    liverseg serve --uncertainty                      # and where the model is undecided
    LIVERSEG_TOKEN=... liverseg serve --host 0.0.0.0  # for other machines, see docs/serve.md

    The page takes files and folders, NIfTI, DICOM or zip archives of them, and does one job after
    the other as liverseg predict and liverseg report would. Scans and results lie in a temporary
    folder that only you can read; they go when they are deleted on the page, and all of them when
    the command ends. Other users of the machine cannot guess the address, and no other web page is
    answered.

    Needs pip install "liverseg[serve]". For research; not for clinical use.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.scans.dicom_out.writing import require_dicom
    from liverseg.scans.ensemble import read_ensemble
    from liverseg.scans.named_models import find_models
    from liverseg.serving.queue import JobOptions
    from liverseg.serving.server import choose_token
    from liverseg.serving.server import serve as serve_page

    token = choose_token(host, token)
    read_ensemble(find_models(model))  # what is wrong with them is said before anything is sent
    if dicom:
        require_dicom(())
    try:
        serve_page(
            host,
            port,
            token=token,
            options=JobOptions(int(limit_gib * BYTES_PER_GIB), model or (), dicom, uncertainty),
            opens_browser=browser,
        )
    except KeyboardInterrupt:
        logging.getLogger(__name__).warning("stopped")
