"""A sheet of what the models draw: the worst, the median and the best test case of each."""

from collections.abc import Sequence
from pathlib import Path

from liverseg.evaluation.examples import (
    PREDICTED_LINES,
    REFERENCE_LINES,
    Example,
    read_examples,
)
from liverseg.evaluation.results import ModelResult
from liverseg.pages.markdown import TITLES
from liverseg.pages.outlines import find_view
from liverseg.pages.panels import Panel, build_sheet, write_sheet

LEGEND_INCHES = 0.4


def draw_overlays(path: Path, results: Sequence[ModelResult], slices: Path) -> None:
    """Write a PNG with a row a model; the same results give the same bytes.

    Each case is seen in the slice with most lesion in the reference. Cases without lesion are left
    out, unless there are no others.

    Raises:
        DataError: Slices or predicted labels cannot be read.
    """
    rows = [[_cut_panel(each) for each in read_examples(result, slices)] for result in results]
    lines = (*REFERENCE_LINES.values(), *PREDICTED_LINES.values())
    sheet = build_sheet(rows, lines, text_inches=LEGEND_INCHES)
    firsts = sheet.axes[:: max(map(len, rows))]
    for axis, result in zip(firsts, results, strict=True):
        axis.set_ylabel(TITLES[result.description.model], fontsize=11)
    write_sheet(path, sheet)


def _cut_panel(example: Example) -> Panel:
    score, index = example.score, example.key_slice
    title = (
        f"{example.place}: case {score.case_id}\n"
        f"lesion Dice {score.lesion.dice:.2f}, liver {score.liver.dice:.2f}"
    )
    view = find_view(example.reference[index] | example.predicted[index])
    return example.cut(title, index, view)
