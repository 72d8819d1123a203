"""Where things of one job lie."""

from dataclasses import dataclass
from pathlib import Path

from liverseg.outputs import Member


@dataclass(frozen=True)
class JobFolder:
    """The folder of a job, which goes with it.

    Attributes:
        path: The folder.
    """

    path: Path

    uploaded = Member("uploaded")  # as it was sent; archives are unpacked here
    results = Member("results")  # what predict and report write
    views = Member("views")  # scans as single NIfTI files, where they were sent otherwise
    packed = Member("results.zip")
