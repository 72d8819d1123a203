"""``liverseg export``: a trained model for other runtimes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import verb


class FormatChoice(StrEnum):
    """What can be written; see ``export.formats``."""

    ONNX = "onnx"
    SAVED_MODEL = "saved_model"
    OPENVINO = "openvino"


@verb(extra="export")
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.", file_okay=False)],
    file_format: Annotated[FormatChoice, typer.Option("--format", help="Of which runtime.")],
    model: Annotated[
        str | None,  # a Path would turn ./ready into ready
        typer.Argument(
            help="A model folder, or ready, the model of the package; by default models/final, "
            "where that is missing ready.",
            show_default=False,
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="How probabilities become labels, by default rules.json of the model folder.",
            dir_okay=False,
        ),
    ] = None,
    scan: Annotated[
        Path | None,
        typer.Option(
            help="Compare on this scan instead of a synthetic one.", exists=True, dir_okay=False
        ),
    ] = None,
) -> None:
    """Write a trained network for another runtime, and check that it says the same.

    \b
    liverseg export -o exported --format onnx
    liverseg export ready -o exported --format onnx
    liverseg export models/unet --rules scores/unet/rules.json -o exported --format openvino
    liverseg export -o exported --format saved_model --scan scan.nii.gz

    \b
    OUT/export.json    input, output, the way from HU to slices and from probabilities to labels
    OUT/model.onnx     onnx
    OUT/saved_model/   saved_model, TensorFlow's
    OUT/model.xml      openvino, with model.bin

    Both networks see every slice of the scan at once, the exported one in its own runtime, on the
    CPU in float32. Where a probability differs by more than 1e-4, or more than 1 in 1,000 of the
    labelled voxels get another label, nothing is written and the exit code is 2.

    Needs TensorFlow, and for onnx its packages: pip install "liverseg[export]".
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.export.exporting import export_model
    from liverseg.scans.ensemble import read_ensemble
    from liverseg.scans.named_models import find_models

    parity = export_model(read_ensemble(find_models(model), rules), file_format.value, out, scan)
    typer.echo(f"{out}\n{parity.describe()}")
