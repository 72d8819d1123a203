"""Examples to leaf through: every slice with liver, as the page's script takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from liverseg.evaluation.examples import Example, read_examples
from liverseg.evaluation.results import ModelResult
from liverseg.labels import LESION
from liverseg.pages.html_pages import embed
from liverseg.pages.outlines import Plane, find_view, trace_outline
from liverseg.pages.panels import Panel
from liverseg.scoring.case_score import CaseScore

MAX_SLICES = 24
"""Of an example, so that the page stays small."""

JPEG_QUALITY = 80


@dataclass(frozen=True)
class ShownExample:
    """One case as a model sees it.

    Attributes:
        name: Its element's id.
        place: worst, median or best.
        score: Of the case.
        size: Rows and columns of the view.
        slices: Those that are shown, feet to head: title, image and, by the name of its line, every
            outline as an SVG path in units of half a pixel.
        start: Which of them is shown first: the one with most lesion in the reference.
    """

    name: str
    place: str
    score: CaseScore
    size: tuple[int, int]
    slices: list[dict[str, Any]]
    start: int


def build_examples(result: ModelResult, slices: Path) -> list[ShownExample]:
    """The examples of a model, worst first; see ``select_examples``.

    Raises:
        DataError: Slices or predicted labels cannot be read.
    """
    model = result.description.model
    return [_show_example(model, example) for example in read_examples(result, slices)]


def thin_out(numbers: Sequence[int], keep: int, at_most: int) -> list[int]:
    """Evenly spaced ones of ascending numbers, ``keep`` among them.

    Args:
        numbers: At least one.
        keep: One of them.
        at_most: How many.
    """
    step = -(-len(numbers) // at_most)
    return list(numbers[numbers.index(keep) % step :: step])


def _show_example(model: str, example: Example) -> ShownExample:
    labels, key = example.reference | example.predicted, example.key_slice
    shown = sorted({*np.flatnonzero(labels.any(axis=(1, 2))).tolist(), key})
    shown = thin_out(shown, key, MAX_SLICES)
    view = find_view(labels.max(axis=0))
    panels = [example.cut(_name_slice(example, index), index, view) for index in shown]
    rows, columns = panels[0].image.shape
    return ShownExample(
        name=f"{model}-{example.place}",
        place=example.place,
        score=example.score,
        size=(rows, columns),
        slices=[_show_panel(panel) for panel in panels],
        start=shown.index(key),
    )


def _name_slice(example: Example, slice_index: int) -> str:
    planes = {"reference": example.reference, "prediction": example.predicted}
    whose = [name for name, labels in planes.items() if (labels[slice_index] == LESION).any()]
    lesion = f"lesion in {' and '.join(whose)}" if whose else "no lesion"
    return f"Slice {slice_index}: {lesion}"


def _show_panel(panel: Panel) -> dict[str, Any]:
    outlines = {line.name: trace_outline(mask) for line, mask in panel.masks.items()}
    return {"title": panel.title, "image": _encode_image(panel.image), "outlines": outlines}


def _encode_image(image: Plane) -> str:
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return embed(encoded.tobytes(), "image/jpeg")
