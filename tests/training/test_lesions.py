"""Lesions on the fly: where they are painted, what stays as it is, and what decides it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liverseg.errors import DataError
from liverseg.networks.by_slice import read_slice
from liverseg.params import read_params
from liverseg.slices.context import Neighbours
from liverseg.slices.stacks import SliceStack
from liverseg.slices.windowing import apply_windows, estimate_hu
from liverseg.training.lesion_bodies import cut_body, draw_body
from liverseg.training.lesions import LesionPainter, PaintedSlices, build_painter
from tests.made.lesions import KINDS, build_lesion_params, build_liver_stack

REPOSITORY = Path(__file__).resolve().parents[2]
PARAMS_FILES = [REPOSITORY / "params.yaml", *sorted((REPOSITORY / "presets").glob("*.yaml"))]
WINDOW = (-100.0, 400.0)
BESIDE = Neighbours(1)
MIDDLE = 4


def build_always(
    windows_hu: tuple[tuple[float, float], ...] = (WINDOW,), **changes: object
) -> LesionPainter:
    return LesionPainter(build_lesion_params(probability=1.0, **changes), windows_hu)


def add_noise(stack: SliceStack, labels: np.ndarray | None = None) -> SliceStack:
    rng = np.random.default_rng(5)
    images = rng.normal(stack.images[:], 4).clip(0, 255).astype(np.uint8)
    return replace(stack, images=images, labels=stack.labels if labels is None else labels)


@pytest.mark.parametrize("path", PARAMS_FILES, ids=lambda path: path.stem)
def test_nothing_is_painted_where_the_probability_is_zero(path, tmp_path):
    lesions = read_params(path).augment.lesions.model_copy(update={"probability": 0.0})
    assert build_painter(lesions, tmp_path) is None


def test_without_the_windows_of_the_slices_nothing_can_be_painted(tmp_path):
    with pytest.raises(DataError, match=r"preprocessing\.json: expected how slices were made"):
        build_painter(build_lesion_params(probability=0.1), tmp_path)


def test_a_share_of_the_slices_is_painted():
    """Of 400 at 0.3 about 120, standard deviation 9.2."""
    stack = build_liver_stack()
    painter = LesionPainter(build_lesion_params(probability=0.3), (WINDOW,))
    painted = sum(painter(stack, MIDDLE, 1, (1, 0, place)) is not stack for place in range(400))
    assert abs(painted - 120) < 4 * 9.2


def test_a_slice_without_healthy_liver_stays_as_it_is():
    stack = build_liver_stack()
    labels = np.full_like(stack.labels[:], 2)
    labels[MIDDLE + 1] = 1
    other = replace(stack, labels=labels)
    assert build_always()(other, MIDDLE, 1, (1, 0, 0)) is other


def test_the_case_itself_is_not_changed():
    stack = add_noise(build_liver_stack())
    images, labels = stack.images[:].copy(), stack.labels[:].copy()
    stack.images[:].setflags(write=False)
    stack.labels[:].setflags(write=False)
    painted = build_always()(stack, MIDDLE, 1, (1, 0, 0))
    assert np.array_equal(stack.images[:], images)
    assert np.array_equal(stack.labels[:], labels)
    assert not np.array_equal(painted.images[:], images)


def test_the_key_alone_decides_not_the_order_of_calls_or_the_instance():
    stack = add_noise(build_liver_stack())
    keys = [(1, epoch, place) for epoch in range(2) for place in range(10)]
    first, second = build_always(), build_always()
    forwards = {key: read_slice(first(stack, MIDDLE, 1, key), MIDDLE, BESIDE) for key in keys}
    np.random.seed(3)  # noqa: NPY002 - the global generator is what must not matter
    backwards = {
        key: read_slice(second(stack, MIDDLE, 1, key), MIDDLE, BESIDE) for key in keys[::-1]
    }
    for key in keys:
        assert all(map(np.array_equal, forwards[key], backwards[key]))
    assert len({image.tobytes() for image, _ in forwards.values()}) == len(keys)


def test_only_liver_is_painted_never_lesions_nor_what_lies_outside():
    labels = np.random.default_rng(1).integers(0, 3, (9, 8, 8)).astype(np.uint8)
    labels = labels.repeat(8, axis=1).repeat(8, axis=2)
    stack = add_noise(build_liver_stack(), labels)
    new = 0
    for place in range(30):
        painted = build_always()(stack, MIDDLE, 2, (1, 0, place))
        kept = labels != 1
        assert np.array_equal(painted.labels[:][kept], labels[kept])
        assert np.array_equal(painted.images[:][:, 0][kept], stack.images[:][:, 0][kept])
        changed = painted.labels[:] != labels
        assert (painted.labels[:][changed] == 2).all()
        new += changed.sum()
    assert new > 1000


def test_slices_beyond_the_context_are_not_painted():
    stack = build_liver_stack()
    painted = build_always(diameter_mm=(30.0, 40.0), median_diameter_mm=35.0)(
        stack, MIDDLE, 1, (1, 0, 0)
    )
    changed = (painted.images[:] != stack.images[:]).any(axis=(1, 2, 3))
    assert set(np.flatnonzero(changed)) <= {3, 4, 5}


@pytest.mark.parametrize("kind", KINDS)
def test_all_channels_cut_one_body_voxel_by_voxel(kind):
    """The body is drawn again from the same key, rendered densely in HU, windowed and labelled."""
    stack = build_liver_stack(image_size=48)
    params = build_lesion_params(probability=1.0, kind=kind, largest_number=1)
    pixel_mm = stack.slice_grid.pixel_mm
    assert pixel_mm == pytest.approx((2.0, 2.0, 3.0))  # 96 mm on 48 pixels
    num_labelled = np.zeros(9, int)
    for place in range(12):
        key = (1, 0, place)
        painted = LesionPainter(params, (WINDOW,))(stack, MIDDLE, 1, key)
        rng = np.random.default_rng(np.random.SeedSequence(key, spawn_key=(1,)))
        rng.random()
        rng.integers(1, 1, endpoint=True)
        row, column = rng.choice(np.argwhere(stack.labels[MIDDLE] == 1)) + rng.uniform(-0.5, 0.5, 2)
        middle = (row * pixel_mm[0], column * pixel_mm[1], MIDDLE * 3.0)
        liver_hu = float(estimate_hu(stack.images[MIDDLE], (WINDOW,))[0, 0])
        body = draw_body(rng, params, middle, 3.0, liver_hu)
        whole = (range(48), range(48), range(9))
        change_hu, coverage = cut_body(body, pixel_mm, whole, liver_hu)
        grey = apply_windows(np.moveaxis(liver_hu + change_hu, -1, 0), (WINDOW,))[0]
        labels = np.where(np.moveaxis(coverage, -1, 0) >= 0.5, 2, 1)
        assert np.array_equal(painted.images[3:6][:, 0], grey[3:6])
        assert np.array_equal(painted.labels[3:6], labels[3:6])
        image, target = read_slice(painted, MIDDLE, BESIDE)
        assert np.array_equal(image, np.moveaxis(grey[3:6], 0, -1))
        assert np.array_equal(target, labels[MIDDLE])
        num_labelled += (labels == 2).sum(axis=(1, 2))
    assert (num_labelled[3:6] > 0).all()


@pytest.mark.parametrize("slice_index", [0, 8])
def test_a_slice_that_is_repeated_at_the_end_of_a_case_is_painted_alike(slice_index):
    stack = build_liver_stack()
    for place in range(10):
        image, _ = read_slice(
            build_always()(stack, slice_index, 2, (1, 0, place)), slice_index, Neighbours(2)
        )
        beyond = image[..., :3] if slice_index == 0 else image[..., 2:]
        assert (beyond == beyond[..., :1]).all()


@pytest.mark.parametrize("context", [0, 3])
def test_the_neighbours_that_are_asked_for_do_not_change_what_a_slice_shows(context):
    stack = add_noise(build_liver_stack())
    for place in range(10):
        key = (1, 0, place)
        one, other = (build_always()(stack, MIDDLE, each, key) for each in (1, context))
        assert np.array_equal(one.images[MIDDLE], other.images[MIDDLE])
        assert np.array_equal(one.labels[MIDDLE], other.labels[MIDDLE])


def test_every_window_shows_the_same_change_and_saturates_by_itself():
    """Liver at 210 HU is white in the narrow window; the wide one tells how white it is."""
    windows = ((-100.0, 400.0), (0.0, 200.0))
    stack = build_liver_stack(windows, liver_hu=210.0)
    seen = set()
    for place in range(20):
        painted = build_always(windows, kind="hypodense")(stack, MIDDLE, 0, (1, 0, place))
        wide, narrow = painted.images[MIDDLE].astype(float)
        hu = -100 + wide * 500 / 255
        expected = np.clip(hu, 0, 200) * 255 / 200
        assert np.abs(narrow - expected).max() <= 0.5 + 0.5 * 500 / 200  # half a step of either
        seen |= set(narrow[painted.labels[MIDDLE] == 2].tolist())
    assert min(seen) < 255


def test_liver_that_is_white_in_every_window_is_taken_for_as_white_as_the_window_ends():
    stack = build_liver_stack(((0.0, 100.0),), liver_hu=300.0)
    painter = build_always(
        ((0.0, 100.0),), kind="hypodense", texture_hu=(0.0, 0.0), blur_mm=(0.0, 0.0)
    )
    lowest = min(
        int(painter(stack, MIDDLE, 0, (1, 0, place)).images[MIDDLE].min()) for place in range(50)
    )
    assert 255 * 0.4 <= lowest < 255 * 0.6  # of 100 HU at most 60 darker


def test_a_body_covers_vessels_or_lets_them_through():
    """A vessel of 60 HU more than the liver, in noise of 5 HU, across the whole slice."""
    stack = build_liver_stack(size=96, spacing_mm=(1.0, 1.0, 3.0))
    rng = np.random.default_rng(2)
    hu = 110 + rng.normal(0, 5, stack.labels.shape)
    hu[:, 45:50] += 60
    noisy = replace(stack, images=np.moveaxis(apply_windows(hu, (WINDOW,)), 0, 1))
    large = {"diameter_mm": (38.0, 40.0), "median_diameter_mm": 39.0, "largest_number": 1}
    painter = build_always(kind="hypodense", texture_hu=(0.0, 0.0), blur_mm=(0.0, 0.0), **large)
    remaining = []
    for place in range(60):
        painted = painter(noisy, MIDDLE, 0, (1, 0, place))
        inside = painted.labels[MIDDLE] == 2
        values = -100 + painted.images[MIDDLE][0] * (500 / 255)
        vessel = np.zeros_like(inside)
        vessel[45:50] = True
        if (inside & vessel).sum() > 40:
            rest = values[inside & ~vessel].mean()
            remaining.append(values[inside & vessel].mean() - rest)
    covered = np.array(remaining) < 30
    assert 0.2 < covered.mean() < 0.8
    assert min(np.array(remaining)[~covered]) > 45


def test_the_noise_of_the_scan_stays_within_a_lesion():
    stack = build_liver_stack(size=96, spacing_mm=(1.0, 1.0, 3.0))
    hu = 110 + np.random.default_rng(2).normal(0, 12, stack.labels.shape)
    noisy = replace(stack, images=np.moveaxis(apply_windows(hu, (WINDOW,)), 0, 1))
    painter = build_always(
        kind="hypodense", texture_hu=(0.0, 0.0), diameter_mm=(30.0, 40.0), median_diameter_mm=35.0
    )
    spreads = []
    for place in range(20):
        painted = painter(noisy, MIDDLE, 0, (1, 0, place))
        inside = painted.labels[MIDDLE] == 2
        if inside.sum() > 200:
            spreads.append(np.std(painted.images[MIDDLE][0][inside]) * 500 / 255)
    assert len(spreads) > 5
    assert 0.85 * 12 < np.mean(spreads) < 1.15 * 12


@pytest.mark.parametrize("index", [0, 2, 3, 4, -1, slice(None), slice(1, 3), slice(3, 5), slice(0)])
def test_painted_slices_read_like_the_array_that_they_stand_for(index):
    base = np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2)
    planes = 100 + base[2:4]
    whole = base.copy()
    whole[2:4] = planes
    slices = PaintedSlices(base, 2, planes)
    assert np.array_equal(slices[index], whole[index])
    assert (len(slices), slices.shape) == (6, (6, 2, 2))
