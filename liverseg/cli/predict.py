"""``liverseg predict``: where the tumours of new scans are, and how large."""

import logging
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import EXIT_CODE


class FlipChoice(StrEnum):
    """Mirror images of each slice that count too; see ``inference.flips``."""

    NONE = "none"
    HORIZONTAL = "horizontal"
    ALL = "all"


@verb()
def predict(
    scans: Annotated[
        list[Path],
        typer.Argument(help="Scans: NIfTI, NRRD or MetaImage, folders of them or of DICOM, zip."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the results.", file_okay=False)
    ],
    model: Annotated[
        list[str] | None,  # a Path would turn ./ready into ready
        typer.Option(
            help="Model folder, or ready, the model of the package; by default models/final, where "
            "that is missing ready. Given several times, the mean of the models' probabilities "
            "counts.",
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="How probabilities become labels, by default rules.json of the model folder.",
            dir_okay=False,
        ),
    ] = None,
    flips: Annotated[
        FlipChoice | None,
        typer.Option(
            help="Mean over mirror images too: horizontal takes twice, all four times as long; by "
            "default as the rules say.",
        ),
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Write those of liver and lesion as well.")
    ] = False,
    uncertainty: Annotated[
        bool,
        typer.Option("--uncertainty", help="Write where the networks are undecided of lesions."),
    ] = False,
    dicom: Annotated[
        bool,
        typer.Option(
            "--dicom", help="Write results in DICOM as well; the scans have to be DICOM series."
        ),
    ] = False,
    batch_size: Annotated[int, typer.Option(help="Slices at a time.", min=1)] = 16,
    threads: Annotated[
        int | None,
        typer.Option(help="By default as many as there are cores.", min=1),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Predict again what is done.")] = False,
    force_input: Annotated[
        bool,
        typer.Option(
            "--force-input", help="Predict also what does not look like a CT of the body in HU."
        ),
    ] = False,
) -> None:
    """Segment liver and tumours of CT scans, and measure every tumour.

    \b
    liverseg predict scan.nii.gz -o predictions
    liverseg predict scans/ -o predictions --flips horizontal --probabilities
    liverseg predict scans/ -o predictions --model fold0 --model fold1 --rules fold0/rules.json
    liverseg predict scans/ -o predictions --model ready
    liverseg predict ct/ -o predictions --dicom
    liverseg predict scans.zip -o predictions

    The model ready comes with the package. It is trained on synthetic scans alone and has seen no
    patient. A folder that is called so is ./ready.

    A file is a scan, whatever its name. In a folder, files and folders named as masks are
    (segmentation-3.nii, labelsTr/, case_seg.nii.gz) are left out. A folder of DICOM files stands
    for the CT series in it; to read them, pip install "liverseg[dicom]". NRRD and MetaImage files
    (.nrrd, .nhdr, .mha, .mhd) need pip install "liverseg[itk]". A zip archive stands for the folder
    in it. Its scans, and all scans of one name, are named by their folders too, from where these
    first differ (a/ct.nii is a-ct).

    \b
    OUT/NAME/labels.nii.gz   0 background, 1 liver, 2 lesion, on the grid of the scan
    OUT/NAME/lesions.csv     a row a lesion, by decreasing volume
    OUT/NAME/overlay.png     the slices that matter, liver and lesions outlined
    OUT/NAME/summary.json    volumes of liver and lesions, burden, provenance
    OUT/NAME/uncertainty.nii.gz, uncertainty.png   with --uncertainty: entropy, 0 to 1 bit
    OUT/NAME/segmentation.dcm, measurements.dcm   with --dicom: DICOM-SEG and DICOM SR (TID 1500)
    OUT/NAME/report.dcm      with --dicom: the PDF of liverseg report as Encapsulated PDF
    OUT/NAME/uncertainty.dcm with --dicom and --uncertainty: the map as DICOM Parametric Map
    OUT/lesions.csv          the lesions of all scans in OUT
    OUT/scans.csv            a row a scan

    Each scan is judged by the rules of liverseg check. One that cannot be used (MR, 8-bit values,
    an offset of 1024, a sheared grid ...) fails, unless --force-input is given. What looks wrong
    (mirrored, shifted values, two scans in one, no liver found ...), or is unlike all scans that
    the model was trained on, is told here, in summary.json and in the report.

    A scan that fails is listed at the end, and the others are done: exit code 1. Where all
    fail or nothing can start, it is 2. Interrupted (130), the same command goes on where it
    stopped: what is done from the same scan, models, rules and flips stays. A folder OUT/NAME with
    files of yours in it is never replaced: its scan fails.

    For research; not for clinical use.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg import api
    from liverseg.scans.results import format_models, format_summaries

    logger = logging.getLogger(__name__)
    predicted = api.predict(
        scans,
        out,
        model=model,
        rules=rules,
        flips=flips.value if flips else None,
        probabilities=probabilities,
        uncertainty=uncertainty,
        dicom=dicom,
        batch_size=batch_size,
        threads=threads,
        force=force,
        force_input=force_input,
    )
    if predicted.done:
        typer.echo(format_summaries(predicted.done))
        logger.warning(format_models(predicted.done[0].provenance.models))
    for summary in predicted.done:
        for finding in summary.findings:
            note = f"{finding.level}: {summary.scan}: {finding.reason}. {finding.next_step}"
            logger.warning(note)
    for each in predicted.failed:
        typer.echo(f"failed: {each.error}", err=True)
    if predicted.failed:
        typer.echo("Then run the same command again: what is done stays.", err=True)
        raise typer.Exit(SOME_FAILED if predicted.done else EXIT_CODE)
