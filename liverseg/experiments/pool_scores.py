"""Scores over a pool: all tests together, part by part, and how far the parts differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liverseg.experiments.pool import Pool
from liverseg.experiments.runs import NUMBERS
from liverseg.statistics.bootstrap import Estimate, PatientBootstrap
from liverseg.statistics.score import Columns, Score
from liverseg.statistics.score_table import POOLED, SCORES


@dataclass(frozen=True)
class PooledScore:
    """One score of a pool.

    Attributes:
        score: What it is.
        pooled: Over the tests of all parts, with its 95 % interval over patients: one that is drawn
            comes with all its tests.
        parts: The same over each part's cases, in the order of the parts; NaN where undefined.
        spread: Sample standard deviation over the parts for which the score is defined; NaN below
            two of them. No standard error of ``pooled``: folds share most training cases, and seeds
            share them all.
    """

    score: Score
    pooled: Estimate
    parts: tuple[float, ...]
    spread: float


def score_pool(pool: Pool, *, seed: int, num_bootstraps: int) -> tuple[PooledScore, ...]:
    """Every score of a pool, in the order of ``POOLED``.

    Args:
        pool: Its parts.
        seed: Of the bootstrap.
        num_bootstraps: Number of replicates.
    """
    rows = pool.rows
    bootstrap = PatientBootstrap(list(rows["patient_id"]), seed=seed, num_bootstraps=num_bootstraps)
    columns, *columns_of_parts = map(_tabulate, (rows, *(part.rows for part in pool.parts)))
    scores = []
    for score in map(SCORES.__getitem__, POOLED):
        pooled = score.estimate(columns, bootstrap)
        parts = tuple(score.evaluate(part) for part in columns_of_parts)
        scores.append(PooledScore(score, pooled, parts, _compute_spread(parts)))
    return tuple(scores)


def _tabulate(rows: pd.DataFrame) -> Columns:
    """The numbers that pooled scores are computed from, one a case."""
    columns = {name: rows[name].to_numpy(np.float64) for name in NUMBERS}
    # of what a region holds only matters whether it is nothing
    columns["lesion_reference"] = columns["lesion_reference_ml"]
    columns["lesion_predicted"] = columns["num_lesions_predicted"]
    return columns


def _compute_spread(values: Sequence[float]) -> float:
    defined = np.array([value for value in values if not np.isnan(value)])
    return float(defined.std(ddof=1)) if len(defined) > 1 else float("nan")
