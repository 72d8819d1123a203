"""What the models draw: the worst, the median and the best test case of each, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from liverseg.cases.case_table import file_stem
from liverseg.labels import REGIONS, Region, select_region
from liverseg.outputs import whole_file
from liverseg.reporting.colours import ORANGE, SKY_BLUE
from liverseg.reporting.markdown import TITLES
from liverseg.reporting.outlines import (
    LineStyle,
    Plane,
    draw_outline,
    find_slice,
    find_view,
)
from liverseg.reporting.results import ModelResult
from liverseg.scoring.case_score import CaseScore
from liverseg.slices.preprocess import build_label_slices
from liverseg.slices.stacks import open_stack
from liverseg.volumes.nifti import read_labels


@dataclass(frozen=True)
class Line:
    """How an outline is drawn."""

    colour: str
    style: LineStyle
    liver_width: float
    lesion_width: float

    def get_width(self, region: Region) -> float:
        """In points."""
        return self.liver_width if region == "liver" else self.lesion_width


# The prediction is drawn above the reference, and thinner, so that both are seen where they agree.
REFERENCE_LINE = Line(SKY_BLUE, "solid", liver_width=1.1, lesion_width=2.4)
PREDICTED_LINE = Line(ORANGE, "dashed", liver_width=0.8, lesion_width=1.5)

PANEL_INCHES = 3.0
TITLE_INCHES = 0.4


@dataclass(frozen=True, eq=False)
class Panel:
    """One case in one slice.

    Attributes:
        title: What is seen.
        image: Grey values (rows, columns) of the first window.
        reference: Labels (rows, columns).
        predicted: Likewise.
    """

    title: str
    image: Plane
    reference: Plane
    predicted: Plane


def draw_overlays(path: Path, results: Sequence[ModelResult], slices: Path) -> None:
    """Write a PNG with a row a model; the same results give the same bytes.

    Each case is seen in the slice with most lesion in the reference. Cases without lesion are left
    out, unless there are no others.

    Raises:
        DataError: Slices or predicted labels cannot be read.
    """
    rows = [_build_panels(result, slices) for result in results]
    num_columns = max(map(len, rows))
    size = (num_columns * PANEL_INCHES, len(rows) * (PANEL_INCHES + TITLE_INCHES) + TITLE_INCHES)
    figure = Figure(size, dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), num_columns, squeeze=False)
    for result, row_axes, panels in zip(results, axes, rows, strict=True):
        for axis, panel in zip_longest(row_axes, panels):
            _draw_panel(axis, panel)
        row_axes[0].set_ylabel(TITLES[result.description.model], fontsize=12)
    figure.legend(handles=_build_legend(), loc="outside lower center", ncols=4, frameon=False)
    with whole_file(path) as partial:
        figure.savefig(partial, metadata={"Software": None})


def select_examples(scores: Sequence[CaseScore]) -> dict[str, CaseScore]:
    """The worst, the median and the best case by lesion Dice; fewer where there are fewer cases.

    Only cases whose reference has a lesion, unless there are none.
    """
    with_lesion = [score for score in scores if score.lesion_voxels.num_reference]
    ranked = sorted(with_lesion or scores, key=lambda score: (score.lesion.dice, score.case_id))
    places = {"best": len(ranked) - 1, "median": (len(ranked) - 1) // 2, "worst": 0}
    name_of_place = {place: name for name, place in places.items()}
    return {name_of_place[place]: ranked[place] for place in sorted(name_of_place)}


def _build_panels(result: ModelResult, slices: Path) -> list[Panel]:
    return [
        _build_panel(f"{name}: case {score.case_id}", result.scores, score, slices)
        for name, score in select_examples(result.test).items()
    ]


def _build_panel(title: str, scores: Path, score: CaseScore, slices: Path) -> Panel:
    stack = open_stack(slices, score.case_id)
    volume = read_labels(scores / "labels" / f"{file_stem(score.case_id)}.nii.gz")
    predicted = build_label_slices(volume.data, stack.slice_grid)
    reference = stack.labels[:]
    index = find_slice(reference)
    rows, columns = find_view(reference[index] | predicted[index])
    return Panel(
        title=f"{title}\nlesion Dice {score.lesion.dice:.2f}, liver {score.liver.dice:.2f}",
        image=stack.images[index][0, rows, columns],
        reference=reference[index, rows, columns],
        predicted=predicted[index, rows, columns],
    )


def _draw_panel(axis: Any, panel: Panel | None) -> None:
    axis.set(xticks=[], yticks=[], frame_on=False)
    if panel is None:
        return
    axis.imshow(panel.image, cmap="gray", vmin=0, vmax=255, interpolation="bicubic")
    for labels, line in ((panel.reference, REFERENCE_LINE), (panel.predicted, PREDICTED_LINE)):
        for region in REGIONS:
            draw_outline(
                axis,
                select_region(labels, region),
                colour=line.colour,
                style=line.style,
                width=line.get_width(region),
            )
    axis.set_title(panel.title, fontsize=9)


def _build_legend() -> list[Line2D]:
    return [
        Line2D(
            [],
            [],
            color=line.colour,
            ls=line.style,
            lw=line.get_width(region),
            label=f"{whose} {region}",
        )
        for line, whose in ((REFERENCE_LINE, "reference"), (PREDICTED_LINE, "predicted"))
        for region in REGIONS
    ]
