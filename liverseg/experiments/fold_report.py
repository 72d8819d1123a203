"""A cross-validation for people, and as JSON."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from liverseg.experiments.fold_scores import FoldedScore
from liverseg.experiments.pooling import CrossValidation, Fold
from liverseg.outputs import whole_file
from liverseg.reporting.markdown import (
    DASH,
    TITLES,
    format_count,
    format_interval,
    format_number,
    format_table,
)
from liverseg.scoring.bootstrap import MIN_PATIENTS

SCORE_TITLES = {
    "lesion_dice_per_case": ("Lesion Dice, per case", 3),
    "lesion_dice_positive": ("Lesion Dice, cases with lesion", 3),
    "liver_dice_per_case": ("Liver Dice, per case", 3),
    "lesion_recall": ("Lesion recall, IoU > 0.5", 3),
    "lesion_precision": ("Lesion precision, IoU > 0.5", 3),
    "lesion_f1": ("Lesion F1, IoU > 0.5", 3),
    "lesion_assd_mm": ("Lesion ASSD, mm", 2),
    "lesion_hd95_mm": ("Lesion HD95, mm", 2),
    "burden_rmse": ("Burden RMSE", 4),
}
"""Title and number of decimals."""

NOTES = f"""\
- All cases: the test cases of all folds pooled; n: those for which a score is defined.
- 95 % interval: percentile bootstrap over patients, from {MIN_PATIENTS} of them on.
- SD: standard deviation over the folds. Not the uncertainty of the pooled figure: the folds
  differ in their cases, and their models share most training cases."""


def format_folds(validation: CrossValidation, scores: Sequence[FoldedScore]) -> str:
    """Two tables, of the folds and of the scores, and what the figures mean."""
    title = TITLES.get(validation.model, validation.model)
    patients, cases = _count(validation.folds)
    folds = [
        [str(fold.number), fold.experiment.name, fold.experiment.commit[:7], *_count_texts(fold)]
        for fold in validation.folds
    ]
    names = [f"fold {fold.number}" for fold in validation.folds]
    heading = (
        f"{title}: cross-validation over {len(folds)} folds, {format_count(cases, 'case')} "
        f"of {format_count(patients, 'patient')}, each tested once"
    )
    return "\n\n".join(
        [
            heading,
            format_table(["fold", "experiment", "commit", "patients", "cases"], folds),
            format_table(
                ["score", "all cases", "95 % interval", "n", *names, "SD"],
                [_format_score(score) for score in scores],
            ),
            NOTES,
        ]
    )


def write_folds(path: Path, validation: CrossValidation, scores: Sequence[FoldedScore]) -> None:
    """Write the same as JSON: floats in full precision, ``null`` where undefined."""
    patients, cases = _count(validation.folds)
    document = {
        "model": validation.model,
        "num_folds": len(validation.folds),
        "num_patients": patients,
        "num_cases": cases,
        "folds": [_export_fold(fold) for fold in validation.folds],
        "scores": {score.name: _export_score(score) for score in scores},
    }
    with whole_file(path) as partial:
        text = json.dumps(document, indent=2, allow_nan=False)
        partial.write_text(text + "\n", encoding="utf-8")


def _format_score(score: FoldedScore) -> list[str]:
    title, decimals = SCORE_TITLES[score.name]
    pooled = score.pooled
    return [
        title,
        format_number(pooled.value, decimals),
        format_interval(pooled.low, pooled.high, decimals) or DASH,
        str(pooled.num_cases),
        *(format_number(value, decimals) for value in score.folds),
        format_number(score.spread, decimals),
    ]


def _export_fold(fold: Fold) -> dict[str, Any]:
    patients, cases = _count([fold])
    return {
        "fold": fold.number,
        "experiment": fold.experiment.name,
        "commit": fold.experiment.commit,
        "num_patients": patients,
        "num_cases": cases,
    }


def _export_score(score: FoldedScore) -> dict[str, Any]:
    figures = {name: _export(value) for name, value in asdict(score.pooled).items()}
    folds = [_export(value) for value in score.folds]
    return {**figures, "folds": folds, "spread": _export(score.spread)}


def _export(value: float) -> float | None:
    return None if math.isnan(value) else value


def _count(folds: Sequence[Fold]) -> tuple[int, int]:
    """Numbers of patients and of cases."""
    rows = [row for fold in folds for row in fold.rows]
    return len({row.patient_id for row in rows}), len(rows)


def _count_texts(fold: Fold) -> list[str]:
    return [str(number) for number in _count([fold])]
