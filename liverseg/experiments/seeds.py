"""The same experiment under several seeds of training: how much of a score is chance."""

from collections.abc import Sequence

from liverseg.errors import DataError
from liverseg.experiments.pool import Axis, Pool, build_pool
from liverseg.experiments.runs import Run

MIN_SEEDS = 2
RUN_SEEDS = (
    "Run one experiment a seed: `dvc exp run --queue -S train.seed=1,2,3 -S model=unet`, then "
    "`dvc queue start`."
)


def select_seeds(runs: Sequence[Run], model: str | None) -> list[Run]:
    """Those experiments that can be part: if a model is named, they test it."""
    return [run for run in runs if model is None or model in run.models]


def pool_seeds(runs: Sequence[Run], model: str | None = None) -> Pool:
    """The experiments of several seeds, in any order.

    Args:
        runs: One experiment a seed, at least two.
        model: Whose scores are pooled; None where the experiments tested one model alone.

    Raises:
        DataError: There are fewer than two, they differ in their models, in any param that bears
            on the scores but ``train.seed`` or in their test cases, or a seed is doubled.
    """
    if len(runs) < MIN_SEEDS:
        names = ", ".join(run.name for run in runs)
        raise DataError(
            "seeds",
            expected=f"at least {MIN_SEEDS} experiments",
            received=names or "none",
            next_step=RUN_SEEDS,
        )
    pool = build_pool(runs, Axis.SEED, model)
    _check_same_cases(pool)
    return pool


def _check_same_cases(pool: Pool) -> None:
    first = pool.parts[0]
    cases = set(first.rows["case_id"])
    for part in pool.parts[1:]:
        others = set(part.rows["case_id"])
        if others != cases:
            raise DataError(
                f"experiment {part.experiment.name}",
                expected=f"the test cases of {first.experiment.name}",
                received=f"others: {', '.join(sorted(cases ^ others))} in one of them alone",
                next_step="Run these experiments again, all on the same data and code.",
            )
