"""How scores over cases come about from numbers of the cases; those not named here are means.

Means leave out the cases for which a value is undefined. Lesions of all cases are pooled; a case
without lesions counts with what is predicted in it. A share covers the cases that have a part in
it: a recall those with a reference lesion, a precision those with a predicted one. It is NaN where
there is no such case.
"""

import math

import numpy as np

from liverseg.labels import Region
from liverseg.scoring.diameters import LesionSize
from liverseg.statistics.bootstrap import Ratio, build_mean
from liverseg.statistics.case_columns import MATCHED_SCORES
from liverseg.statistics.froc import build_froc
from liverseg.statistics.score import Columns, Compute, state


def find_computation(key: str) -> Compute:
    """How the score of a key comes about: the mean of a column unless something else is said."""
    return _COMPUTATIONS.get(key) or _average(key.replace(".", "_"))


def _average(column: str) -> Compute:
    return lambda columns: build_mean(columns[column])


def _count(column: str) -> Compute:
    return lambda columns: state(columns[column].sum(), columns)


def _pool(
    numerator: str, *denominators: str, times: int = 1, if_empty: float = math.nan, where: str = ""
) -> Compute:
    """So many times one sum over cases, over that of others; only of cases that hold something."""

    def compute(columns: Columns) -> Ratio:
        some, total = times * columns[numerator], np.sum([columns[d] for d in denominators], axis=0)
        if where:
            some, total = (terms * (columns[where] > 0) for terms in (some, total))
        return Ratio(some, total, if_empty)

    return compute


def _list_region(region: Region) -> dict[str, Compute]:
    dice, shared, reference, predicted = (
        f"{region}_{name}" for name in ("dice", "shared", "reference", "predicted")
    )

    def average_positive(columns: Columns) -> Ratio:
        return build_mean(np.where(columns[reference] > 0, columns[dice], np.nan))

    def count_lacking(held: str, lacking: str) -> Compute:
        return lambda columns: state(((columns[held] > 0) & (columns[lacking] == 0)).sum(), columns)

    return {
        f"{region}.dice_per_case": _average(dice),
        f"{region}.dice_positive": average_positive,
        f"{region}.dice_global": _pool(shared, reference, predicted, times=2, if_empty=1),
        f"{region}.dice_global_positive": _pool(
            shared, reference, predicted, times=2, where=reference
        ),
        f"{region}.num_missed": count_lacking(reference, predicted),
        f"{region}.num_invented": count_lacking(predicted, reference),
    }


def _list_size(size: LesionSize) -> dict[str, Compute]:
    """Lesions of one size by their own diameter: false positives by theirs."""
    reference, matched, false = (f"num_{size}_{name}" for name in ("reference", "matched", "false"))
    return {
        f"lesions.{size}.num_reference": _count(reference),
        f"lesions.{size}.num_matched": _count(matched),
        f"lesions.{size}.num_false_positives": _count(false),
        f"lesions.{size}.recall": _pool(matched, reference),
        f"lesions.{size}.f1": _pool(matched, matched, reference, false, times=2),
    }


def _list_lesions() -> dict[str, Compute]:
    reference, predicted, matched, touched, touching = (
        f"num_lesions_{name}"
        for name in ("reference", "predicted", "matched", "touched", "touching")
    )
    return {
        "lesions.num_reference": _count(reference),
        "lesions.num_predicted": _count(predicted),
        "lesions.num_matched": _count(matched),
        "lesions.precision": _pool(matched, predicted),
        "lesions.recall": _pool(matched, reference),
        "lesions.f1": _pool(matched, reference, predicted, times=2),
        "lesions.precision_any_overlap": _pool(touching, predicted),
        "lesions.recall_any_overlap": _pool(touched, reference),
        "lesions.false_positives_per_case": lambda columns: build_mean(
            columns[predicted] - columns[matched]
        ),
        "lesions.froc": build_froc,
        **{f"lesions.matched_{name}": _pool(f"matched_{name}", matched) for name in MATCHED_SCORES},
    }


def _compute_burden_rmse(columns: Columns) -> Ratio:
    errors = columns["burden_error"]
    return Ratio(errors**2, np.ones(len(errors)), is_root=True)


_COMPUTATIONS: dict[str, Compute] = {
    **_list_region("liver"),
    **_list_region("lesion"),
    **_list_lesions(),
    **_list_size("small"),
    **_list_size("medium"),
    **_list_size("large"),
    "burden_rmse": _compute_burden_rmse,
    "burden_largest_error": lambda columns: state(abs(columns["burden_error"]).max(), columns),
}
