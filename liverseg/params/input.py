"""Sections of the way in: where the cases are, the demo data, slices and roles."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from liverseg.params.fields import (
    Count,
    ImageSize,
    Index,
    MarginMm,
    NotEmpty,
    OpenFraction,
    PixelMm,
    Positive,
    RegionName,
    Section,
)


def _check_window(window: tuple[float, float]) -> tuple[float, float]:
    low, high = window
    if low >= high:
        raise ValueError(f"expected low < high in HU. Received: low {low:g}, high {high:g}")
    return window


Hu = Annotated[float, Field(ge=-100_000, le=100_000)]  # with room for any scanner and mistake
Window = Annotated[tuple[Hu, Hu], AfterValidator(_check_window)]


def _check_length(spacing: object) -> object:
    if not isinstance(spacing, list):
        return spacing
    if len(spacing) != 3:
        raise ValueError(f"expected [i, j, k] in mm. Received: {spacing!r}")
    return tuple(spacing)


VoxelSideMm = Annotated[float, Field(ge=0.001, le=1000)]  # with room for any scanner and mistake
SpacingMm = Annotated[tuple[VoxelSideMm, VoxelSideMm, VoxelSideMm], BeforeValidator(_check_length)]
Label = Literal[0, 1, 2]


def _check_root(root: str) -> str:
    """A path that the commands of dvc.yaml can name, where it stands between apostrophes."""
    if {"'", "\0"} & set(root) or root.splitlines() != [root] or root.startswith("-"):
        raise ValueError(
            f"expected a path without apostrophe, line break or - in front. Received: {root!r}"
        )
    return root


class DataParams(Section):
    """Where the cases are, and what is known to be wrong with them."""

    root: Annotated[str, Field(min_length=1), AfterValidator(_check_root)]
    patients: str | None
    on_error: Literal["stop", "skip"]
    exclude: tuple[str, ...]
    spacing_overrides: dict[str, SpacingMm]
    label_map: dict[int, Label]


def _check_spacing(spacing: tuple[float, float]) -> tuple[float, float]:
    smallest, largest = spacing
    if not 0 < smallest <= largest:
        raise ValueError(
            f"expected 0 < smallest <= largest in mm. Received: {smallest:g}, {largest:g}"
        )
    return spacing


SpacingRange = Annotated[tuple[float, float], AfterValidator(_check_spacing)]


class PhantomParams(Section):
    """The synthetic demo data."""

    seed: Index
    anatomy: Literal["plain", "varied"]
    num_patients: Count
    num_second_scans: Index
    field_of_view_mm: Positive
    in_plane_spacing_mm: SpacingRange
    slice_spacing_mm: SpacingRange

    @model_validator(mode="after")
    def _check_second_scans(self) -> Self:
        if self.num_second_scans > self.num_patients:
            raise ValueError(
                f"expected num_second_scans of at most num_patients ({self.num_patients}). "
                f"Received: {self.num_second_scans}"
            )
        return self


class PreprocessParams(Section):
    """From NIfTI volumes to windowed slices."""

    windows_hu: Annotated[tuple[Window, ...], NotEmpty, Field(max_length=16)]
    region: RegionName
    pixel_mm: PixelMm | None
    margin_mm: MarginMm
    image_size: ImageSize
    format: Literal["npz", "png"]

    @model_validator(mode="after")
    def _check_region(self) -> Self:
        if self.region == "liver" and self.pixel_mm is None:
            raise ValueError(
                "expected pixel_mm, the distance of pixels, where region is liver. Received: null"
            )
        return self


class SplitParams(Section):
    """Roles by patient: one fixed split, or one fold of a cross-validation."""

    seed: Index
    validation_fraction: OpenFraction
    test_fraction: OpenFraction
    num_folds: Index
    fold: Index

    @model_validator(mode="after")
    def _check_folds(self) -> Self:
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError(
                "expected validation_fraction + test_fraction below 1. "
                f"Received: {self.validation_fraction + self.test_fraction:g}"
            )
        if self.num_folds in (1, 2):
            raise ValueError(
                "expected num_folds of 0 (one fixed split) or at least 3 "
                f"(test, validation, training). Received: {self.num_folds}"
            )
        if self.fold >= max(self.num_folds, 1):
            raise ValueError(
                f"expected fold below num_folds ({self.num_folds}). Received: {self.fold}"
            )
        return self
