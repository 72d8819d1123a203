"""``liverseg verify``, ``mend`` and ``provenance``: the repository around the pipeline."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import verb
from liverseg.errors import EXIT_CODE


@verb(extra="train")
def verify() -> None:
    """Hash DVC's whole cache again, and remove what is damaged.

    \b
    liverseg verify && dvc push --run-cache

    DVC trusts a read-only file of its cache without hashing it again. Damaged objects are put back
    from the workspace where that holds them whole, else removed; then this ends with code 2, and
    `dvc repro` makes them again.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.repository.cache_check import verify_cache
    from liverseg.repository.cache_report import describe_report

    report = verify_cache(Path.cwd())
    typer.echo(describe_report(report, Path.cwd()))
    if report.removed:
        raise typer.Exit(EXIT_CODE)


@verb(extra="train")
def mend() -> None:
    """Restore or remove the lock files that a killed DVC left unreadable; else say nothing.

    \b
    liverseg mend && dvc repro
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.repository.lock_files import mend_lock_files

    for line in mend_lock_files(Path.cwd()):
        logging.getLogger(__name__).warning(line)


@verb(extra="train")
def provenance(
    model: Annotated[Path, typer.Argument(help="A model's folder, wherever it lies.")],
) -> None:
    """Find the git commits and DVC experiments that recorded a model.

    \b
    liverseg provenance models/final
    liverseg provenance /somewhere/else/model

    Below them stand the packages whose installed versions differ from those that the model was
    trained with. DVC does not see them: `dvc repro` trains nothing again for another TensorFlow.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.repository.packages import describe_package_changes, find_package_changes
    from liverseg.repository.provenance import describe_origins, find_origins

    typer.echo(describe_origins(find_origins(model, Path.cwd())))
    changes = find_package_changes(model)
    if changes is not None:
        typer.echo(f"\n{describe_package_changes(changes)}")
