"""Two livers of one patient laid over each other, by their shapes alone."""

from dataclasses import dataclass
from typing import Any

import edt
import numpy as np
import numpy.typing as npt

from liverseg.followup.motion import Points, RigidMotion, find_points, look_up
from liverseg.grids.grid import Grid
from liverseg.labels import select_region
from liverseg.volumes.itk import load_simpleitk
from liverseg.volumes.nifti import Volume

STEP_MM = 2.0
"""Of the grid on which distances to the surface of a liver are measured."""

EVERY = 3
"""Which of these are compared, along each axis: distances change slowly."""

MARGIN_MM = 24.0
"""Around the liver; distances beyond it are all the same, so far ends do not outweigh the rest."""

FIRST_STEP_MM = 1.0
"""Of the optimizer: by how far it moves the voxel that moves most."""

MAX_STEPS = 100
LEAST_PROGRESS, OVER_STEPS = 1e-4, 10
"""The optimizer ends where that many steps bring no more than this, as a share."""


@dataclass(frozen=True, eq=False)
class Registration:
    """How two livers were laid over each other.

    Attributes:
        motion: From the first scan to the second.
        liver_dice: Overlap of the livers after it, in [0, 1]: 1 for the same liver in the same
            shape; breathing, growth and another patient lower it.
    """

    motion: RigidMotion
    liver_dice: float


@dataclass(frozen=True, eq=False)
class _Shape:
    """A liver on a grid of ``STEP_MM`` whose axes are those of the patient."""

    liver: npt.NDArray[np.bool_]
    origin_mm: Points

    @property
    def points_mm(self) -> Points:
        grid = Grid(_get_shape(self.liver), _place(self.origin_mm))
        return find_points(np.ones_like(self.liver), grid)

    @property
    def centre_mm(self) -> Points:
        centre: Points = self.origin_mm + STEP_MM * np.argwhere(self.liver).mean(axis=0)
        return centre


def register_livers(baseline: Volume, followup: Volume) -> Registration:
    """The turn and shift that lay the liver of one scan best over that of the other.

    It begins with centre on centre and makes the squared difference of the signed distances to both
    surfaces least (SimpleITK, Euler angles about the centre of the first liver, conjugate gradients
    with line search). Every voxel counts and one thread adds them up: equal input gives an equal
    result.

    Args:
        baseline: Labels, with at least one voxel of liver or lesion.
        followup: Likewise.

    Raises:
        LiversegError: SimpleITK is not installed.
    """
    sitk = load_simpleitk("compare", "followup")
    fixed, moving = _sample_liver(baseline), _sample_liver(followup)
    start = sitk.Euler3DTransform()
    start.SetCenter(fixed.centre_mm.tolist())
    start.SetTranslation((moving.centre_mm - fixed.centre_mm).tolist())
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetNumberOfWorkUnits(1)
    method.SetMetricAsMeanSquares()
    method.SetMetricSamplingStrategy(method.NONE)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsConjugateGradientLineSearch(
        FIRST_STEP_MM,
        MAX_STEPS,
        convergenceMinimumValue=LEAST_PROGRESS,
        convergenceWindowSize=OVER_STEPS,
    )
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(start, inPlace=True)
    method.Execute(_build_image(sitk, fixed), _build_image(sitk, moving))
    motion = RigidMotion(_build_matrix(start))
    return Registration(motion, _compare_livers(fixed, followup, motion))


def _sample_liver(labels: Volume) -> _Shape:
    liver = select_region(labels.data, "liver")
    points = find_points(liver, labels.grid)
    low, high = points.min(axis=0) - MARGIN_MM, points.max(axis=0) + MARGIN_MM
    shape = np.ceil((high - low) / STEP_MM).astype(int) + 1
    centres = find_points(np.ones(shape, np.bool_), Grid(tuple(shape.tolist()), _place(low)))
    return _Shape(look_up(liver, labels.grid, centres).reshape(shape), low)


def _place(origin_mm: Points) -> npt.NDArray[np.float64]:
    affine = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])
    affine[:3, 3] = origin_mm
    return affine


def _get_shape(array: npt.NDArray[Any]) -> tuple[int, int, int]:
    i, j, k = array.shape
    return i, j, k


def _build_image(sitk: Any, shape: _Shape) -> Any:
    """Signed distances to the surface, positive inside; SimpleITK counts axes the other way."""
    distances = edt.sdf(np.ascontiguousarray(shape.liver), anisotropy=(STEP_MM,) * 3, parallel=1)
    sampled = distances[::EVERY, ::EVERY, ::EVERY].clip(-MARGIN_MM, MARGIN_MM)
    image = sitk.GetImageFromArray(sampled.transpose(2, 1, 0))
    image.SetSpacing((EVERY * STEP_MM,) * 3)
    image.SetOrigin(shape.origin_mm.tolist())
    return image


def _build_matrix(transform: Any) -> npt.NDArray[np.float64]:
    centre = np.array(transform.GetCenter())
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(transform.GetMatrix(), (3, 3))
    matrix[:3, 3] = centre + transform.GetTranslation() - matrix[:3, :3] @ centre
    return matrix


def _compare_livers(fixed: _Shape, followup: Volume, motion: RigidMotion) -> float:
    moved = look_up(
        select_region(followup.data, "liver"), followup.grid, motion.move(fixed.points_mm)
    )
    liver = fixed.liver.ravel()
    return float(2 * np.count_nonzero(liver & moved) / (liver.sum() + moved.sum()))
