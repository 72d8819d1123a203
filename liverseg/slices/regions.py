"""Which part of a scan the models see, in voxels of its slices; and the table of all cases."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal, cast, get_args

from liverseg.errors import DataError
from liverseg.tables.csv_rows import read_rows, write_rows

Source = Literal["scan", "reference", "located", "not found"]
"""Where a region comes from: the scan is its own region, or the box of the liver in the reference
or as the locator found it; ``not found`` is the whole scan, for want of a liver."""

REGIONS_FILE = "regions.csv"
NEXT_STEP = "Write it with the stage locate: `dvc repro locate`."


@dataclass(frozen=True)
class Region:
    """A box in the slices of a scan, with axes (slice, row, column) as ``geometry.SLICE_AXES``.

    In plane it may reach beyond the scan, where there is air; along the slices it does not.

    Attributes:
        first_slice: The first one inside.
        num_slices: How many there are, at least one.
        top: Row of the scan at which it begins; negative above the scan.
        left: Column, likewise.
        rows: How many it has; with ``columns`` a square in millimetres, to the nearest voxel.
        columns: How many it has.
    """

    first_slice: int
    num_slices: int
    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True)
class CaseRegion:
    """The region of a case.

    Attributes:
        case_id: The scan.
        source: Where the region comes from.
        region: None for all slices of a scan, each padded to a square.
        liver_share: Share of the reference's liver voxels inside; None where there are none.
    """

    case_id: str
    source: Source
    region: Region | None
    liver_share: float | None


_BOX = tuple(field.name for field in fields(Region))
COLUMNS = ("case_id", "source", "liver_share", *_BOX)


def write_regions(path: Path, regions: Iterable[CaseRegion]) -> None:
    """Write a row a case; the numbers of a box are empty where there is none."""
    write_rows(
        path,
        COLUMNS,
        [
            (
                each.case_id,
                each.source,
                each.liver_share,
                *(astuple(each.region) if each.region else [None] * len(_BOX)),
            )
            for each in regions
        ],
    )


def read_regions(path: Path) -> Mapping[str, CaseRegion]:
    """Regions by case id.

    Raises:
        DataError: The file is missing or holds anything else.
    """
    regions = {}
    for row in read_rows(path, COLUMNS, next_step=NEXT_STEP):
        source, share = row["source"], row["liver_share"]
        try:
            box = [int(row[name]) for name in _BOX if row[name]]
            region = Region(*box) if box else None
            if source not in get_args(Source):
                raise ValueError(f"source {source!r}")
            regions[row["case_id"]] = CaseRegion(
                row["case_id"], cast("Source", source), region, float(share) if share else None
            )
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{path}: {row['case_id']}",
                expected="a box of whole numbers and where it comes from",
                received=str(error),
                next_step=NEXT_STEP,
            ) from None
    return regions
