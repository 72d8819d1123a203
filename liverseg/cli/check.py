"""``liverseg check``: is a data set fit for the pipeline, case by case?"""

import logging
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import SOME_FAILED, verb
from liverseg.errors import EXIT_CODE

PARAMS_FILE = Path("params.yaml")


@verb()
def check(
    data_root: Annotated[Path, typer.Argument(help="Folder of scans and masks, or zip.")],
    json: Annotated[
        Path | None, typer.Option(help="Write all findings here.", dir_okay=False)
    ] = None,
    params: Annotated[
        Path | None,
        typer.Option(
            help="Params file whose data section says what is excluded and put right; by default "
            "params.yaml, if its data.root is this folder.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Verify every scan and mask of a data set: what can be used, what cannot, and what to do.

    \b
    liverseg check data/lits
    liverseg check data/lits --json findings.json

    Read are headers and voxels of all cases: damage, geometry, intensities, labels, how the mask
    lies on its scan, and one patient under two names. The stage ingest checks the same.

    Each case is ok, a warning (it is used, and the reason stands in the case table), an error (it
    cannot be used) or skipped (data.exclude). Ends with code 0 where there is no error, 1 where
    some cases can be used, 2 where none can.

    \b
    The JSON:
      root, num_ok, num_warnings, num_errors, num_skipped
      cases: [{case_id, verdict, findings: [{level, reason, next_step}]}]
      findings: [{level, reason, next_step}], on the set as a whole
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg import api
    from liverseg.cases.check_report import print_report, write_report

    found = api.check(data_root, params=params or _find_params(data_root))
    print_report(found)
    if json is not None:
        write_report(json, data_root, found)
    num_errors = found.count("error")
    if num_errors:
        raise typer.Exit(EXIT_CODE if num_errors == len(found.cases) else SOME_FAILED)


def _find_params(data_root: Path) -> Path | None:
    """The project's params file, where its data section describes the folder."""
    from liverseg.params import read_params

    if not PARAMS_FILE.exists():
        return None
    root = read_params(PARAMS_FILE).data.root
    if Path(root).resolve() == data_root.resolve():
        return PARAMS_FILE
    logging.getLogger(__name__).warning(
        f"{PARAMS_FILE} describes another data set (data.root: {root}) and is not used here; "
        f"to use it, give --params {PARAMS_FILE}"
    )
    return None
