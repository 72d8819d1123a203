"""What the synthetic patients of the rounds are like, by some of each round."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from liverseg.networks.seen import Seen, join_seen, measure_seen
from liverseg.params import Params
from liverseg.rounds.patients import FINE_FOLDER, build_views, move_on, write_patients


def measure_rounds(params: Params, numbers: Iterable[int], num_patients: int) -> Seen:
    """What the model of the last of some rounds has seen, without training it again.

    Args:
        params: Those of the rounds.
        numbers: Of the rounds, from 1.
        num_patients: Drawn of each round, from its own seed.
    """
    return join_seen([_measure_round(params, number, num_patients) for number in numbers])


def _measure_round(params: Params, number: int, num_patients: int) -> Seen:
    some = move_on(params.phantom, number).model_copy(update={"num_patients": num_patients})
    with tempfile.TemporaryDirectory() as scratch:
        roles = write_patients(Path(scratch), some, build_views(params))
        return measure_seen(Path(scratch) / FINE_FOLDER, roles)
