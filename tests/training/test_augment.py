import math

import numpy as np
import pytest
from scipy.stats import kurtosis

from liverseg.training.augment import Augmenter
from tests.made.params import build_augment_params

GEOMETRY = ("affine", "elastic")
INTENSITY = ("brightness_contrast", "noise", "blur", "low_resolution", "gamma")
ALL_ON = dict.fromkeys(("horizontal", "vertical", *GEOMETRY, *INTENSITY), 1.0)


def build_augmenter(**probabilities: float) -> Augmenter:
    """All transforms off but those that are named."""
    flips = {
        f"{name}_probability": probabilities.get(name, 0.0) for name in ("horizontal", "vertical")
    }
    sections = {
        name: {"probability": probabilities.get(name, 0.0)} for name in (*GEOMETRY, *INTENSITY)
    }
    return Augmenter(build_augment_params(flip=flips, **sections))


def build_sample(num_channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A lesion inside a liver off the centre, and an image that is 100 · label everywhere."""
    labels = np.zeros((48, 48), np.uint8)
    labels[8:36, 4:28] = 1
    labels[14:26, 8:18] = 2
    return np.repeat(100 * labels[..., None], num_channels, axis=-1), labels


@pytest.mark.parametrize("transform", ["horizontal", "vertical", "affine", "elastic"])
def test_image_and_labels_move_together(transform):
    """Where linear interpolation met one label alone, it left 100 times that label."""
    image, labels = build_sample()
    augmenter = build_augmenter(**{transform: 1.0})
    for key in range(20):
        moved_image, moved_labels = augmenter(image, labels, (key,))
        assert not np.array_equal(moved_labels, labels)
        for channel in np.moveaxis(moved_image, -1, 0):
            is_pure = channel % 100 == 0
            assert is_pure.mean() > 0.8
            assert np.array_equal(channel[is_pure] // 100, moved_labels[is_pure])


@pytest.mark.parametrize("transform", ["affine", "elastic"])
def test_no_liver_appears_between_lesion_and_background(transform):
    """Interpolated linearly, labels 0 and 2 would give 1 half way."""
    image, labels = build_sample()
    labels[labels == 1] = 0
    augmenter = build_augmenter(**{transform: 1.0})
    for key in range(20):
        _, moved_labels = augmenter(image, labels, (key,))
        assert set(np.unique(moved_labels)) == {0, 2}


def test_elastic_deformation_moves_pixels_by_what_its_params_say():
    """On ramps of one grey value a pixel, the change of a pixel is its displacement."""
    rows, columns = np.mgrid[:160, :160].astype(np.uint8)
    labels = np.zeros((160, 160), np.uint8)
    augmenter = build_augmenter(elastic=1.0)
    squares = []
    for key in range(8):
        moved, _ = augmenter(np.stack([rows, columns], axis=-1), labels, (key,))
        inside = np.s_[30:-30, 30:-30]  # nothing comes in from outside the slice
        squares += [
            np.square(moved[inside][..., axis].astype(float) - ramp[inside])
            for axis, ramp in enumerate((rows, columns))
        ]
    assert np.sqrt(np.mean(squares)) == pytest.approx(5.0, rel=0.05)


def test_flips_are_those_of_numpy():
    image, labels = build_sample()
    mirrored = build_augmenter(horizontal=1.0)(image, labels, (0,))
    turned_over = build_augmenter(vertical=1.0)(image, labels, (0,))
    assert all(map(np.array_equal, mirrored, (image[:, ::-1], labels[:, ::-1])))
    assert all(map(np.array_equal, turned_over, (image[::-1], labels[::-1])))


@pytest.mark.parametrize("num_channels", [1, 3, 5, 6, 9, 65])
def test_type_and_shape_stay_with_any_number_of_channels(num_channels):
    image, labels = build_sample(num_channels)
    augmenter = build_augmenter(**ALL_ON)
    for key in range(10):
        changed_image, changed_labels = augmenter(image, labels, (key,))
        assert (changed_image.dtype, changed_image.shape) == (np.uint8, image.shape)
        assert (changed_labels.dtype, changed_labels.shape) == (np.uint8, labels.shape)


@pytest.mark.parametrize("transform", INTENSITY)
def test_intensity_changes_the_image_alone(transform):
    image, labels = build_sample()
    changed_image, changed_labels = build_augmenter(**{transform: 1.0})(image, labels, (1,))
    assert not np.array_equal(changed_image, image)
    assert np.array_equal(changed_labels, labels)


def test_with_every_probability_at_0_nothing_changes():
    image, labels = build_sample()
    changed = build_augmenter()(image, labels, (1, 2, 3))
    assert all(map(np.array_equal, changed, (image, labels)))


def test_the_sample_that_went_in_is_not_changed():
    image, labels = build_sample()
    image.setflags(write=False)
    labels.setflags(write=False)
    build_augmenter(**ALL_ON)(image, labels, (1,))
    assert all(map(np.array_equal, (image, labels), build_sample()))


def test_what_comes_in_from_outside_is_air_and_background():
    """Half way across the edge it is 128; OpenCV places pixels to 1/32 only."""
    full = np.full((48, 48, 1), 255, np.uint8), np.ones((48, 48), np.uint8)
    augmenter = build_augmenter(affine=1.0)
    for key in range(20):
        image, labels = augmenter(*full, (key,))
        assert (image[labels == 0] < 160).all()
        assert (image[labels == 1] > 95).all()


def test_a_zoom_keeps_the_proportions():
    """A disc stays one: its width and height change alike, whatever the rotation."""
    rows, columns = np.mgrid[:96, :96] - 47.5
    labels = (np.hypot(rows, columns) < 20).astype(np.uint8)
    augmenter = build_augmenter(affine=1.0)
    widths = []
    for key in range(20):
        _, moved = augmenter(labels[..., None], labels, (key,))
        height, width = (int(moved.any(axis=axis).sum()) for axis in (1, 0))
        assert abs(width - height) <= 2
        widths.append(width)
    assert min(widths) < 36
    assert max(widths) > 44


def test_the_key_alone_decides_not_the_order_of_calls_or_the_instance():
    image, labels = build_sample()
    keys = [(1, epoch, place) for epoch in range(2) for place in range(4)]
    first, second = build_augmenter(**ALL_ON), build_augmenter(**ALL_ON)
    forwards = {key: first(image, labels, key) for key in keys}
    np.random.seed(3)  # noqa: NPY002 - the global generator is what must not matter
    backwards = {key: second(image, labels, key) for key in reversed(keys)}
    for key in keys:
        assert all(map(np.array_equal, forwards[key], backwards[key]))
    assert len({changed.tobytes() for changed, _ in forwards.values()}) == len(keys)


def test_flips_fall_independently_of_each_other():
    """Of 200 samples about 50 for each of the four outcomes, standard deviation 6.1; with one seed
    for both coins only two outcomes would occur."""
    labels = np.array([[0, 1], [2, 0]], np.uint8)
    augmenter = build_augmenter(horizontal=0.5, vertical=0.5)
    outcomes = [augmenter(labels[..., None], labels, (7, key))[1].tobytes() for key in range(200)]
    counts = [outcomes.count(outcome) for outcome in set(outcomes)]
    assert len(counts) == 4
    assert min(counts) > 50 - 4 * 6.1


def test_an_intensity_change_does_not_depend_on_whether_the_slice_was_flipped():
    """Brightness falls on about half of the flipped and half of the unflipped slices."""
    image, labels = build_sample(1)
    augmenter = build_augmenter(horizontal=0.5, brightness_contrast=0.5)
    outcomes = set()
    for key in range(40):
        changed_image, changed_labels = augmenter(image, labels, (key,))
        is_flipped = not np.array_equal(changed_labels, labels)
        outcomes.add((is_flipped, changed_image.max() != 200 or changed_image.min() != 0))
    assert len(outcomes) == 4


def build_ramps() -> np.ndarray:
    """One grey value a pixel along the rows in three channels, along the columns in three."""
    rows, columns = np.mgrid[:128, :128].astype(np.uint8)
    return np.stack([rows, columns] * 3, axis=-1)


@pytest.mark.parametrize("transform", ["blur", "low_resolution"])
def test_a_coarser_image_stays_in_its_place(transform):
    """On ramps of one grey value a pixel, a change would be a shift by as many pixels."""
    ramps, augmenter = build_ramps(), build_augmenter(**{transform: 1.0})
    for key in range(30):
        coarser, _ = augmenter(ramps, ramps[..., 0], (key,))
        shifts = (coarser.astype(float) - ramps)[10:-10, 10:-10].mean(axis=(0, 1))
        assert np.abs(shifts).max() < 0.2


def test_blur_is_as_wide_as_its_params_say():
    """A Gaussian of width σ leaves 1/(2√π σ) of white noise; σ is at most 2 pixels here."""
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 6), np.uint8)
    augmenter = build_augmenter(blur=1.0)
    left = [
        augmenter(noise, noise[..., 0], (key,))[0].std(axis=(0, 1)) / noise.std(axis=(0, 1))
        for key in range(60)
    ]
    assert np.ptp(left, axis=1).max() < 0.02  # all channels alike
    assert np.min(left) == pytest.approx(1 / (4 * math.sqrt(math.pi)), rel=0.1)
    assert np.max(left) == 1  # a kernel of one pixel


def test_noise_is_as_strong_as_its_params_say_and_of_each_pixel_and_channel_its_own():
    """Standard deviations are uniform up to 5 % of 255 grey values, and 1/12 of rounding comes on
    top; between 20,000 pixels of two channels a correlation has a standard deviation of 0.007."""
    grey = np.full((100, 200, 6), 128, np.uint8)
    augmenter = build_augmenter(noise=1.0)
    noises = [augmenter(grey, grey[..., 0], (key,))[0].astype(float) - 128 for key in range(60)]
    stds = np.array([noise.std(axis=(0, 1)) for noise in noises])
    assert np.abs(np.mean(noises, axis=(1, 2))).max() < 4 * 12.75 / math.sqrt(20_000)
    assert (np.ptp(stds, axis=1) < 0.05 * stds.mean(axis=1) + 0.05).all()
    assert np.max(stds) == pytest.approx(12.75, rel=0.05)
    assert stds.mean() == pytest.approx(12.75 / 2, rel=0.2)
    strongest = noises[int(stds[:, 0].argmax())]
    between = np.corrcoef(strongest.reshape(-1, 6).T) - np.eye(6)
    assert np.abs(between).max() < 5 * 0.007
    assert abs(kurtosis(strongest, axis=None)) < 5 * math.sqrt(24 / strongest.size)  # normal: 0


@pytest.mark.parametrize("smallest", [0.25, 0.5])
def test_a_low_resolution_loses_bars_as_wide_as_half_its_pixels_and_keeps_broad_ones(smallest):
    """Light and dark bars differ by 200, a standard deviation of 100. At the smallest scale a
    pixel covers a light and a dark one of the narrow bars, and an eighth of a broad one."""
    augmenter = Augmenter(
        build_augment_params(low_resolution={"probability": 1.0, "smallest_scale": smallest})
    )
    left = {}
    for width in (round(0.5 / smallest), round(8 / smallest)):
        bars = np.zeros((128, 128, 6), np.uint8)
        bars[:, np.arange(128) % (2 * width) < width] = 200
        changed = [augmenter(bars, bars[..., 0], (key,))[0] for key in range(200)]
        left[width] = min(image[10:-10, 10:-10].std() for image in changed)
    narrow, broad = left.values()
    assert narrow < 5
    assert broad > 85


def test_gamma_raises_the_grey_values_to_one_power_within_its_range():
    grey = np.tile(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), (1, 1, 6))
    augmenter = build_augmenter(gamma=1.0)
    exponents = []
    for key in range(60):
        changed, _ = augmenter(grey, grey[..., 0], (key,))
        exponent = math.log((changed[8, 0, 0] + 0.5) / 255) / math.log(128 / 255)
        assert np.abs(changed - 255 * (grey / 255) ** exponent).max() < 2
        exponents.append(exponent)
    assert 0.69 < min(exponents) < 0.75
    assert 1.4 < max(exponents) < 1.51


def test_what_is_switched_on_at_the_end_leaves_the_rest_as_it_was():
    image, labels = build_sample(6)
    on = dict.fromkeys(("horizontal", "affine", "brightness_contrast", "noise"), 0.5)
    without, with_gamma = build_augmenter(**on), build_augmenter(**on, gamma=1.0)
    for key in range(20):
        (plain, plain_labels), (bent, bent_labels) = (
            each(image, labels, (key,)) for each in (without, with_gamma)
        )
        assert np.array_equal(plain_labels, bent_labels)
        assert all(len(np.unique(bent[plain == grey])) == 1 for grey in np.unique(plain))
