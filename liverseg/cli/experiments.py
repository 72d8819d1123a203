"""``liverseg folds`` and ``liverseg seeds``: DVC's experiments pooled into one table."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liverseg.api import NUM_BOOTSTRAPS
from liverseg.cli.app import verb

if TYPE_CHECKING:
    from liverseg.experiments.pool import Pool
    from liverseg.experiments.runs import Run

RUN_FILES = ("metrics/cases.csv", "params.yaml")

ModelOption = Annotated[
    str | None, typer.Option(help="Whose scores, where there are several models.")
]
JsonOption = Annotated[Path | None, typer.Option(help="Write all figures here.", dir_okay=False)]
SeedOption = Annotated[int, typer.Option(help="Of the bootstrap intervals.", min=0)]


@verb(extra="train")
def folds(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            help="Experiments, one a fold; by default those of the current commit that have a fold "
            "and, with --model, tested that model."
        ),
    ] = None,
    model: ModelOption = None,
    json: JsonOption = None,
    seed: SeedOption = 1,
) -> None:
    """Pool the test cases of a cross-validation, every patient tested once.

    Read are the commits of DVC's experiments, never the workspace:

    \b
    dvc exp run --queue -S split.num_folds=5 -S split.fold=0,1,2,3,4 -S model=unet
    dvc queue start
    liverseg folds

    The experiments must differ in split.fold alone, and no fold may be missing. Each score is taken
    over the pooled cases, with a 95 % bootstrap interval over patients (2,000 replicates; none
    below six), and over each fold; its spread is the standard deviation over the folds.

    \b
    The JSON, null where undefined:
      model, num_folds, num_patients, num_cases
      folds: [{fold, experiment, commit, num_patients, num_cases}]
      scores.NAME: {value, low, high, num_cases, folds: [a value each], spread}
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.experiments.folds import pool_folds, select_folds

    runs = _read_runs(experiments)
    if not experiments:
        runs = _leave_out(runs, select_folds(runs, model))
    _report_pool(pool_folds(runs, model), json, seed)


@verb(extra="train")
def seeds(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            help="Experiments, one a seed; by default those of the current commit that, with "
            "--model, tested that model."
        ),
    ] = None,
    model: ModelOption = None,
    json: JsonOption = None,
    seed: SeedOption = 1,
) -> None:
    """Compare trainings that differ in their seed alone: how much of a score is chance.

    Read are the commits of DVC's experiments, never the workspace:

    \b
    dvc exp run --queue -S train.seed=1,2,3 -S model=unet
    dvc queue start
    liverseg seeds

    The experiments must differ in train.seed alone and have the same test cases. Each score is
    taken over all their tests, with a 95 % bootstrap interval over patients (2,000 replicates; none
    below six), and for each seed; its spread is the standard deviation over the seeds.

    \b
    The JSON, null where undefined:
      model, num_seeds, num_patients, num_cases
      seeds: [{seed, experiment, commit, num_patients, num_cases}]
      scores.NAME: {value, low, high, num_cases, seeds: [a value each], spread}
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.experiments.seeds import pool_seeds, select_seeds

    runs = _read_runs(experiments)
    if not experiments:
        runs = _leave_out(runs, select_seeds(runs, model))
    _report_pool(pool_seeds(runs, model), json, seed)


def _read_runs(experiments: list[str] | None) -> "list[Run]":
    """The named experiments, or all of the current commit."""
    from liverseg.experiments.revisions import find_experiments, list_experiments, read_file
    from liverseg.experiments.runs import build_run

    here = Path.cwd()
    found = find_experiments(here, experiments) if experiments else list_experiments(here)
    return [build_run(each, *(read_file(here, each, path) for path in RUN_FILES)) for each in found]


def _leave_out(runs: "list[Run]", selected: "list[Run]") -> "list[Run]":
    """The selected ones; the others are named on stderr."""
    if len(selected) < len(runs):
        names = ", ".join(run.name for run in runs if run not in selected)
        logging.getLogger(__name__).warning(f"left out, not part of these: {names}")
    return selected


def _report_pool(pool: "Pool", json: Path | None, seed: int) -> None:
    from liverseg.experiments.pool_report import format_pool, write_pool
    from liverseg.experiments.pool_scores import score_pool

    scores = score_pool(pool, seed=seed, num_bootstraps=NUM_BOOTSTRAPS)
    if json is not None:
        write_pool(json, pool, scores)
    typer.echo(format_pool(pool, scores))
