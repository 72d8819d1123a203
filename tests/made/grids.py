"""Grids in every axis order, made by hand."""

from itertools import permutations, product

import nibabel as nib
import numpy as np

from liverseg.grids.grid import Grid

AXIS_ORDERS = [
    "".join(codes) for names in permutations(("RL", "AP", "IS")) for codes in product(*names)
]
DIRECTIONS = {
    "R": (1, 0, 0),
    "A": (0, 1, 0),
    "S": (0, 0, 1),
    "L": (-1, 0, 0),
    "P": (0, -1, 0),
    "I": (0, 0, -1),
}


def build_affine(codes: str, spacing_mm=(1.0, 1.0, 1.0)):
    columns = [
        np.multiply(DIRECTIONS[code], mm) for code, mm in zip(codes, spacing_mm, strict=True)
    ]
    return nib.affines.from_matvec(np.transpose(columns))


def build_oblique_grid(codes: str, shape=(5, 6, 7), spacing_mm=(1.0, 1.0, 1.0)) -> Grid:
    """Turned and sheared, but with axes nearest to ``codes``."""
    turn = nib.affines.from_matvec(nib.eulerangles.euler2mat(0.2, -0.1, 0.15))
    turn[0, 1] += 0.01
    grid = Grid(shape, turn @ build_affine(codes, spacing_mm))
    assert grid.axis_codes == codes
    return grid


def find_axes(codes: str) -> list[int]:
    """Axes of the slices, the rows and the columns."""
    return [
        next(axis for axis, code in enumerate(codes) if code in pair) for pair in ("IS", "AP", "RL")
    ]
