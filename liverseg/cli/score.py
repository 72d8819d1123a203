"""``liverseg score``: masks that anybody made, scored as the pipeline scores its own."""

import logging
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liverseg.cli.app import NUM_BOOTSTRAPS, verb


class Connectivity(StrEnum):
    """Which neighbouring voxels belong to one lesion."""

    FACES = "6"
    EDGES = "18"
    CORNERS = "26"


@verb()
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

    \b
    liverseg score reference.nii.gz predicted.nii.gz
    liverseg score references/ predictions/ --json scores.json --csv scores.csv

    Masks are NIfTI files of the labels 0 background, 1 liver and 2 lesion. Each prediction must lie
    on the grid of its reference; the order of the axes may differ.

    Of two folders, segmentation-N in the first is scored against segmentation-N in the second or,
    failing that, against the one file there whose name ends in N. Without any segmentation-N, equal
    file names belong together. The second may be the results of liverseg predict.

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
        note = f"{len(pairing.alone)} without counterpart, not scored: {names}{more}"
        logging.getLogger(__name__).warning(note)
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
