"""Measured times, kept apart from results because they differ from run to run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from liverseg.json_files import read_json, write_json


@dataclass(frozen=True)
class Timing:
    """How long something took.

    Attributes:
        seconds: Wall-clock time of all of it.
        num_items: Epochs, volumes, or whatever was done.
    """

    seconds: float
    num_items: int


@contextmanager
def measure_time(path: Path, num_items: int) -> Iterator[None]:
    """Write the wall-clock time of the block, if it succeeds, to a JSON file."""
    start = time.perf_counter()
    yield
    write_json(path, asdict(Timing(time.perf_counter() - start, num_items)), indent=None)


def read_timing(path: Path) -> Timing | None:
    """A measured time; None where nothing was measured, e.g. because the result was cached."""
    try:
        return Timing(**read_json(path))
    except (OSError, ValueError, TypeError):
        return None
