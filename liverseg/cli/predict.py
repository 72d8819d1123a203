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
        list[Path], typer.Argument(help="Scans: NIfTI files, folders of them or of DICOM series.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the results.", file_okay=False)
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            help="Model folder; by default models/final. Given several times, the mean of the "
            "models' probabilities counts."
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
        FlipChoice,
        typer.Option(
            help="Mean over mirror images too: horizontal takes twice, all four times as long."
        ),
    ] = FlipChoice.NONE,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Write those of liver and lesion as well.")
    ] = False,
    batch_size: Annotated[int, typer.Option(help="Slices at a time.", min=1)] = 16,
    threads: Annotated[
        int | None,
        typer.Option(help="Of TensorFlow; by default as many as there are cores.", min=1),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Predict again what is done.")] = False,
) -> None:
    """Segment liver and tumours of CT scans, and measure every tumour.

    \b
    liverseg predict scan.nii.gz -o predictions
    liverseg predict scans/ -o predictions --flips horizontal --probabilities
    liverseg predict scans/ -o predictions --model fold0 --model fold1 --rules fold0/rules.json

    A file is a scan, whatever its name. In a folder, files and folders named as masks are
    (segmentation-3.nii, labelsTr/, case_seg.nii.gz) are left out. A folder of DICOM files stands
    for the CT series in it; to read them, pip install "liverseg[dicom]".

    \b
    OUT/NAME/labels.nii.gz   0 background, 1 liver, 2 lesion, on the grid of the scan
    OUT/NAME/lesions.csv     a row a lesion, by decreasing volume
    OUT/NAME/overlay.png     the slices that matter, liver and lesions outlined
    OUT/NAME/summary.json    volumes of liver and lesions, burden, provenance
    OUT/lesions.csv          the lesions of all scans in OUT
    OUT/scans.csv            a row a scan

    A scan that cannot be read is listed at the end, and the others are done: exit code 1. Where all
    fail or nothing can start, it is 2. Interrupted (130), the same command goes on where it
    stopped: what is done from the same scan, models, rules and flips stays. A folder OUT/NAME with
    files of yours in it is never replaced: its scan fails.

    For research; not for clinical use.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.prediction.ensemble import read_ensemble
    from liverseg.prediction.predict import predict_scans
    from liverseg.prediction.predictor import Predictor
    from liverseg.prediction.results import format_summaries
    from liverseg.prediction.scans import find_scans
    from liverseg.prediction.summary import read_summary

    found = find_scans(scans, out)
    if found.masks:
        names = ", ".join(str(path) for path in found.masks[:5])
        more = ", ..." if found.masks[5:] else ""
        note = f"{len(found.masks)} left out, masks by their names: {names}{more}"
        logging.getLogger(__name__).warning(note)
    ensemble = read_ensemble(model or [Path("models/final")], rules)
    predictor = Predictor(ensemble, flips.value, batch_size, threads)
    failed = predict_scans(
        found.scans, predictor, out, with_probabilities=probabilities, force=force
    )
    failures = {each.scan.name: each.error for each in failed}
    done = [out / scan.name for scan in found.scans if scan.name not in failures]
    if done:
        typer.echo(format_summaries([read_summary(folder) for folder in done]))
    for error in failures.values():
        typer.echo(f"failed: {error}", err=True)
    if failed:
        typer.echo("Then run the same command again: what is done stays.", err=True)
        raise typer.Exit(SOME_FAILED if done else EXIT_CODE)
