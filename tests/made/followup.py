"""Livers with balls for lesions, painted in millimetres on any grid and anywhere."""

from collections.abc import Sequence

import numpy as np

from liverseg.followup.study import Study, build_study
from liverseg.grids.grid import Grid
from liverseg.grids.orientation import reorient_array, reorient_grid
from liverseg.volumes.nifti import Volume

Ball = tuple[float, float, float, float]
"""Centre in mm of the patient (RAS) and radius."""

NOWHERE = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))  # ends of a diameter, where they play no part
LOBES = (((0, 0, 0), (80, 60, 50)), ((-70, 25, 15), (45, 30, 25)))
"""Centres and radii of the two ellipsoids that make the liver, in mm."""

LOW_MM, HIGH_MM = np.array([-140.0, -85, -75]), np.array([105.0, 85, 75])


def build_labels(
    balls: Sequence[Ball],
    spacing_mm: tuple[float, float, float] = (2.0, 2.0, 2.0),
    *,
    motion: np.ndarray | None = None,
    axis_codes: str = "RAS",
) -> Volume:
    """Labels of the liver and its lesions.

    A motion takes the patient elsewhere: the grid goes with the shift, and stays upright.
    """
    motion = np.eye(4) if motion is None else motion
    affine = np.diag([*spacing_mm, 1.0])
    affine[:3, 3] = LOW_MM + motion[:3, 3]
    shape = tuple(np.ceil((HIGH_MM - LOW_MM) / spacing_mm).astype(int).tolist())
    indices = np.moveaxis(np.indices(shape), 0, -1)
    points = indices * spacing_mm + affine[:3, 3]
    patient = (points - motion[:3, 3]) @ motion[:3, :3]  # a turn's inverse is its transpose
    labels = np.zeros(shape, np.uint8)
    for centre, radii in LOBES:
        labels[(((patient - centre) / radii) ** 2).sum(axis=-1) <= 1] = 1
    for *centre, radius in balls:
        labels[((patient - centre) ** 2).sum(axis=-1) <= radius**2] = 2
    grid = Grid(shape, affine)
    return Volume(
        reorient_array(labels, grid.axis_codes, axis_codes), reorient_grid(grid, axis_codes)
    )


def build_balls(balls: Sequence[Ball], **options: object) -> Study:
    """The study of such labels."""
    return build_study("balls", build_labels(balls, **options), 6)


def build_motion(degrees_z: float, degrees_x: float, shift_mm: Sequence[float]) -> np.ndarray:
    """A turn about z, before it one about x, and a shift."""
    (c, s), (d, t) = (
        (np.cos(angle), np.sin(angle)) for angle in np.deg2rad([degrees_z, degrees_x])
    )
    motion = np.eye(4)
    motion[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array(
        [[1, 0, 0], [0, d, -t], [0, t, d]]
    )
    motion[:3, 3] = shift_mm
    return motion
