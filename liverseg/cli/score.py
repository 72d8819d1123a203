"""``liverseg score``: masks that anybody made, scored as the pipeline scores its own."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import verb


class Connectivity(StrEnum):
    """Which neighbouring voxels belong to one lesion."""

    FACES = "6"
    EDGES = "18"
    CORNERS = "26"


def _list_keys(is_asked: bool) -> None:
    if is_asked:
        from liverseg.pages.glossary import describe_keys

        typer.echo(describe_keys())
        raise typer.Exit


@verb()
def score(
    reference: Annotated[Path, typer.Argument(help="Reference mask, a folder of them, or zip.")],
    prediction: Annotated[Path, typer.Argument(help="Predicted mask, a folder of them, or zip.")],
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
    _keys: Annotated[
        bool,
        typer.Option(
            "--keys",
            help="List the keys of the summary with their meaning, and end.",
            is_eager=True,
            callback=_list_keys,
        ),
    ] = False,
) -> None:
    """Score predicted masks against reference masks, whoever made them.

    \b
    liverseg score reference.nii.gz predicted.nii.gz
    liverseg score references/ predictions/ --json scores.json --csv scores.csv

    Masks are NIfTI files of the labels 0 background, 1 liver and 2 lesion. Each prediction must lie
    on the grid of its reference; the order of the axes may differ.

    Of two folders, segmentation-N in the first is scored against segmentation-N in the second or,
    failing that, against the one file there whose name ends in N. Without any segmentation-N, equal
    file names belong together. The second may be the results of liverseg predict.

    The JSON holds "cases" and "summary", null where a score is undefined. A count of the summary is
    a number, every other score {value, low, high, num_cases}: low and high are the 95 % bootstrap
    interval (2,000 replicates; every case counts as a patient; null below six), num_cases how many
    cases it covers.

    Keys of the summary nest: lesions.small.recall is summary, lesions, small, recall. See --keys.
    """  # noqa: D301 (click reads the backspace: keep these lines as they are)
    from liverseg import api
    from liverseg.archives.unpacking import is_archive
    from liverseg.pages.score_tables import format_case, format_cases, format_summary
    from liverseg.scoring.score_files import write_score_table
    from liverseg.statistics.summary import write_scores

    scores = api.score(
        reference, prediction, lesion_connectivity=int(lesion_connectivity), seed=seed
    )
    if json is not None:
        write_scores(json, scores.cases, scores.summary)
    if csv is not None:
        write_score_table(csv, scores.cases)
    if any(path.is_file() and not is_archive(path) for path in (reference, prediction)):
        typer.echo(format_case(scores.cases[0]))
    else:
        typer.echo(f"{format_cases(scores.cases)}\n\n{format_summary(scores.summary)}")
