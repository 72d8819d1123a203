"""A pool of experiments for people, and as JSON."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from liverseg.experiments.pool import Axis, Part, Pool
from liverseg.experiments.pool_scores import PooledScore
from liverseg.json_files import write_json
from liverseg.pages.markdown import TITLES, format_count, format_interval
from liverseg.pages.table import Cell, build_count, format_cells
from liverseg.statistics.bootstrap import MIN_PATIENTS

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
        (
            *(Cell(str(part.number)), Cell(part.experiment.name)),
            *(Cell(part.experiment.commit[:7]), *map(build_count, _count([part]))),
        )
        for part in pool.parts
    ]
    names = [f"{pool.axis} {part.number}" for part in pool.parts]
    return "\n\n".join(
        [
            f"{TITLES.get(pool.model, pool.model)}: {heading}",
            format_cells([str(pool.axis), "experiment", "commit", "patients", "cases"], parts),
            format_cells(
                ["score", "all", "95 % interval", "n", *names, "SD"], map(_build_row, scores)
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
        "scores": {score.score.column: _export_score(score, pool.axis) for score in scores},
    }
    write_json(path, document)


def _build_row(score: PooledScore) -> tuple[Cell, ...]:
    of, spec = score.score, score.score.spec
    low, high = score.pooled.low, score.pooled.high
    return (
        Cell(of.title),
        Cell(score.pooled.value, spec),
        Cell(format_interval(low, high, of.decimals) or None),
        build_count(score.pooled.num_cases),
        *(Cell(value, spec) for value in score.parts),
        Cell(score.spread, ".2f" if of.is_count else spec),
    )


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
    rows = pd.concat([part.rows for part in parts])
    return rows["patient_id"].nunique(), rows["case_id"].nunique()
