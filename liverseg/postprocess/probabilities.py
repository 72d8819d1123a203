"""Probabilities on the slice grid, on disk: 8 bit, one compressed NPZ a case, and an index."""

import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from liverseg.errors import DataError
from liverseg.labels import REGIONS
from liverseg.slices.geometry import SliceGrid
from liverseg.tables.case_table import file_stem
from liverseg.tables.csv_rows import read_rows, write_rows
from liverseg.tables.split import Role

INDEX_COLUMNS = ("case_id", "patient_id", "role")
_NEXT_STEP = "Write them again with `dvc repro`."
_DAMAGES = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class PredictedCase:
    """A case whose probabilities were written.

    Attributes:
        case_id: The scan.
        patient_id: The patient.
        role: Validation or test.
    """

    case_id: str
    patient_id: str
    role: Role


@dataclass(frozen=True, eq=False)
class CaseProbabilities:
    """Probabilities of one case on its slices.

    Attributes:
        values: (num_slices, image_size, image_size, 2), uint8; 255 is 1. The last axis in the
            order of ``labels.REGIONS``.
        slice_grid: Where the slices lie in the scan.
    """

    values: npt.NDArray[np.uint8]
    slice_grid: SliceGrid


def quantise(probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Probabilities in [0, 1] as the nearest of 256 steps; off by at most 1/510."""
    return np.rint(probabilities * 255).astype(np.uint8)


def write_probabilities(folder: Path, case_id: str, probabilities: CaseProbabilities) -> None:
    """Write one case; equal probabilities give equal bytes."""
    arrays: dict[str, Any] = {"grid": np.array(probabilities.slice_grid.to_json())}
    for channel, region in enumerate(REGIONS):
        arrays[region] = probabilities.values[..., channel]
    np.savez_compressed(folder / f"{file_stem(case_id)}.npz", **arrays)


def read_probabilities(folder: Path, case_id: str) -> CaseProbabilities:
    """The probabilities of one case.

    Raises:
        DataError: The file is missing or damaged.
    """
    path = folder / f"{file_stem(case_id)}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as members:
            values = np.stack([members[region] for region in REGIONS], axis=-1)
            slice_grid = SliceGrid.from_json(str(members["grid"][()]))
    except _DAMAGES as error:
        raise DataError(
            str(path),
            expected="probabilities of liver and lesion",
            received=str(error),
            next_step=_NEXT_STEP,
        ) from None
    return CaseProbabilities(values, slice_grid)


def write_predicted_cases(folder: Path, cases: Iterable[PredictedCase]) -> None:
    """Write ``index.csv``, a row a case."""
    rows = [(case.case_id, case.patient_id, case.role) for case in cases]
    write_rows(folder / "index.csv", INDEX_COLUMNS, rows)


def read_predicted_cases(folder: Path) -> tuple[PredictedCase, ...]:
    """The cases of a folder of probabilities, in their order.

    Raises:
        DataError: ``index.csv`` is missing or is no index.
    """
    rows = read_rows(folder / "index.csv", INDEX_COLUMNS, next_step=_NEXT_STEP)
    return tuple(
        PredictedCase(row["case_id"], row["patient_id"], cast("Role", row["role"])) for row in rows
    )
