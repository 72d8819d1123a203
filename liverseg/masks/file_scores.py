"""Scores of masks in files."""

from collections.abc import Iterator, Sequence
from functools import partial

from liverseg.masks.mask_pairs import MaskPair
from liverseg.parallel import map_cases
from liverseg.scoring.case_score import CaseScore, LabelPair, crop_pair, score_pair
from liverseg.volumes.alignment import align_labels
from liverseg.volumes.nifti import read_labels


def score_files(pairs: Sequence[MaskPair], lesion_connectivity: int) -> Iterator[CaseScore]:
    """Scores of all pairs, in their order, several at a time, with a progress bar.

    Raises:
        DataError: As for ``score_file``.
    """
    score = partial(score_file, lesion_connectivity=lesion_connectivity)
    yield from map_cases(score, pairs, description="score")


def score_file(pair: MaskPair, lesion_connectivity: int) -> CaseScore:
    """Scores of one pair; the case counts as a patient, since files do not name theirs.

    Raises:
        DataError: A file does not hold the labels 0, 1 and 2, the grids differ, or they are
            sheared.
    """
    case_id = pair.case_id
    return score_pair(case_id, case_id, _read_pair(pair), lesion_connectivity)


def _read_pair(pair: MaskPair) -> LabelPair:
    """Both masks; what lies around the labels is not kept in memory while they are scored."""
    reference, predicted = read_labels(pair.reference), read_labels(pair.predicted)
    labels = align_labels(predicted, reference.grid, str(pair.predicted))
    return crop_pair(pair.case_id, reference.data, labels, reference.grid)
