"""Where a prediction is undecided about lesions: a map on the grid of the scan, and a picture."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liverseg.grids.orientation import reorient_array
from liverseg.params import ModelRules
from liverseg.scans.entropy import map_entropy
from liverseg.scans.files import ScanFolder
from liverseg.scans.key_slices import select_key_slices
from liverseg.scans.predictor import Prediction
from liverseg.slices.geometry import SLICE_AXES
from liverseg.volumes.nifti import Volume, write_probability


def write_uncertainty(
    folder: ScanFolder, scan: Volume, prediction: Prediction, rules: ModelRules, like: Path
) -> npt.NDArray[np.uint8]:
    """Write ``uncertainty.nii.gz`` and ``uncertainty.png``; equal predictions give equal bytes.

    The map is the binary entropy of ``scans.entropy`` for every voxel, a byte each that readers see
    as 0 to 1 bit. The picture lays it over the slices of ``overlay.png``.

    Args:
        folder: Of the results.
        scan: In HU.
        prediction: Of the scan.
        rules: That it was made with.
        like: The file of the scan, whose header places the map.

    Returns:
        The map (i, j, k), in 255ths of a bit.
    """
    entropy = map_entropy(prediction.restore_probability("lesion"), rules.lesion_temperature)
    write_probability(folder.uncertainty, entropy, like)
    from liverseg.scans.pictures import write_sheet

    turned = reorient_array(entropy, scan.grid.axis_codes, SLICE_AXES)
    chosen = select_key_slices(scan, prediction.labels, rules.lesion_connectivity)
    slices = tuple(replace(each, entropy=each.place.cut(turned)) for each in chosen.slices)
    write_sheet(folder.uncertainty_picture, replace(chosen, slices=slices))
    return entropy
