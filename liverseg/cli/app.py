"""The application, and what all of its verbs share: quiet, verbose, errors and exit codes."""

import functools
import inspect
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from liverseg.errors import (
    EXIT_CODE,
    DataError,
    LiversegError,
    build_missing_extra,
    describe_os_error,
)
from liverseg.signals import end_by, ended_by_signals, raise_on_stop

WRITTEN = ("json", "csv", "html")
"""Options that name a file to write, by its suffix."""

SOME_FAILED = 1
"""The exit code where some of many failed and the others are done."""


class _SortedGroup(TyperGroup):
    """Lists its verbs by name."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(super().list_commands(ctx))


app = typer.Typer(
    cls=_SortedGroup,
    epilog="""\b
    Exit codes:
      0    all is well
      1    some of the scans or cases failed, the others are done
      2    nothing could be done, and the message says why
      130  interrupted by Ctrl-C (128 and its number: by another signal)

    Results go to standard output, progress and notes to standard error.
    """,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More notes; tracebacks of errors.")]
_NOTES = logging.getLogger("liverseg")
_SHARED = {"quiet": Quiet, "verbose": Verbose}


def main() -> None:
    """Run the command line; a user's error becomes its message and exit code 2."""
    raise_on_stop()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of bytes that are no UTF-8
    try:
        app()
    except (LiversegError, OSError) as error:  # OSError: an output that cannot be written
        message = describe_os_error(error) if isinstance(error, OSError) else None
        if _NOTES.isEnabledFor(logging.INFO):
            traceback.print_exc()
        print(f"error: {message or error}", file=sys.stderr)
        sys.exit(EXIT_CODE)


def verb(
    name: str | None = None, *, extra: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a verb of the command line, with ``--quiet`` and ``--verbose`` added.

    Args:
        name: Where the function's own cannot be a verb's, such as ``import``.
        extra: Of pyproject.toml, where the verb as a whole needs its packages.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(*args: Any, quiet: bool, verbose: bool, **options: Any) -> None:
            _set_output(quiet=quiet, verbose=verbose)
            _refuse_losses(options)
            try:
                with ended_by_signals():
                    function(*args, **options)
            except BrokenPipeError:  # `| head` has seen enough
                end_by(signal.SIGPIPE)
            except ModuleNotFoundError as error:
                if extra is None or str(error.name).startswith("liverseg"):
                    raise
                subject = name or function.__name__
                raise build_missing_extra(subject, extra, error.name) from None

        own = inspect.signature(function)
        shared = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
            for key, kind in _SHARED.items()
        ]
        run.__signature__ = own.replace(parameters=[*own.parameters.values(), *shared])  # type: ignore[attr-defined]
        run.__annotations__ = function.__annotations__ | _SHARED
        summary = (function.__doc__ or "").partition("\n")[0]  # whole: Typer would cut it off
        app.command(name, short_help=summary)(run)
        return function

    return register


def _refuse_losses(options: Mapping[str, object]) -> None:
    """Refuse to write over what the command reads, or two results into one file.

    Raises:
        DataError: A file to write is given once more, or lies as a file of another kind in a folder
            that is given.
    """
    for name in WRITTEN:
        path = options.get(name)
        if not isinstance(path, Path):
            continue
        others = [value for other, value in options.items() if other != name]
        given = [
            each for value in others for each in (value if isinstance(value, list) else [value])
        ]
        places = {each.resolve() for each in given if isinstance(each, Path)}
        is_among_others = path.is_file() and path.suffix != f".{name}"
        if path.resolve() in places or (is_among_others and places & {*path.resolve().parents}):
            raise DataError(
                f"--{name}",
                expected="a file that nothing else of this command reads or writes",
                received=str(path),
                next_step="Choose another name.",
            )


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"liverseg {version('liverseg')}")
        raise typer.Exit


@app.callback()
def _describe(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Segmentation of liver tumours on CT: the tools beside the pipeline.

    \b
    liverseg predict scan.nii.gz -o predictions      # where tumours are, and how large
    liverseg view scan.nii.gz labels.nii.gz          # look at them
    liverseg score reference/ predictions/           # how good is that?
    liverseg VERB --help                             # each has examples
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)


def _set_output(*, quiet: bool, verbose: bool) -> None:
    """What the modules below say: bars through tqdm, notes through the logger ``liverseg``."""
    if quiet:
        os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported, in worker processes too
    _NOTES.addHandler(logging.StreamHandler())
    _NOTES.setLevel(logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING)
