"""A cross-validation: every patient tested once, by one model under one set of params."""

from collections.abc import Sequence

from liverseg.errors import DataError
from liverseg.experiments.pool import Axis, Pool, build_pool
from liverseg.experiments.runs import Run

RUN_FOLDS = (
    "Run one experiment a fold: `dvc exp run --queue -S split.num_folds=5 "
    "-S split.fold=0,1,2,3,4`, then `dvc queue start`."
)


def select_folds(runs: Sequence[Run], model: str | None) -> list[Run]:
    """Those experiments that can be part: they have a fold and, if one is named, test the model."""
    return [run for run in runs if run.num_folds and (model is None or model in run.models)]


def pool_folds(runs: Sequence[Run], model: str | None = None) -> Pool:
    """A cross-validation from its experiments in any order.

    Args:
        runs: One experiment a fold.
        model: Whose scores are pooled; None where the experiments tested one model alone.

    Raises:
        DataError: There is no experiment, one has a fixed split, they differ in their models or
            in any param that bears on the scores but ``split.fold``, a fold is missing or
            doubled, or a patient or a case was tested twice.
    """
    if not runs:
        raise DataError("folds", expected="experiments", received="none", next_step=RUN_FOLDS)
    fixed = [run.name for run in runs if not run.num_folds]
    if fixed:
        raise DataError(
            f"experiments {', '.join(fixed)}",
            expected="one fold of a cross-validation each",
            received="a fixed split (split.num_folds is 0)",
            next_step=f"Leave them out. {RUN_FOLDS}",
        )
    pool = build_pool(runs, Axis.FOLD, model)
    _check_numbers(pool, runs[0].num_folds)
    _check_tested_once(pool)
    return pool


def _check_numbers(pool: Pool, num_folds: int) -> None:
    names = {part.number: part.experiment.name for part in pool.parts}
    missing = ",".join(str(fold) for fold in range(num_folds) if fold not in names)
    if set(names) != set(range(num_folds)):
        present = ", ".join(f"fold {fold} in {name}" for fold, name in names.items())
        again = f"-S split.num_folds={num_folds} -S split.fold={missing} -S model={pool.model}"
        raise DataError(
            "folds",
            expected=f"0 to {num_folds - 1}, one experiment each",
            received=f"{present}; missing: {missing or 'none'}",
            next_step=f"`dvc queue status` tells what still runs; else run `dvc exp run --queue "
            f"{again}`, then `dvc queue start`.",
        )


def _check_tested_once(pool: Pool) -> None:
    tests = pool.rows
    scans = tests.drop_duplicates(["patient_id", "part"])  # a patient may have several in one fold
    for who, seen in (("patient", scans), ("case", tests)):
        ids = seen[f"{who}_id"]
        for doubled, parts in seen["part"][ids.duplicated(keep=False)].groupby(ids):
            raise DataError(
                f"{who} {doubled}",
                expected="one test, in one fold",
                received=" and ".join(sorted(parts)),
                next_step="Run these experiments again, all on the same data and code.",
            )
