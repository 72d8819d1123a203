"""Examples of what a model draws: its worst, its median and its best test case, slice by slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from liverseg.evaluation.results import ModelResult
from liverseg.labels import REGIONS, Region, select_region
from liverseg.pages.colours import ORANGE, SKY_BLUE
from liverseg.pages.outlines import Plane, find_slice
from liverseg.pages.panels import Line, Panel
from liverseg.scoring.case_score import CaseScore
from liverseg.slices.geometry import build_label_slices
from liverseg.slices.stacks import Slices, open_stack
from liverseg.volumes.nifti import read_labels

# The prediction is drawn above the reference, and thinner, so that both are seen where they agree.
REFERENCE_LINES: dict[Region, Line] = {
    "liver": Line("reference liver", SKY_BLUE, 0.9),
    "lesion": Line("reference lesion", SKY_BLUE, 2.0),
}
PREDICTED_LINES: dict[Region, Line] = {
    "liver": Line("predicted liver", ORANGE, 0.7, "dashed"),
    "lesion": Line("predicted lesion", ORANGE, 1.2, "dashed"),
}


@dataclass(frozen=True, eq=False)
class Example:
    """One case as a model sees it.

    Attributes:
        place: worst, median or best.
        score: Of the case.
        images: Grey values (slices, windows, rows, columns), feet to head.
        reference: Labels (slices, rows, columns).
        predicted: Likewise.
    """

    place: str
    score: CaseScore
    images: Slices
    reference: Plane
    predicted: Plane

    @cached_property
    def key_slice(self) -> int:
        """The slice to look at first: the one with most lesion in the reference."""
        return find_slice(self.reference)

    def cut(self, title: str, slice_index: int, view: tuple[slice, slice]) -> Panel:
        """A slice in the first window, with the outlines of both.

        Args:
            title: What is seen.
            slice_index: Which slice.
            view: Its rows and columns.
        """
        masks = {
            lines[region]: select_region(labels[slice_index][view], region)
            for labels, lines in (
                (self.reference, REFERENCE_LINES),
                (self.predicted, PREDICTED_LINES),
            )
            for region in REGIONS
        }
        return Panel(title, self.images[slice_index][0][view], masks)


def read_examples(result: ModelResult, slices: Path) -> list[Example]:
    """The examples of a model, worst first; see ``select_examples``.

    Raises:
        DataError: Slices or predicted labels cannot be read.
    """
    examples = []
    for place, score in select_examples(result.test).items():
        stack = open_stack(slices, score.case_id)
        volume = read_labels(result.scores.labels_of(score.case_id))
        predicted = build_label_slices(volume.data, stack.slice_grid)
        examples.append(Example(place, score, stack.images, stack.labels[:], predicted))
    return examples


def select_examples(scores: Sequence[CaseScore]) -> dict[str, CaseScore]:
    """The worst, the median and the best case by lesion Dice; fewer where there are fewer cases.

    Only cases whose reference has a lesion, unless there are none.
    """
    with_lesion = [score for score in scores if score.lesion_voxels.num_reference]
    ranked = sorted(with_lesion or scores, key=lambda score: (score.lesion.dice, score.case_id))
    places = {"best": len(ranked) - 1, "median": (len(ranked) - 1) // 2, "worst": 0}
    name_of_place = {place: name for name, place in places.items()}
    return {name_of_place[place]: ranked[place] for place in sorted(name_of_place)}
