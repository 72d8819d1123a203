"""A pool of experiments for people, and as JSON."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from liverseg.experiments.pool import Axis, Part, Pool
from liverseg.experiments.pool_scores import PooledScore
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

HEADINGS = {
    Axis.FOLD: "cross-validation over {parts} folds, {cases} of {patients}, each tested once",
    Axis.SEED: "{parts} seeds, {cases} of {patients}, each tested once a seed",
}
NOTES = {
    Axis.FOLD: f"""\
- All: the test cases of all folds pooled; n: those for which a score is defined.
- 95 % interval: percentile bootstrap over patients, from {MIN_PATIENTS} of them on.
- SD: standard deviation over the folds. Not the uncertainty of the pooled figure: the folds
  differ in their cases, and their models share most training cases.""",
    Axis.SEED: f"""\
- All: the tests of all seeds pooled; n: those (a case under a seed) for which a score is defined.
- 95 % interval: percentile bootstrap over patients, each with its tests under all seeds, from
  {MIN_PATIENTS} of them on: the chance in who was tested.
- SD: standard deviation over the seeds: the chance in one training. A difference between two
  models that is no larger than this ranks nothing.""",
}


def format_pool(pool: Pool, scores: Sequence[PooledScore]) -> str:
    """Two tables, of the parts and of the scores, and what the figures mean."""
    patients, cases = _count(pool.parts)
    heading = HEADINGS[pool.axis].format(
        parts=len(pool.parts),
        cases=format_count(cases, "case"),
        patients=format_count(patients, "patient"),
    )
    parts = [
        [str(part.number), part.experiment.name, part.experiment.commit[:7], *_count_texts(part)]
        for part in pool.parts
    ]
    names = [f"{pool.axis} {part.number}" for part in pool.parts]
    return "\n\n".join(
        [
            f"{TITLES.get(pool.model, pool.model)}: {heading}",
            format_table([str(pool.axis), "experiment", "commit", "patients", "cases"], parts),
            format_table(
                ["score", "all", "95 % interval", "n", *names, "SD"],
                [_format_score(score) for score in scores],
            ),
            NOTES[pool.axis],
        ]
    )


def write_pool(path: Path, pool: Pool, scores: Sequence[PooledScore]) -> None:
    """Write the same as JSON: floats in full precision, ``null`` where undefined."""
    patients, cases = _count(pool.parts)
    document = {
        "model": pool.model,
        f"num_{pool.axis}s": len(pool.parts),
        "num_patients": patients,
        "num_cases": cases,
        f"{pool.axis}s": [_export_part(part, pool.axis) for part in pool.parts],
        "scores": {score.name: _export_score(score, pool.axis) for score in scores},
    }
    with whole_file(path) as partial:
        text = json.dumps(document, indent=2, allow_nan=False)
        partial.write_text(text + "\n", encoding="utf-8")


def _format_score(score: PooledScore) -> list[str]:
    title, decimals = SCORE_TITLES[score.name]
    pooled = score.pooled
    return [
        title,
        format_number(pooled.value, decimals),
        format_interval(pooled.low, pooled.high, decimals) or DASH,
        str(pooled.num_cases),
        *(format_number(value, decimals) for value in score.parts),
        format_number(score.spread, decimals),
    ]


def _export_part(part: Part, axis: Axis) -> dict[str, Any]:
    patients, cases = _count([part])
    return {
        str(axis): part.number,
        "experiment": part.experiment.name,
        "commit": part.experiment.commit,
        "num_patients": patients,
        "num_cases": cases,
    }


def _export_score(score: PooledScore, axis: Axis) -> dict[str, Any]:
    figures = {name: _export(value) for name, value in asdict(score.pooled).items()}
    parts = [_export(value) for value in score.parts]
    return {**figures, f"{axis}s": parts, "spread": _export(score.spread)}


def _export(value: float) -> float | None:
    return None if math.isnan(value) else value


def _count(parts: Sequence[Part]) -> tuple[int, int]:
    """Numbers of patients and of cases."""
    rows = [row for part in parts for row in part.rows]
    return len({row.patient_id for row in rows}), len({row.case_id for row in rows})


def _count_texts(part: Part) -> list[str]:
    return [str(number) for number in _count([part])]
