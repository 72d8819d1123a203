"""Slice stacks on disk: per case its images, its labels and its grid; for all an index."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, TypeAdapter

from liverseg.checked_json import STRICT, describe_problem, read_checked
from liverseg.errors import DataError
from liverseg.json_files import write_json
from liverseg.params.fields import MarginMm, PixelMm, RegionName
from liverseg.params.input import Window
from liverseg.slices.geometry import SLICE_AXES, SliceGrid
from liverseg.slices.npz_member import map_member
from liverseg.slices.png_slices import PngSlices, write_png_slices
from liverseg.tables.case_table import file_stem
from liverseg.tables.csv_rows import read_rows, write_rows

INDEX_COLUMNS = ("case_id", "slice_index", "liver_pixels", "lesion_pixels", "lesions")
PREPROCESSING_FILE = "preprocessing.json"
LOCATOR_FOLDER = "locator"
"""Of the model that found the regions, beside the slices and beside the models trained on them."""

NEXT_STEP = "Write it with the stage preprocess: `dvc repro preprocess`."


class Slices(Protocol):
    """uint8 slices along the first axis, read when a number or a range of them is asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every axis."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int | slice, /) -> npt.NDArray[np.uint8]: ...


@dataclass(frozen=True, eq=False)
class SliceStack:
    """All slices of one case, feet to head.

    Attributes:
        case_id: Whose slices they are.
        images: Grey values (num_slices, num_windows, image_size, image_size).
        labels: (num_slices, image_size, image_size).
        slice_grid: Where they lie in the scan.
    """

    case_id: str
    images: Slices
    labels: Slices
    slice_grid: SliceGrid


@dataclass(frozen=True)
class SliceRow:
    """What the index says of one slice.

    Attributes:
        case_id: Whose slice it is.
        slice_index: From 0 at the feet.
        liver_pixels: Pixels of the slice with liver, lesions included.
        lesion_pixels: Pixels with lesion.
        lesions: Numbers, within the case, of the lesions of which it shows a part; ascending.
    """

    case_id: str
    slice_index: int
    liver_pixels: int
    lesion_pixels: int
    lesions: tuple[int, ...] = ()


def _check_axes(axis_codes: str) -> str:
    if axis_codes != SLICE_AXES:
        raise ValueError(f"expected axis_codes {SLICE_AXES}. Received: {axis_codes[:60]!r}")
    return axis_codes


@dataclass(frozen=True)
class Preprocessing:
    """How scans became slices: all that inference needs to do the same.

    Attributes:
        windows_hu: Low and high end of the window of each channel.
        image_size: Rows and columns of a slice.
        format: How slices are stored; pixels do not depend on it.
        axis_codes: Where slices, rows and columns increase to.
        region: What slices show: the scan, or the surroundings of the liver.
        pixel_mm: Distance of neighbouring pixels, for all scans; None where a slice shows the whole
            scan, whatever its size.
        margin_mm: Least distance of the liver from the edge of its region.
        slice_mm: Least distance of neighbouring slices, those in between are left out; None for all
            slices. For a locator alone: from thinned slices there is no way back.
    """

    __pydantic_config__ = STRICT

    windows_hu: Annotated[tuple[Window, ...], Field(min_length=1, max_length=16)]
    image_size: Annotated[int, Field(ge=1, le=2048)]
    format: Literal["npz", "png"]
    axis_codes: Annotated[str, AfterValidator(_check_axes)] = SLICE_AXES
    region: RegionName = "scan"
    pixel_mm: PixelMm | None = None
    margin_mm: MarginMm = 0.0
    slice_mm: PixelMm | None = None


def write_stack(folder: Path, stack: SliceStack, file_format: Literal["npz", "png"]) -> None:
    """Write one case below ``folder``: an uncompressed NPZ file, or a folder of PNG files.

    Equal stacks give equal bytes.
    """
    path = folder / file_stem(stack.case_id)
    images, labels, grid = stack.images[:], stack.labels[:], stack.slice_grid.to_json()
    if file_format == "npz":
        np.savez(folder / f"{path.name}.npz", images=images, labels=labels, grid=np.array(grid))
        return
    path.mkdir(exist_ok=True)  # left half written by a killed worker
    write_png_slices(path, _name_windows(images.shape[1]), images)
    write_png_slices(path, ("labels",), labels)
    (path / "grid.json").write_text(f"{grid}\n", encoding="utf-8")


def open_stack(folder: Path, case_id: str) -> SliceStack:
    """The slices of a case; none is read before it is asked for, and then it alone.

    Images and labels of an NPZ file are memory-mapped and read-only.

    Raises:
        DataError: The case is not there, or its files are damaged.
    """
    path = folder / file_stem(case_id)
    npz = folder / f"{path.name}.npz"
    if npz.exists():
        slice_grid = SliceGrid.from_json(str(map_member(npz, "grid")[()]))
        return SliceStack(case_id, map_member(npz, "images"), map_member(npz, "labels"), slice_grid)
    slice_grid = SliceGrid.from_json(_read_text(path / "grid.json"))
    plane_shape = (slice_grid.image_size, slice_grid.image_size)
    windows = _name_windows(len(list(path.glob("slice_0000_window_*.png"))))
    return SliceStack(
        case_id,
        PngSlices(path, windows, (slice_grid.num_slices, len(windows), *plane_shape)),
        PngSlices(path, ("labels",), (slice_grid.num_slices, *plane_shape)),
        slice_grid,
    )


def write_index(folder: Path, rows: Iterable[SliceRow]) -> None:
    """Write ``index.csv``, a row a slice; the numbers of its lesions have spaces between them."""
    write_rows(
        folder / "index.csv",
        INDEX_COLUMNS,
        [
            (
                row.case_id,
                row.slice_index,
                row.liver_pixels,
                row.lesion_pixels,
                " ".join(map(str, row.lesions)),
            )
            for row in rows
        ],
    )


def read_index(folder: Path) -> tuple[SliceRow, ...]:
    """What each slice shows, case by case, feet to head.

    Raises:
        DataError: ``index.csv`` is missing or is no index.
    """
    rows = read_rows(folder / "index.csv", INDEX_COLUMNS, next_step=NEXT_STEP)
    return tuple(
        SliceRow(
            row["case_id"],
            int(row["slice_index"]),
            int(row["liver_pixels"]),
            int(row["lesion_pixels"]),
            tuple(map(int, row["lesions"].split())),
        )
        for row in rows
    )


def write_preprocessing(folder: Path, preprocessing: Preprocessing) -> None:
    """Write ``preprocessing.json``, beside slices or beside a model that was trained on them."""
    write_json(folder / PREPROCESSING_FILE, asdict(preprocessing))


def read_preprocessing(folder: Path) -> Preprocessing:
    """How the slices in ``folder`` were made.

    Raises:
        DataError: ``preprocessing.json`` is missing or damaged, or asks for other axes than this
            version's.
    """
    path = folder / PREPROCESSING_FILE
    try:
        return read_checked(path, TypeAdapter(Preprocessing))
    except (OSError, ValueError) as error:
        raise DataError(
            str(path),
            expected="how slices were made",
            received=describe_problem(error),
            next_step=NEXT_STEP,
        ) from None


def _name_windows(num_windows: int) -> tuple[str, ...]:
    return tuple(f"window_{window}" for window in range(num_windows))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(
            str(path),
            expected="a file of the stage preprocess",
            received=str(error.strerror).lower(),
            next_step=NEXT_STEP,
        ) from None
