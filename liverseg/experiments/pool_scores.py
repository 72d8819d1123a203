"""Scores over a pool: all tests together, part by part, and how far the parts differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from liverseg.experiments.pool import Pool
from liverseg.experiments.runs import CaseRow
from liverseg.scoring.bootstrap import Estimate, Numbers, PatientBootstrap, Ratio, build_mean

Rows = Sequence[CaseRow]


@dataclass(frozen=True)
class PooledScore:
    """One score of a pool.

    Attributes:
        name: As in the metrics of a single run.
        pooled: Over the tests of all parts, with its 95 % interval over patients: one that is drawn
            comes with all its tests.
        parts: The same over each part's cases, in the order of the parts; NaN where undefined.
        spread: Sample standard deviation over the parts for which the score is defined; NaN below
            two of them. No standard error of ``pooled``: folds share most training cases, and seeds
            share them all.
    """

    name: str
    pooled: Estimate
    parts: tuple[float, ...]
    spread: float


def _collect(rows: Rows, column: str) -> Numbers:
    """One number a case."""
    return np.array([getattr(row, column) for row in rows], np.float64)


def _average(column: str) -> Callable[[Rows], Ratio]:
    return lambda rows: build_mean(_collect(rows, column))


def _average_positive(rows: Rows) -> Ratio:
    is_positive = _collect(rows, "lesion_reference_ml") > 0
    return build_mean(np.where(is_positive, _collect(rows, "lesion_dice"), np.nan))


def _compute_recall(rows: Rows) -> Ratio:
    return Ratio(_collect(rows, "num_lesions_matched"), _collect(rows, "num_lesions_reference"))


def _compute_precision(rows: Rows) -> Ratio:
    return Ratio(_collect(rows, "num_lesions_matched"), _collect(rows, "num_lesions_predicted"))


def _compute_f1(rows: Rows) -> Ratio:
    both = _collect(rows, "num_lesions_reference") + _collect(rows, "num_lesions_predicted")
    return Ratio(2 * _collect(rows, "num_lesions_matched"), both)


def _compute_burden_rmse(rows: Rows) -> Ratio:
    return Ratio(_collect(rows, "burden_error") ** 2, np.ones(len(rows)), is_root=True)


RATIOS: dict[str, Callable[[Rows], Ratio]] = {
    "lesion_dice_per_case": _average("lesion_dice"),
    "lesion_dice_positive": _average_positive,
    "liver_dice_per_case": _average("liver_dice"),
    "lesion_recall": _compute_recall,
    "lesion_precision": _compute_precision,
    "lesion_f1": _compute_f1,
    "lesion_assd_mm": _average("lesion_assd_mm"),
    "lesion_hd95_mm": _average("lesion_hd95_mm"),
    "burden_rmse": _compute_burden_rmse,
}
"""Each score as a sum over cases over another; definitions as in ``liverseg.scoring.summary``."""


def score_pool(pool: Pool, *, seed: int, num_bootstraps: int) -> tuple[PooledScore, ...]:
    """Every score of a pool, in the order of ``RATIOS``.

    Args:
        pool: Its parts.
        seed: Of the bootstrap.
        num_bootstraps: Number of replicates.
    """
    rows = pool.rows
    patients = [row.patient_id for row in rows]
    bootstrap = PatientBootstrap(patients, seed=seed, num_bootstraps=num_bootstraps)
    scores = []
    for name, build in RATIOS.items():
        parts = tuple(_compute(build(part.rows)) for part in pool.parts)
        scores.append(
            PooledScore(name, bootstrap.estimate(build(rows)), parts, _compute_spread(parts))
        )
    return tuple(scores)


def _compute(ratio: Ratio) -> float:
    return float(ratio.divide(ratio.numerators.sum(), ratio.denominators.sum()))


def _compute_spread(values: Sequence[float]) -> float:
    defined = np.array([value for value in values if not np.isnan(value)])
    return float(defined.std(ddof=1)) if len(defined) > 1 else float("nan")
