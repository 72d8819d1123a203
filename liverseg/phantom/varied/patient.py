"""A varied patient, and a scan of one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from liverseg.bodies.canvas import Canvas
from liverseg.bodies.fields import Axes, draw_waves
from liverseg.bodies.lesions import LesionBody, paint_bodies
from liverseg.bodies.shapes import Floats, Points, Vector, compute_coverage
from liverseg.grids.grid import Grid
from liverseg.labels import LESION, LIVER
from liverseg.phantom.liver import paint_parenchyma
from liverseg.phantom.patient import Warp
from liverseg.phantom.scan import HIGHEST_HU, LOWEST_HU, PhantomScan, lay_canvas
from liverseg.phantom.trunk import Layers, Trunk
from liverseg.phantom.varied.body import Body, draw_body, paint_inside, paint_outside
from liverseg.phantom.varied.bowel import (
    Hollow,
    Loops,
    draw_bowel,
    draw_loops,
    draw_stomach,
    paint_hollow,
    paint_loops,
)
from liverseg.phantom.varied.chest import Chest, draw_chest, paint_chest, paint_heart
from liverseg.phantom.varied.lesions import draw_varied_lesions
from liverseg.phantom.varied.liver import VariedLiver, draw_varied_liver
from liverseg.phantom.varied.neighbours import (
    Neighbours,
    draw_neighbours,
    list_dents,
    paint_over_liver,
    paint_under_liver,
)
from liverseg.phantom.varied.scanner import acquire, draw_axes, scale_axes
from liverseg.phantom.varied.tissues import Tissues, draw_tissues

LEAST_GAP_MM = 1.0
"""Between liver and wall, filled by fat or by the diaphragm."""
LINING_REACH_MM = 4.0
"""How far the diaphragm goes on at the wall beyond the edges of the liver."""


@dataclass(frozen=True)
class VariedPatient:
    """Anatomy in mm of a body of standard size.

    Attributes:
        bulging: Whether lesions at the liver's edge push it outwards.
        ascites_mm: Thickness of the fluid around the liver; 0 for most.
        lining_mm: Thickness of the diaphragm between the liver and the wall; 0 where that is fat.
        scale: Along x, y, z, from the standard size to the patient's own.
        warps: What bends everything: (amplitude in mm, fields of x, y, z).
    """

    body: Body
    chest: Chest
    liver: VariedLiver
    neighbours: Neighbours
    loops: Loops
    hollows: tuple[Hollow, ...]
    lesions: tuple[LesionBody, ...]
    bulging: bool
    ascites_mm: float
    lining_mm: float
    scale: Vector
    warps: tuple[tuple[float, Warp], ...]


def draw_varied_patient(rng: np.random.Generator, *, has_lesions: bool) -> VariedPatient:
    """A patient of any build, with one to thirty lesions, or with none."""
    body = draw_body(rng)
    trunk = body.trunk
    lean = Trunk(
        half_width=trunk.half_width - trunk.side_fat + 12,
        half_depth=trunk.half_depth - 0.8 * trunk.front_fat + 8,
        front_fat=8,
        side_fat=12,
        wall=trunk.wall,
        lung_base=trunk.lung_base,
    )
    width, depth = lean.half_width / 133, lean.half_depth / 97
    hilum = (rng.uniform(-38, -20), rng.uniform(-18, 0), rng.uniform(-20, 2))
    neighbours = draw_neighbours(rng, lean, trunk.spine_y, hilum)
    liver = draw_varied_liver(rng, lean, hilum)

    def measure_depth(points: Points) -> Floats:
        outside = liver.signed(points, trunk.measure(points).cavity)
        for shape in list_dents(neighbours):
            outside = np.maximum(outside, -shape.signed(points))
        return -outside

    x, y, z = (rng.uniform(0.88, 1.2) * rng.uniform(0.92, 1.08, 3)).tolist()
    return VariedPatient(
        body=body,
        chest=draw_chest(rng, lean, liver.plain),
        liver=liver,
        neighbours=neighbours,
        loops=draw_loops(rng, rng.uniform(0.1, 0.6) * trunk.spine_y),
        hollows=(*draw_bowel(rng, width, depth), *draw_stomach(rng, width, depth)),
        lesions=draw_varied_lesions(rng, measure_depth, liver.bounds) if has_lesions else (),
        bulging=bool(rng.random() < 0.6),
        ascites_mm=rng.uniform(2, 25) if rng.random() < 0.1 else 0.0,
        scale=(x, y, z),
        warps=(
            (rng.uniform(2, 8), _draw_warp(rng, (120, 300))),
            (rng.uniform(0.3, 1.8), _draw_warp(rng, (40, 90))),
        ),
        lining_mm=rng.uniform(LEAST_GAP_MM, 5) if rng.random() < 0.6 else 0.0,
    )


def build_varied_scan(
    rng: np.random.Generator, patient: VariedPatient, spacing_mm: tuple[float, float]
) -> PhantomScan:
    """A scan with a phase, a field of view, a kernel and noise of its own.

    Args:
        rng: The scan's own.
        patient: Who is scanned.
        spacing_mm: In plane, and from slice to slice.

    Returns:
        HU and labels (i, j, k), axes LPS; of some scans the liver is not whole, or not there.
    """
    (_, _, low), (_, _, high) = patient.liver.bounds
    scale_x, scale_y, scale_z = patient.scale
    trunk = patient.body.trunk
    width_mm = 2 * max(trunk.half_width * scale_x, trunk.half_depth * scale_y)
    axes = draw_axes(rng, (low * scale_z, high * scale_z), width_mm, spacing_mm)
    canvas = lay_canvas(scale_axes(axes, patient.scale), patient.warps)
    labels = _paint(rng, canvas, patient, draw_tissues(rng))
    in_plane, between = spacing_mm
    hu = np.clip(np.rint(acquire(rng, canvas.hu, in_plane)), LOWEST_HU, HIGHEST_HU)
    affine = np.diag([-in_plane, -in_plane, between, 1.0])
    return PhantomScan(hu.astype(np.int16), labels, Grid(labels.shape, affine))


def _paint(
    rng: np.random.Generator, canvas: Canvas, patient: VariedPatient, tissues: Tissues
) -> npt.NDArray[np.uint8]:
    """Paint everything without noise, from the organs outwards; returns the labels (x, y, z)."""
    layers = patient.body.trunk.measure(canvas.points)
    paint_inside(canvas, patient.body, tissues)
    paint_chest(canvas, patient.chest, tissues, layers)
    paint_loops(canvas, patient.loops, layers.cavity, tissues)
    paint_under_liver(canvas, patient.neighbours, tissues)
    for hollow in patient.hollows:
        paint_hollow(canvas, hollow, tissues)
    paint_heart(canvas, patient.chest, tissues)
    liver, lesions = _paint_liver(rng, canvas, patient, tissues, layers)
    paint_over_liver(canvas, patient.neighbours, tissues, liver)
    paint_outside(canvas, patient.body, tissues, layers)
    labels = np.where(liver >= 0.5, LIVER, 0).astype(np.uint8)
    labels[(labels == LIVER) & (lesions >= 0.5)] = LESION
    return labels


def _paint_liver(
    rng: np.random.Generator,
    canvas: Canvas,
    patient: VariedPatient,
    tissues: Tissues,
    layers: Layers,
) -> tuple[Floats, Floats]:
    """Coverage (x, y, z) of the liver and of its lesions."""
    liver, lesions = np.zeros_like(canvas.hu), np.zeros_like(canvas.hu)
    box = canvas.find_box(patient.liver.bounds)
    around = canvas.crop(box)
    if not around.hu.size:
        return liver, lesions
    tissue = Canvas(around.axes, around.points, np.empty_like(around.hu), around.margins_mm)
    paint_parenchyma(tissue, patient.liver.plain, tissues)
    for duct in patient.liver.ducts:
        tissue.paint(duct, tissues.bile)
    lesions[box] = paint_bodies(tissue, patient.lesions, tissues.liver, tissues.lesion_contrast)
    cavity = layers.cavity[box]
    signed = patient.liver.signed(around.points, cavity)
    knobs = np.clip(patient.liver.knobs.sample(around.axes), -1.5, 1.5)
    signed += np.float32(patient.liver.knob_mm) * knobs * _measure_slope(signed, around.axes)
    if patient.ascites_mm:
        fluid = np.maximum(signed - np.float32(patient.ascites_mm), cavity)
        around.fill(compute_coverage(fluid), rng.uniform(0, 20))
    if patient.lining_mm:
        at_wall = np.maximum(cavity, -cavity - np.float32(patient.lining_mm))
        lining = np.maximum(at_wall, signed - np.float32(LINING_REACH_MM))
        around.fill(compute_coverage(lining), tissues.muscle)
    within = cavity + np.float32(max(patient.lining_mm, LEAST_GAP_MM))
    covered = compute_coverage(np.maximum(signed, within))
    if patient.bulging:
        covered = np.maximum(covered, lesions[box] * compute_coverage(within))
    liver[box] = _keep_largest(covered)
    around.fill(liver[box], tissue.hu)
    return liver, lesions


def _draw_warp(rng: np.random.Generator, wavelengths_mm: tuple[float, float]) -> Warp:
    return (
        draw_waves(rng, wavelengths_mm, 8),
        draw_waves(rng, wavelengths_mm, 8),
        draw_waves(rng, wavelengths_mm, 8),
    )


def _measure_slope(signed: Floats, axes: Axes) -> Floats:
    """Change per mm (x, y, z): 1 for a true distance, less where a flat shape's is none."""
    slopes = np.gradient(signed, *(axis.astype(np.float32) for axis in axes))
    total: Floats = np.sqrt(np.sum(np.square(slopes), axis=0))
    return total


def _keep_largest(coverage: Floats) -> Floats:
    """The coverage (x, y, z) without crumbs that hang on nothing."""
    parts, count = ndimage.label(coverage >= 0.5)
    if count > 1:
        largest = 1 + np.argmax(np.bincount(parts.ravel())[1:])
        near = ndimage.binary_dilation(parts == largest)
        coverage *= near
    return coverage
