"""``liverseg spread``: DVC's queued experiments over a cluster, or side by side on this machine."""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import EXIT_CODE

if TYPE_CHECKING:
    from liverseg.spreading.spread import Spread


@verb(extra="train")
def spread(
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler (tcp://host:8786), whose workers do it all; by "
            "default that of LIVERSEG_SCHEDULER."
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", help="Experiments at a time, all on this machine; by default 1.", min=1
        ),
    ] = None,
) -> None:
    """Run what is queued with dvc exp run --queue, several experiments at a time.

    \b
    dvc exp run --queue -S split.num_folds=5 -S split.fold=0,1,2,3,4 -S model=unet
    liverseg spread --jobs 2
    liverseg spread --scheduler tcp://10.0.0.1:8786
    liverseg folds

    Each experiment runs in a clone of its own below .dvc/tmp/spread, shares DVC's cache, and comes
    back as an experiment of dvc exp show. Without a scheduler they run on this machine, one at a
    time, since a training takes all of its memory and cores: the more at a time, the fewer threads
    each of them should get (train.num_threads).

    With a scheduler, its workers see the files of this machine under the same names
    (docs/clusters.md).

    One that fails, or whose worker dies, stays queued: the same command runs it again. The others
    go on, and this ends with code 1, where all failed with 2. Ctrl-C ends what runs and leaves it
    in the queue.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    if scheduler and jobs:
        raise typer.BadParameter("--jobs is for this machine, --scheduler for others: take one")
    from tqdm import tqdm

    from liverseg.parallel import SCHEDULER_VARIABLE
    from liverseg.repository.experiment_queue import read_queue
    from liverseg.spreading import spread as spreading

    if jobs is None:
        scheduler = scheduler or os.environ.get(SCHEDULER_VARIABLE)
    shared, experiments = read_queue(Path.cwd())
    if not experiments:
        typer.echo("nothing is queued; `dvc exp run --queue` does that", err=True)
        return
    ended: list[Spread] = []
    try:
        with closing(spreading.spread(shared, experiments, scheduler, jobs or 1)) as found:
            for each in tqdm(found, desc="spread", unit="experiment", total=len(experiments)):
                ended.append(each)
                if each.reason:
                    tqdm.write(_describe_failure(each), file=sys.stderr)
    finally:
        if ended:
            typer.echo(_format_table(ended))
    failed = [each for each in ended if each.reason]
    if failed:
        typer.echo("What failed is still queued: the same command runs it again.", err=True)
        raise typer.Exit(SOME_FAILED if len(failed) < len(ended) else EXIT_CODE)


def _describe_failure(failed: "Spread") -> str:
    log = f" Log: {failed.log}" if failed.log.exists() else ""
    return f"failed: {failed.experiment.name}: {failed.reason.rstrip('.')}.{log}"


def _format_table(ended: "list[Spread]") -> str:
    from liverseg.text import format_columns

    rows = [
        (
            each.experiment.name,
            "failed" if each.reason else "done",
            f"{each.minutes:.1f}",
            each.worker or "–",
        )
        for each in ended
    ]
    return format_columns(("experiment", "state", "minutes", "worker"), rows)
