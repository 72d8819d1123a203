"""Examples to leaf through: the worst, the median and the best test case of each model."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liverseg.cases.case_table import file_stem
from liverseg.labels import LESION, REGIONS, Region, select_region
from liverseg.reporting.outlines import Plane, find_slice, find_view
from liverseg.reporting.overlays import select_examples
from liverseg.reporting.page.svg_paths import trace_outline
from liverseg.reporting.results import ModelResult
from liverseg.scoring.case_score import CaseScore
from liverseg.slices.preprocess import build_label_slices
from liverseg.slices.stacks import open_stack
from liverseg.volumes.nifti import read_labels

MAX_SLICES = 24
"""Of an example, so that the page stays small."""

JPEG_QUALITY = 80


@dataclass(frozen=True, eq=False)
class Example:
    """One case as a model sees it.

    Attributes:
        name: Its element's id.
        place: worst, median or best.
        score: Of the case.
        size: Rows and columns of the view.
        slices: Those that are shown, feet to head, as the page's script takes them.
        start: Which of them is shown first: the one with most lesion in the reference.
    """

    name: str
    place: str
    score: CaseScore
    size: tuple[int, int]
    slices: list[dict[str, Any]]
    start: int


def build_examples(result: ModelResult, slices: Path) -> list[Example]:
    """The examples of a model, worst first; see ``select_examples``.

    Raises:
        DataError: Slices or predicted labels cannot be read.
    """
    return [
        _build_example(place, score, result, slices)
        for place, score in select_examples(result.test).items()
    ]


def thin_out(numbers: Sequence[int], keep: int, at_most: int) -> list[int]:
    """Evenly spaced ones of ascending numbers, ``keep`` among them.

    Args:
        numbers: At least one.
        keep: One of them.
        at_most: How many.
    """
    step = -(-len(numbers) // at_most)
    return list(numbers[numbers.index(keep) % step :: step])


def _build_example(place: str, score: CaseScore, result: ModelResult, slices: Path) -> Example:
    stack = open_stack(slices, score.case_id)
    volume = read_labels(result.scores / "labels" / f"{file_stem(score.case_id)}.nii.gz")
    predicted = build_label_slices(volume.data, stack.slice_grid)
    reference = stack.labels[:]
    labels = reference | predicted
    key = find_slice(reference)
    shown = sorted({*np.flatnonzero(labels.any(axis=(1, 2))).tolist(), key})
    shown = thin_out(shown, key, MAX_SLICES)
    view = find_view(labels.max(axis=0))
    example_slices = [
        {
            "title": f"Slice {index}: {_say_whose_lesion(reference[index], predicted[index])}",
            "image": _encode_image(stack.images[index][0][view]),
            "outlines": {
                "reference": _trace_outlines(reference[index][view]),
                "predicted": _trace_outlines(predicted[index][view]),
            },
        }
        for index in shown
    ]
    rows, columns = reference[0][view].shape
    return Example(
        name=f"{result.description.model}-{place}",
        place=place,
        score=score,
        size=(rows, columns),
        slices=example_slices,
        start=shown.index(key),
    )


def _say_whose_lesion(reference: Plane, predicted: Plane) -> str:
    planes = {"reference": reference, "prediction": predicted}
    whose = [name for name, plane in planes.items() if (plane == LESION).any()]
    return f"lesion in {' and '.join(whose)}" if whose else "no lesion"


def _trace_outlines(labels: Plane) -> dict[Region, str]:
    """An SVG path a region."""
    return {region: trace_outline(select_region(labels, region)) for region in REGIONS}


def _encode_image(image: Plane) -> str:
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return f"data:image/jpeg;base64,{base64.b64encode(encoded.tobytes()).decode()}"
