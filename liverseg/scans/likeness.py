"""Is a scan like those that a model was trained on? By figures of what its networks see."""

from collections.abc import Iterator

from liverseg.cases.findings import Finding, build_warning
from liverseg.networks.input_figures import InputFigures
from liverseg.networks.seen import Seen, SeenRange

FIGURES = (
    ("slice_mm", 0.5, "slices {} mm apart"),
    ("body_percent", 5, "body on {} % of what the networks see"),
    ("liver_hu", 10, "a liver of {} HU"),
    ("liver_spread_hu", 5, "a liver with {} HU between its quartiles"),
    ("liver_noise_hu", 2, "noise of {} HU in the liver"),
    ("flesh_hu", 5, "flesh of {} HU"),
    ("liver_above_flesh_hu", 10, "a liver {} HU above the flesh"),
)
"""Each figure of ``InputFigures``, its least margin, below which a difference is none that matters,
and words."""

LEAST_WHOLE = 10
"""Ranges that end below it are told with a decimal."""


def judge_likeness(figures: InputFigures | None, seen: Seen) -> tuple[Finding, ...]:
    """A warning that names each figure by which a scan is unlike all training scans.

    It does so where it lies outside of their range by more than their quartiles lie apart: what any
    training scan shows is like them, and where they differ much a scan may differ more.

    Args:
        figures: Of the scan, its liver as predicted; None where they were not measured.
        seen: What the training scans were like; a figure without a range is not judged.
    """
    reasons = list(_list_differences(figures, seen)) if figures is not None else []
    if not reasons:
        return ()
    reason = f"unlike all scans that the model was trained on: {', '.join(reasons)}"
    return (build_warning(reason, "Trust the labels less: such scans it has never seen."),)


def _list_differences(figures: InputFigures, seen: Seen) -> Iterator[str]:
    for name, least_margin, words in FIGURES:
        value, of_training = getattr(figures, name), seen.ranges.get(name)
        if value is None or of_training is None or _is_like(value, of_training, least_margin):
            continue
        decimals = int(abs(of_training.maximum) < LEAST_WHOLE)
        shown, low, high = (
            f"{each:.{decimals}f}" for each in (value, of_training.minimum, of_training.maximum)
        )
        yield f"{words.format(shown)} (theirs {low} to {high})"


def _is_like(value: float, seen: SeenRange, least_margin: float) -> bool:
    margin = max(seen.upper_quartile - seen.lower_quartile, least_margin)
    return seen.minimum - margin <= value <= seen.maximum + margin
