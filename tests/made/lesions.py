"""Params of painted lesions, and a case that is all liver."""

from pathlib import Path

import numpy as np

from liverseg.grids.grid import Grid
from liverseg.params import LesionKindParams, LesionParams
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import (
    Preprocessing,
    SliceRow,
    SliceStack,
    write_preprocessing,
    write_stack,
)
from liverseg.slices.windowing import apply_windows

KINDS = tuple(LesionKindParams.model_fields)


def build_lesion_params(**changes: object) -> LesionParams:
    """As shipped, but off unless a test says otherwise; ``kind`` is the only one that is drawn."""
    kind = changes.pop("kind", None)
    values = {
        "probability": 0.0,
        "largest_number": 3,
        "diameter_mm": (4.0, 40.0),
        "median_diameter_mm": 9.0,
        "contrast_hu": (15.0, 60.0),
        "faint_contrast_hu": (7.0, 14.0),
        "blur_mm": (0.0, 4.0),
        "texture_hu": (0.0, 10.0),
        "kinds": LesionKindParams(**{name: float(kind in {None, name}) for name in KINDS}),
    }
    return LesionParams(**(values | changes))


def build_liver_stack(
    windows_hu: tuple[tuple[float, float], ...] = ((-100.0, 400.0),),
    *,
    size: int = 64,
    num_slices: int = 9,
    spacing_mm: tuple[float, float, float] = (1.5, 1.0, 3.0),
    liver_hu: float = 110.0,
    image_size: int | None = None,
) -> SliceStack:
    """Slices that hold liver of one HU and nothing else; the scan's axes are LPS."""
    affine = np.diag([-spacing_mm[0], -spacing_mm[1], spacing_mm[2], 1.0])
    image_size = image_size or size
    grid = SliceGrid(Grid((size, size, num_slices), affine), image_size)
    shape = (num_slices, image_size, image_size)
    grey = apply_windows(np.full(shape, liver_hu), windows_hu)
    return SliceStack("a", np.moveaxis(grey, 0, 1).copy(), np.ones(shape, np.uint8), grid)


def write_liver(folder: Path, stack: SliceStack) -> list[SliceRow]:
    """Write a case and how it was made; returns its index."""
    windows_hu = ((-100.0, 400.0),)
    size = stack.slice_grid.image_size
    write_stack(folder, stack, "npz")
    write_preprocessing(folder, Preprocessing(windows_hu, size, "npz"))
    pixels = size * size
    return [SliceRow(stack.case_id, index, pixels, 0) for index in range(len(stack.labels))]
