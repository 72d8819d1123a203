"""``liverseg params``: is a params file usable?"""

from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import verb


@verb()
def params(
    file: Annotated[Path, typer.Argument(help="The params file.")] = Path("params.yaml"),
) -> None:
    """Check a params file: every unknown key, wrong type and impossible value in one message.

    \b
    liverseg params
    liverseg params presets/lits.yaml
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg.params import count_values, read_params

    typer.echo(f"{file}: {count_values(read_params(file))} values, all valid")
