"""What a user of an exported network has to know, in one JSON."""

from dataclasses import asdict
from pathlib import Path

from liverseg.export.parity import LARGEST_DIFFERENCE, LARGEST_SHARE, Parity
from liverseg.json_files import write_json
from liverseg.labels import REGIONS
from liverseg.postprocess.labels import LIVER_CONNECTIVITY
from liverseg.scans.ensemble import Ensemble
from liverseg.slices.windowing import AIR_HU

INPUT_STEPS = """
Bring the scan, in HU, to the axis order axis_codes: slices feet to head, rows front to back, \
columns from the patient's right to left.
Pad each slice with padding_hu to a square in millimetres, the slice in its middle.
Resize it to image_size: averaged by area along an axis that shrinks, else linear; pixels are \
squares that fill the slice.
Window it: clip to a window's ends, then 0 to 255, linear, rounded, as uint8.
Stack the channels of a slice and its neighbours as input.channels lists them; beyond the first \
and the last slice that one is repeated.
The network takes 0 to 255 as they are: it scales them itself.
"""
OUTPUT_STEPS = """
Where flips is horizontal, ask again with the columns of the input reversed, and reverse those \
of the answer; where it is all, with rows reversed too, and both. Take the mean of all answers.
Round each probability to the nearest of 255ths.
Resize liver and lesion to the padded square, as above, and cut the padding off.
Threshold each on the grid of the scan: at least liver_threshold, lesion_threshold.
Where largest_liver_component: keep that of the liver, by liver_connectivity neighbours.
Keep lesion inside of the liver only, and of it the components, by lesion_connectivity \
neighbours, of at least min_lesion_ml.
Labels: 0 background, 1 liver, 2 lesion.
"""


def write_export(
    path: Path, ensemble: Ensemble, parity: Parity, *, name: str, file: str, compared_on: str
) -> None:
    """Write a JSON: the way from HU to labels, and how well the network was copied.

    Args:
        path: In the folder of the network.
        ensemble: Of the one model that was exported.
        parity: What was measured.
        name: Of the format.
        file: What a runtime opens.
        compared_on: The scan behind ``parity``.
    """
    (member,) = ensemble.members
    description, preprocessing = member.description, ensemble.preprocessing
    size, context = preprocessing.image_size, description.context
    channels = [
        {"slice": offset, "window_hu": window}
        for offset in range(-context, context + 1)
        for window in preprocessing.windows_hu
    ]
    content = {
        "format": name,
        "file": file,
        "model": {**asdict(description), "md5": member.md5, "trained_on": member.trained_on},
        "input": {
            "name": "slices",
            "dtype": "uint8",
            "layout": ["batch", "rows", "columns", "channels"],
            "shape": [None, size, size, len(channels)],
            "channels": channels,
        },
        "output": {
            "name": "probabilities",
            "dtype": "float32",
            "layout": ["batch", "rows", "columns", "regions"],
            "shape": [None, size, size, len(REGIONS)],
            "regions": REGIONS,
        },
        "preprocessing": {
            "axis_codes": preprocessing.axis_codes,
            "padding_hu": AIR_HU,
            "image_size": size,
            "windows_hu": preprocessing.windows_hu,
            "context": context,
            "steps": INPUT_STEPS.strip().splitlines(),
        },
        "postprocessing": {
            **ensemble.rules.model_dump(mode="json"),
            "liver_connectivity": LIVER_CONNECTIVITY,
            "steps": OUTPUT_STEPS.strip().splitlines(),
        },
        "parity": {
            "compared_on": compared_on,
            **asdict(parity),
            "differing_share": parity.differing_share,
            "allowed": {"largest_difference": LARGEST_DIFFERENCE, "differing_share": LARGEST_SHARE},
        },
    }
    write_json(path, content)
