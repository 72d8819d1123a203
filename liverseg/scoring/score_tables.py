"""Scores as text for a terminal."""

import math
from collections.abc import Callable, Sequence

from liverseg.scoring.bootstrap import MIN_PATIENTS, Estimate
from liverseg.scoring.case_score import CaseScore
from liverseg.scoring.summary import Summary

UNDEFINED = "-"

SCORE_TITLES = {
    "dice": "Dice",
    "precision": "Precision",
    "recall": "Recall",
    "voe": "VOE",
    "rvd": "RVD",
    "assd_mm": "ASSD, mm",
    "msd_mm": "Hausdorff (MSD), mm",
    "hd95_mm": "HD95, mm",
    "surface_dice_2mm": "Surface Dice at 2 mm",
}
DICE_TITLES = {
    "dice_per_case": "Dice per case (empty masks count 1)",
    "dice_positive": "Dice per case with the region",
    "dice_global": "Dice global",
    "dice_global_positive": "Dice global, cases with the region",
}
LESION_TITLES = {
    "precision": "Precision (IoU > 0.5)",
    "recall": "Recall (IoU > 0.5)",
    "f1": "F1 (IoU > 0.5)",
    "precision_any_overlap": "Precision (any overlap)",
    "recall_any_overlap": "Recall (any overlap)",
    "false_positives_per_case": "False positives per case",
    "matched_dice": "Dice, matched",
    "matched_voe": "VOE, matched",
    "matched_rvd": "RVD, matched",
    "matched_assd_mm": "ASSD, matched, mm",
    "matched_msd_mm": "Hausdorff (MSD), matched, mm",
}
CASE_COLUMNS: dict[str, Callable[[CaseScore], str]] = {
    "case": lambda score: score.case_id,
    "liver Dice": lambda score: _format_number(score.liver.dice),
    "liver ASSD, mm": lambda score: _format_number(score.liver.assd_mm),
    "lesion Dice": lambda score: _format_number(score.lesion.dice),
    "lesion ASSD, mm": lambda score: _format_number(score.lesion.assd_mm),
    "lesions": lambda score: str(score.lesions.num_reference),
    "predicted": lambda score: str(score.lesions.num_predicted),
    "matched": lambda score: str(score.lesions.num_matched),
    "burden error": lambda score: f"{score.burden_error:+.4f}",
}
SIZE_TITLES = {"small": "< 10 mm", "medium": "10 to 20 mm", "large": "> 20 mm"}

SURFACE_NOTE = (
    "Surfaces are voxels that an erosion by faces and edges removes, as in the LiTS challenge;\n"
    "tools with another convention differ by 10 to 30 % in ASSD on the same masks."
)


def format_case(score: CaseScore) -> str:
    """All scores of one case, liver and lesion side by side."""
    rows = [["", "liver", "lesion"]]
    for name, title in SCORE_TITLES.items():
        values = (getattr(score.liver, name), getattr(score.lesion, name))
        rows.append([title, *(_format_number(value) for value in values)])
    lesions = score.lesions
    counts = (
        f"Lesions: {lesions.num_reference} in the reference, {lesions.num_touched} touched; "
        f"{lesions.num_predicted} predicted, {lesions.num_touching} touching; "
        f"{lesions.num_matched} matched (IoU > 0.5)"
    )
    return "\n".join(
        [
            f"case {score.case_id}",
            *_align(rows),
            counts,
            f"Tumour burden error: {score.burden_error:+.4f}",
            SURFACE_NOTE,
        ]
    )


def format_cases(scores: Sequence[CaseScore]) -> str:
    """The main scores, a row a case."""
    rows = [[cell(score) for cell in CASE_COLUMNS.values()] for score in scores]
    return "\n".join(_align([list(CASE_COLUMNS), *rows]))


def format_summary(summary: Summary) -> str:
    """Scores over cases: value, 95 % interval over patients, number of cases covered."""
    regions = [["", "liver", "lesion"]]
    for name, title in (DICE_TITLES | SCORE_TITLES).items():
        if name != "dice":  # over cases there are four of them
            estimates = (getattr(summary.liver, name), getattr(summary.lesion, name))
            regions.append([title, *map(_format_estimate, estimates)])
    lesions = [["lesion by lesion", ""]]
    for name, title in LESION_TITLES.items():
        lesions.append([title, _format_estimate(getattr(summary.lesions, name))])
    for name, title in SIZE_TITLES.items():
        size = getattr(summary.lesions, name)
        lesions.append([f"Recall, {title}", _format_estimate(size.recall)])
        lesions.append([f"F1, {title}", _format_estimate(size.f1)])
    lesions.append(["Tumour burden, RMSE", _format_estimate(summary.burden_rmse)])
    lesions.append(["Tumour burden, largest error", _format_estimate(summary.burden_largest_error)])
    cases = "1 case" if summary.num_cases == 1 else f"{summary.num_cases} cases"
    heading = f"{cases}: value [95 % interval over patients] (cases covered)"
    if summary.num_patients < MIN_PATIENTS:
        heading = f"{cases}: value (cases covered); too few patients for intervals"
    return "\n".join(
        [
            heading,
            *_align(regions),
            "",
            *_align(lesions),
            SURFACE_NOTE,
        ]
    )


def _format_number(value: float) -> str:
    return UNDEFINED if math.isnan(value) else f"{value:.3f}"


def _format_estimate(estimate: Estimate) -> str:
    interval = ""
    if not math.isnan(estimate.low):
        interval = f" [{_format_number(estimate.low)}, {_format_number(estimate.high)}]"
    return f"{_format_number(estimate.value)}{interval} ({estimate.num_cases})"


def _align(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table, its first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]
