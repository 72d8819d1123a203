"""A model folder in, a folder for another runtime out: written, compared, then kept."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liverseg.errors import DataError
from liverseg.export.loading import no_chatter
from liverseg.networks.model_folder import ModelFolder
from liverseg.outputs import whole_folder
from liverseg.scans.ensemble import Ensemble
from liverseg.scans.predictor import Predictor
from liverseg.volumes.nifti import read_scan

if TYPE_CHECKING:
    from liverseg.export.formats import FormatName
    from liverseg.export.parity import Parity

EXPORT_FILE = "export.json"
SYNTHETIC = "a synthetic scan"


def export_model(
    ensemble: Ensemble, name: "FormatName", out: Path, scan: Path | None = None
) -> "Parity":
    """Write the one network of an ensemble and ``export.json`` into ``out``, or nothing.

    Args:
        ensemble: Of one model.
        name: The format.
        out: A folder; an earlier export there is replaced.
        scan: What both networks are compared on; by default a synthetic one.

    Returns:
        How far the exported network is from the original.

    Raises:
        DataError: The format's packages are missing, ``out`` holds something else or is no UTF-8,
            or the scan cannot be read.
        ModelError: The model cannot be loaded, or the exported network differs from it.
    """
    if out.exists() and not (out / EXPORT_FILE).is_file():
        raise DataError(
            str(out),
            expected="a new folder, or an earlier export to replace",
            received="something else",
            next_step="Name another one.",
        )
    if any("\udc80" <= each <= "\udcff" for each in str(out)):
        raise DataError(
            str(out),
            expected="a path in UTF-8: the libraries of the formats take no other",
            received="other bytes",
            next_step="Name another folder, and rename it afterwards.",
        )
    with no_chatter():  # TensorFlow loads
        from liverseg.export.description import write_export
        from liverseg.export.formats import name_output, select_format
        from liverseg.export.parity import build_phantom, check_parity, measure_parity

    selected = select_format(name)
    compared_on = build_phantom() if scan is None else read_scan(scan)
    (network,) = Predictor(ensemble).networks
    network = replace(network, model=ModelFolder(ensemble.members[0].folder).load())
    with whole_folder(out) as folder:
        selected.write(name_output(network.model), folder / selected.file)
        parity = measure_parity(
            network,
            selected.open(folder / selected.file),
            compared_on,
            ensemble.preprocessing,
            ensemble.rules,
        )
        check_parity(parity, f"{ensemble.members[0].folder} as {name}")
        write_export(
            folder / EXPORT_FILE,
            ensemble,
            parity,
            name=name,
            file=selected.file,
            compared_on=SYNTHETIC if scan is None else scan.name,
        )
    return parity
