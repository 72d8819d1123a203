"""The table of scores: each is declared once, and all that shows scores reads it here.

A score is a row of ``scores.csv``, for both regions or all sizes where its key says so. It is the
mean over cases of what bears its name in ``RegionScore``, unless ``computation`` says how else it
comes about. Where it is to stand beside the few that are compared, its key goes into a list below.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import resources
from itertools import groupby

from liverseg.labels import REGIONS
from liverseg.scoring.diameters import LESION_SIZES, LesionSize
from liverseg.scoring.region import RegionScore
from liverseg.statistics.computation import find_computation
from liverseg.statistics.score import Score

SIZES: dict[LesionSize, str] = {"small": "< 10 mm", "medium": "10 to 20 mm", "large": "> 20 mm"}
"""Of the largest axial diameter."""

_REGION_TEXTS = [{"region": each, "Region": each.capitalize()} for each in REGIONS]
_SIZE_TEXTS = [{"size": size, "diameter": diameter} for size, diameter in SIZES.items()]


def _read_scores() -> Iterator[Score]:
    """The rows of the file; those that stand together for regions or sizes, once for each."""
    text = resources.files(__package__).joinpath("scores.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    for kind, together in groupby(rows, lambda row: row["key"].partition("}")[0].partition("{")[2]):
        same = list(together)
        for texts in {"region": _REGION_TEXTS, "size": _SIZE_TEXTS}.get(kind, [{}]):
            yield from (_build_score(row, texts) for row in same)


def _build_score(row: dict[str, str], texts: dict[str, str]) -> Score:
    key, term = row["key"].format(**texts), row["name"].removesuffix(", {diameter}")
    unit = f", {row['unit']}" if row["unit"] else ""
    return Score(
        key=key,
        unit=row["unit"],
        title=row["title"].format(**texts) + unit,
        label=row["name"].format(**texts) + unit,
        term=term.format(region="the region"),
        decimals=int(row["decimals"]),
        better=row["better"],
        meaning=row["meaning"],
        compute=find_computation(key),
    )


_ALL = {score.key: score for score in _read_scores()}
SCORES: Mapping[str, Score] = {
    key: score for key, score in _ALL.items() if not key.startswith("case.")
}
"""All scores over cases by their keys, in the order of every file that holds them all."""

REGION_SCORES = tuple(field.name for field in fields(RegionScore))
OF_A_CASE: Mapping[str, Score] = {
    **{
        f"{region}_{name}": _ALL.get(f"case.{region}_{name}") or SCORES[f"{region}.{name}"]
        for region in REGIONS
        for name in REGION_SCORES
    },
    **{
        f"num_lesions_{whose}": SCORES[f"lesions.num_{whose}"]
        for whose in ("reference", "predicted", "matched")
    },
    "burden_error": _ALL["case.burden_error"],
}
"""Figures of one case by their names in ``list_figures``."""

SCORES_OF_A_CASE = (
    *("lesion_dice", "liver_dice", "lesion_assd_mm", "lesion_hd95_mm"),
    *("lesion_hd95_mm_with_penalty", "burden_error"),
)
COUNTS_OF_A_CASE = ("num_lesions_reference", "num_lesions_predicted", "num_lesions_matched")
SHOWN_OF_A_CASE = (*SCORES_OF_A_CASE, *COUNTS_OF_A_CASE)
"""What is shown wherever cases are listed."""

HEADLINE = (
    *("lesion.dice_per_case", "lesion.dice_global", "liver.dice_per_case"),
    *("lesions.recall", "lesions.precision", "lesions.f1"),
    *("lesion.assd_mm", "lesion.hd95_mm_with_penalty", "lesion.num_missed", "burden_rmse"),
)
"""What ``metrics/evaluation.json`` says of the selected model on the test cases."""

OF_EACH_MODEL = ("lesion.dice_per_case", "liver.dice_per_case", "lesions.f1")
"""What it says of every model."""

VOLUMES = (
    *("lesion.dice_per_case", "lesion.dice_positive", "lesion.dice_global", "liver.dice_per_case"),
    *("lesion.assd_mm", "lesion.num_missed", "lesion.hd95_mm_with_penalty", "burden_rmse"),
)
"""Columns of the comparison: whole volumes."""

LESION_BY_LESION = tuple(
    f"lesions.{name}" for name in ("recall", "precision", "f1", "false_positives_per_case", "froc")
)
"""Columns of the comparison: lesions of all sizes."""

BY_SIZE = tuple(f"lesions.{size}.{name}" for name in ("recall", "f1") for size in LESION_SIZES)
"""Columns of the comparison: lesions by size."""

DRAWN = (
    *("lesion.dice_per_case", "lesion.dice_global"),
    *("lesions.recall", "lesions.precision", "lesions.f1", "liver.dice_per_case"),
)
"""Points of the plot that compares models, all between 0 and 1."""

TILES = (
    *("lesion.dice_per_case", "liver.dice_per_case", "lesions.recall", "lesions.precision"),
    *("lesion.assd_mm", "burden_rmse"),
)
"""What the page says at its head of the selected model."""

POOLED = (
    *("lesion.dice_per_case", "lesion.dice_positive", "liver.dice_per_case"),
    *("lesions.recall", "lesions.precision", "lesions.f1"),
    *("lesion.assd_mm", "lesion.hd95_mm", "lesion.num_missed", "burden_rmse"),
)
"""What is pooled over experiments, from the rows of ``metrics/cases.csv``."""
