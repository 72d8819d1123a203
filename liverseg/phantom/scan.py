"""One scan of a patient: voxel grid, partial volume, contrast phase and noise."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Axes
from liverseg.bodies.shapes import Floats, Points, compute_coverage
from liverseg.grids.grid import Grid
from liverseg.labels import BACKGROUND, LESION, LIVER
from liverseg.params import PhantomParams
from liverseg.phantom.enhancement import Enhancement, draw_enhancement
from liverseg.phantom.lesions import paint_lesions
from liverseg.phantom.liver import paint_parenchyma
from liverseg.phantom.organs import paint_over_liver, paint_under_liver
from liverseg.phantom.patient import Patient, Warp, draw_warp
from liverseg.phantom.trunk import paint_cavity, paint_wall

LOWEST_HU, HIGHEST_HU = -1024, 3071
NOISE_AT_3MM_HU = (10.0, 15.0)  # range of the noise's standard deviation
NOISE_GRAIN_MM = (0.5, 0.9)  # range of the Gaussian that correlates it in plane
NOISE_GRAIN_SLICES = 0.4
POSTURE_MM = 1.5


@dataclass(frozen=True, eq=False)
class PhantomScan:
    """A scan and its labels, both (i, j, k) with axes LPS, and their grid."""

    hu: npt.NDArray[np.int16]
    labels: npt.NDArray[np.uint8]
    grid: Grid


def build_scan(rng: np.random.Generator, patient: Patient, params: PhantomParams) -> PhantomScan:
    """A scan of the patient with its own spacing, posture, contrast phase and noise."""
    axes = _draw_axes(rng, patient, params)
    canvas = lay_canvas(axes, (*patient.warps, (POSTURE_MM, draw_warp(rng, (120, 240)))))
    labels = _paint(canvas, patient, draw_enhancement(rng))
    canvas.hu[...] += _draw_noise(rng, axes, patient)
    hu = np.clip(np.rint(canvas.hu), LOWEST_HU, HIGHEST_HU).astype(np.int16)
    return PhantomScan(hu, labels, _place_grid(rng, axes))


def _paint(canvas: Canvas, patient: Patient, enhancement: Enhancement) -> npt.NDArray[np.uint8]:
    """Paint the patient without noise, from the organs outwards; returns the labels (x, y, z)."""
    layers = patient.trunk.measure(canvas.points)
    paint_cavity(canvas, patient.trunk, layers)
    paint_under_liver(canvas, patient.organs, enhancement)

    box = canvas.find_box(patient.liver.bounds)
    around = canvas.crop(box)
    tissue = Canvas(around.axes, around.points, np.empty_like(around.hu), around.margins_mm)
    paint_parenchyma(tissue, patient.liver, enhancement)
    lesions = paint_lesions(tissue, patient.lesions, enhancement)
    liver = np.zeros_like(canvas.hu)
    liver[box] = compute_coverage(patient.liver.signed(around.points, layers.cavity[box]))
    around.fill(liver[box], tissue.hu)

    paint_over_liver(canvas, patient.organs, enhancement, liver)
    paint_wall(canvas, patient.trunk, layers)
    labels = np.where(liver >= 0.5, LIVER, BACKGROUND).astype(np.uint8)
    labels[box][(labels[box] == LIVER) & (lesions >= 0.5)] = LESION
    return labels


def _draw_axes(rng: np.random.Generator, patient: Patient, params: PhantomParams) -> Axes:
    """Voxel centres: the field of view in plane, the liver and some more along z."""
    in_plane = round(rng.uniform(*params.in_plane_spacing_mm), 3)
    between_slices = round(rng.uniform(*params.slice_spacing_mm), 1)
    (_, _, low), (_, _, high) = patient.liver.bounds
    low, high = low - rng.uniform(12, 20), high + rng.uniform(12, 20)  # the warp moves the liver
    count = max(int(params.field_of_view_mm / in_plane), 2)
    centred = in_plane * (np.arange(count, dtype=np.float64) - (count - 1) / 2)
    z = low + between_slices * np.arange(1 + np.ceil((high - low) / between_slices))
    return centred + rng.uniform(-5, 5), centred + rng.uniform(-5, 5), z.astype(np.float64)


def lay_canvas(axes: Axes, warps: tuple[tuple[float, Warp], ...]) -> Canvas:
    """A canvas without HU on the grid of the axes, each voxel where the warps put it."""
    grids = list(np.meshgrid(*(axis.astype(np.float32) for axis in axes), indexing="ij"))
    margins = []
    for index, axis in enumerate(axes):
        moved = sum(np.float32(mm) * fields[index].sample(axes) for mm, fields in warps)
        margins.append(float(np.abs(moved).max() + 2 * (axis[1] - axis[0])))
        grids[index] += moved
    x, y, z = margins
    return Canvas(axes, Points(*grids), np.empty_like(grids[0]), (x, y, z))


def _draw_noise(rng: np.random.Generator, axes: Axes, patient: Patient) -> Floats:
    """Correlated noise in HU, stronger in thin slices and towards the middle of the body."""
    x, y, z = axes
    grain = rng.uniform(*NOISE_GRAIN_MM) / (x[1] - x[0])
    spread_hu = rng.uniform(*NOISE_AT_3MM_HU) * np.sqrt(3 / (z[1] - z[0]))
    noise = rng.standard_normal((len(x), len(y), len(z)), np.float32)
    ndimage.gaussian_filter(noise, (grain, grain, NOISE_GRAIN_SLICES), output=noise)
    edge = np.add.outer((x / patient.trunk.half_width) ** 2, (y / patient.trunk.half_depth) ** 2)
    local = spread_hu / noise.std(dtype=np.float64) * (1.15 - 0.3 * np.minimum(edge, 2))
    noise *= local[:, :, None].astype(np.float32)
    return noise


def _place_grid(rng: np.random.Generator, axes: Axes) -> Grid:
    """The grid in the scanner's RAS+ millimetres, whose origin is nowhere in particular."""
    spacing = [axis[1] - axis[0] for axis in axes]
    affine = np.diag([-spacing[0], -spacing[1], spacing[2], 1.0])
    affine[:3, 3] = (-axes[0][0], -axes[1][0], axes[2][0]) + rng.uniform(-200, 200, 3) * (0, 0, 1)
    x, y, z = (len(axis) for axis in axes)
    return Grid((x, y, z), affine.round(4))
