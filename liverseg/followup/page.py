"""The comparison as a page for people, and as a table for the terminal."""

import math
from collections.abc import Iterator

from liverseg.followup.changes import BORDER_VOXELS, REPEATABILITY, ComparedLesions
from liverseg.followup.comparison import Comparison
from liverseg.followup.pairing import TOLERANCE_MM
from liverseg.followup.pictures import draw_lesions
from liverseg.followup.response import MAX_TARGETS, Outcome
from liverseg.followup.study import Lesion
from liverseg.pages.markdown import DASH, format_number
from liverseg.scans.key_slices import WINDOW_HU
from liverseg.scans.report.page import REPORT
from liverseg.text import format_columns

MEANINGS = {
    Outcome.COMPLETE: "complete response",
    Outcome.PARTIAL: "partial response",
    Outcome.STABLE: "stable disease",
    Outcome.PROGRESSIVE: "progressive disease",
    Outcome.NEITHER: "neither complete response nor progression, without a target",
    Outcome.INEVALUABLE: "nothing to follow",
}


def render_comparison(comparison: Comparison) -> Iterator[str]:
    """The page in pieces: one HTML file without scripts that asks for nothing."""
    baseline, followup = comparison.baseline, comparison.followup
    motion = comparison.registration.motion
    targets = set(comparison.response.targets)
    return REPORT.render(
        "followup.html",
        comparison=comparison,
        response=comparison.response,
        reason=describe_response(comparison),
        rows=[
            {
                "lesions": each,
                "numbers": _name_lesions(each),
                "is_target": any(lesion.number in targets for lesion in each.baseline),
                "gain": _format_gain(each.volume_change),
                "pictures": draw_lesions(each, baseline, followup, motion),
            }
            for each in comparison.compared
        ],
        has_scans=bool(baseline.scan and followup.scan),
        window_hu=WINDOW_HU,
        tolerance_mm=TOLERANCE_MM,
        border_voxels=BORDER_VOXELS,
        repeatability=REPEATABILITY,
        max_targets=MAX_TARGETS,
    )


def describe_response(comparison: Comparison) -> str:
    """What the response follows from, in a sentence or two."""
    response = comparison.response
    sentences = []
    if response.targets:
        number = "target" if len(response.targets) == 1 else "targets"
        sentences.append(
            f"Sum of the longest diameters of {len(response.targets)} {number}: "
            f"{response.baseline_sum_mm:.1f} mm, then {response.followup_sum_mm:.1f} mm "
            f"({_format_gain(response.sum_change)}): {response.target_outcome}."
        )
    else:
        sentences.append(
            f"No lesion of {response.measurable_mm:g} mm or more at baseline, so no target."
        )
    if response.other_outcome != Outcome.INEVALUABLE:
        sentences.append(f"Other lesions: {response.other_outcome}.")
    if response.new_lesions:
        listed = ", ".join(map(str, response.new_lesions))
        sentences.append(f"New at follow-up: {listed}, which is PD whatever the sum.")
    return " ".join(sentences)


def format_comparison(comparison: Comparison) -> str:
    """A line a pair and the response, for a terminal."""
    rows = [
        (
            each.change.value,
            _name_lesions(each),
            format_number(each.baseline_ml if each.baseline else None, 2),
            format_number(each.followup_ml if each.followup else None, 2),
            _format_gain(each.volume_change),
            format_number(each.baseline_mm if each.baseline else None, 1),
            format_number(each.followup_mm if each.followup else None, 1),
        )
        for each in comparison.compared
    ]
    titles = ("change", "lesions", "ml", "then", "gain", "longest mm", "then")
    overall = comparison.response.overall
    return "\n".join(
        [
            format_columns(titles, rows),
            f"RECIST 1.1, the liver alone: {overall}, {MEANINGS[overall]}",
            describe_response(comparison),
        ]
    )


def _name_lesions(each: ComparedLesions) -> str:
    return f"{_list_numbers(each.baseline)} → {_list_numbers(each.followup)}"


def _list_numbers(lesions: tuple[Lesion, ...]) -> str:
    return ", ".join(str(lesion.number) for lesion in lesions) or DASH


def _format_gain(gain: float) -> str:
    """In percent with its sign; a dash where undefined."""
    return DASH if math.isnan(gain) else f"{100 * gain:+.0f} %".replace("-", "−")
