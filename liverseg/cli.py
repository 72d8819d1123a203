"""The command line: scans and masks of one's own, and the repository around the pipeline.

Libraries load inside the verbs, so that ``liverseg --help`` answers at once.
"""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liverseg.errors import EXIT_CODE, LiversegError, describe_os_error

if TYPE_CHECKING:
    from liverseg.experiments.pool import Pool
    from liverseg.experiments.runs import Run

NUM_BOOTSTRAPS = 2000
RUN_FILES = ("metrics/cases.csv", "params.yaml")

app = typer.Typer(
    help="Segmentation of liver tumours on CT: the tools beside the pipeline.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Connectivity(StrEnum):
    """Which neighbouring voxels belong to one lesion."""

    FACES = "6"
    EDGES = "18"
    CORNERS = "26"


def main() -> None:
    """Run the command line; a user's error becomes its message and exit code 2."""
    try:
        app()
    except (LiversegError, OSError) as error:  # OSError: an output that cannot be written
        message = describe_os_error(error) if isinstance(error, OSError) else None
        print(f"error: {message or error}", file=sys.stderr)
        sys.exit(EXIT_CODE)


@app.callback()
def _require_verb() -> None:
    """Without a callback, Typer makes a lone verb the whole command."""


@app.command()
def score(
    reference: Annotated[Path, typer.Argument(help="Reference mask, or a folder of them.")],
    prediction: Annotated[Path, typer.Argument(help="Predicted mask, or a folder of them.")],
    json: Annotated[
        Path | None, typer.Option(help="Write all scores here.", dir_okay=False)
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write a row a case here.", dir_okay=False)
    ] = None,
    lesion_connectivity: Annotated[
        Connectivity, typer.Option(help="Neighbours that make one lesion.")
    ] = Connectivity.FACES,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.", min=0)] = 1,
) -> None:
    """Score predicted masks against reference masks, whoever made them.

    Masks are NIfTI files of the labels 0 background, 1 liver and 2 lesion. Each prediction must lie
    on the grid of its reference; the order of the axes may differ.

    Of two folders, segmentation-N in the first is scored against segmentation-N in the second or,
    failing that, against the one file there whose name ends in N. Without any segmentation-N, equal
    file names belong together.

    The JSON holds "cases" and "summary", null where a score is undefined. Every figure of the
    summary is {value, low, high, num_cases}: low and high are the 95 % bootstrap interval (2,000
    replicates; every case counts as a patient; null below six), num_cases how many cases it covers.

    \b
    summary.num_cases, num_patients
    summary.liver and summary.lesion:
      dice_per_case, dice_positive, dice_global, dice_global_positive,
      precision, recall, voe, rvd, assd_mm, msd_mm, hd95_mm, surface_dice_2mm
    summary.lesions:
      num_reference, num_predicted, num_matched, precision, recall, f1,
      precision_any_overlap, recall_any_overlap, false_positives_per_case,
      matched_dice, matched_voe, matched_rvd, matched_assd_mm, matched_msd_mm
    summary.lesions.small, medium and large:
      num_reference, num_matched, num_false_positives, recall, f1
    summary.burden_rmse, burden_largest_error
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.scoring.file_scores import score_file, score_files
    from liverseg.scoring.mask_pairs import pair_masks
    from liverseg.scoring.score_files import write_case_scores, write_score_table
    from liverseg.scoring.score_tables import format_case, format_cases, format_summary
    from liverseg.scoring.summary import summarize

    pairing = pair_masks(reference, prediction)
    if pairing.alone:
        names = ", ".join(str(path) for path in pairing.alone[:5])
        more = ", ..." if pairing.alone[5:] else ""
        typer.echo(f"{len(pairing.alone)} without counterpart, not scored: {names}{more}", err=True)
    connectivity = int(lesion_connectivity)
    if reference.is_dir():
        scores = list(score_files(pairing.pairs, connectivity))
    else:
        scores = [score_file(pairing.pairs[0], connectivity)]
    summary = summarize(scores, seed=seed, num_bootstraps=NUM_BOOTSTRAPS)
    if json is not None:
        write_case_scores(json, scores, summary)
    if csv is not None:
        write_score_table(csv, scores)
    if reference.is_dir():
        typer.echo(f"{format_cases(scores)}\n\n{format_summary(summary)}")
    else:
        typer.echo(format_case(scores[0]))


@app.command()
def params(
    file: Annotated[Path, typer.Argument(help="The params file.")] = Path("params.yaml"),
) -> None:
    """Check a params file: every unknown key, wrong type and impossible value in one message."""
    from liverseg.params import read_params

    read_params(file)


@app.command()
def folds(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            help="Experiments, one a fold; by default those of the current commit that have a fold "
            "and, with --model, tested that model."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Whose scores, where there are several models.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write all figures here.", dir_okay=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.", min=0)] = 1,
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


@app.command()
def seeds(
    experiments: Annotated[
        list[str] | None,
        typer.Argument(
            help="Experiments, one a seed; by default those of the current commit that, with "
            "--model, tested that model."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Whose scores, where there are several models.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write all figures here.", dir_okay=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap intervals.", min=0)] = 1,
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
        typer.echo(f"left out, not part of these: {names}", err=True)
    return selected


def _report_pool(pool: "Pool", json: Path | None, seed: int) -> None:
    from liverseg.experiments.pool_report import format_pool, write_pool
    from liverseg.experiments.pool_scores import score_pool

    scores = score_pool(pool, seed=seed, num_bootstraps=NUM_BOOTSTRAPS)
    if json is not None:
        write_pool(json, pool, scores)
    typer.echo(format_pool(pool, scores))


@app.command()
def verify() -> None:
    """Hash DVC's whole cache again, and remove what is damaged.

    DVC trusts a read-only file of its cache without hashing it again. Damaged objects are put back
    from the workspace where that holds them whole, else removed; then this ends with code 2, and
    `dvc repro` makes them again.
    """
    from liverseg.repository.cache_check import verify_cache
    from liverseg.repository.cache_report import describe_report

    report = verify_cache(Path.cwd())
    typer.echo(describe_report(report, Path.cwd()))
    if report.removed:
        raise typer.Exit(EXIT_CODE)


@app.command()
def mend() -> None:
    """Restore or remove the lock files that a killed DVC left unreadable; else say nothing."""
    from liverseg.repository.lock_files import mend_lock_files

    for line in mend_lock_files(Path.cwd()):
        typer.echo(line, err=True)


@app.command()
def provenance(
    model: Annotated[Path, typer.Argument(help="A model's folder, wherever it lies.")],
) -> None:
    """Find the git commits and DVC experiments that recorded a model."""
    from liverseg.repository.provenance import describe_origins, find_origins

    typer.echo(describe_origins(find_origins(model, Path.cwd())))
