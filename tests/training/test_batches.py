import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest

from liverseg.grids.grid import Grid
from liverseg.networks.by_slice import read_slice
from liverseg.slices.context import Neighbours, Surroundings
from liverseg.slices.geometry import SliceGrid
from liverseg.slices.stacks import SliceRow, SliceStack, open_stack, write_stack
from liverseg.training.augment import Augmenter
from liverseg.training.batches import SliceBatches, TrainingBatches
from liverseg.training.samples import split_regions
from tests.made.lesions import build_lesion_params, build_liver_stack, write_liver
from tests.made.params import build_augment_params, build_train_params

SIZE = 16
AUGMENT = build_augment_params(
    flip={"horizontal_probability": 0.5, "vertical_probability": 0.5},
    noise={"probability": 1.0, "max_std": 0.1},
)
TRAIN = build_train_params(seed=5, lesion_oversampling=2, liver_free_fraction=0.5)


@dataclass(frozen=True)
class Data:
    """Two cases of 4 and 3 slices on disk; grey values and labels differ from slice to slice."""

    folder: Path
    rows: list[SliceRow]
    images: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Data:
    folder = tmp_path_factory.mktemp("slices")
    generator = np.random.default_rng(0)
    rows, images, labels = [], {}, {}
    for case_id, num_slices in (("a", 4), ("b", 3)):
        images[case_id] = generator.integers(0, 256, (num_slices, 1, SIZE, SIZE), np.uint8)
        labels[case_id] = generator.integers(0, 3, (num_slices, SIZE, SIZE), np.uint8)
        labels[case_id][0] = 0
        labels[case_id][1][labels[case_id][1] == 2] = 1
        grid = SliceGrid(Grid((SIZE, SIZE, num_slices), np.eye(4)), SIZE)
        write_stack(folder, SliceStack(case_id, images[case_id], labels[case_id], grid), "npz")
        rows += [
            SliceRow(case_id, index, int((plane > 0).sum()), int((plane == 2).sum()))
            for index, plane in enumerate(labels[case_id])
        ]
    return Data(folder, rows, images, labels)


def build_training(data: Data, **changes: int) -> TrainingBatches:
    train = TRAIN.model_copy(update=changes)
    return TrainingBatches(data.folder, data.rows, train, AUGMENT)


def list_batches(batches: SliceBatches) -> list[tuple[np.ndarray, np.ndarray]]:
    return [batches[index] for index in range(len(batches))]


def list_epochs(
    data: Data, epochs: Iterable[int], **changes: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The batches of epochs, each from an instance that has seen no other."""
    batches = []
    for epoch in epochs:
        training = build_training(data, **changes)
        training.go_to_epoch(epoch)
        batches += list_batches(training)
    return batches


def are_equal(first: list, second: list) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(one, other)
        for pair in zip(first, second, strict=True)
        for one, other in zip(*pair, strict=True)
    )


def test_every_validation_slice_comes_once_and_in_order(data):
    batches = SliceBatches(data.folder, data.rows, surroundings=Surroundings(0), batch_size=3)
    images, targets = (np.concatenate(each) for each in zip(*list_batches(batches), strict=True))
    assert len(batches) == 3  # 3 + 3 + 1 slices
    assert np.array_equal(images[..., 0], np.concatenate([data.images[c][:, 0] for c in "ab"]))
    labels = np.concatenate([data.labels[c] for c in "ab"])
    assert np.array_equal(targets[..., 0], labels > 0)
    assert np.array_equal(targets[..., 1], labels == 2)
    assert np.array_equal(batches.read_labels(1), labels[3:6])


def test_images_are_uint8_with_neighbours_as_channels_and_targets_are_float32(data):
    batches = SliceBatches(data.folder, data.rows, surroundings=Surroundings(1), batch_size=2)
    images, targets = batches[0]
    assert batches.input_shape == (SIZE, SIZE, 3)
    assert (images.dtype, images.shape) == (np.uint8, (2, SIZE, SIZE, 3))
    assert (targets.dtype, targets.shape) == (np.float32, (2, SIZE, SIZE, 2))
    assert np.array_equal(images[1], np.moveaxis(data.images["a"][:3, 0], 0, -1))


def test_neighbours_never_come_from_another_case(data):
    batches = SliceBatches(data.folder, data.rows[4:5], surroundings=Surroundings(1), batch_size=1)
    first, second = data.images["b"][:2, 0]
    assert np.array_equal(batches[0][0][0], np.stack([first, first, second], axis=-1))


def test_another_target_may_be_built_from_the_labels(data):
    batches = SliceBatches(
        data.folder,
        data.rows,
        surroundings=Surroundings(0),
        batch_size=7,
        build_target=lambda labels: labels.max(),
    )
    assert batches[0][1].tolist() == [0, 1, 2, 2, 0, 1, 2]


def test_a_training_batch_holds_the_changed_slices_of_its_order(data):
    """The noise is symmetric and weak: the slice that an image came from is still the nearest."""
    training = build_training(data, context=0, batch_size=20)
    images, _ = training[0]
    flips = [(step, other) for step in (1, -1) for other in (1, -1)]
    planes = np.concatenate([data.images[c][:, 0] for c in "ab"]).astype(float)
    for image, position in zip(images[..., 0], training.order, strict=True):
        distances = [
            min(np.abs(plane[::step, ::other] - image).mean() for step, other in flips)
            for plane in planes
        ]
        assert np.argmin(distances) == position


def test_the_order_and_every_change_follow_from_seed_and_epoch(data):
    batches = list_epochs(data, [3])
    assert are_equal(batches, list_epochs(data, [3]))
    assert not are_equal(batches, list_epochs(data, [4]))
    assert not are_equal(batches, list_epochs(data, [3], seed=6))


def test_a_slice_seen_twice_in_an_epoch_is_changed_twice(data):
    training = build_training(data, context=0, batch_size=20, lesion_oversampling=5)
    images, _ = training[0]
    places = np.flatnonzero(training.order == 2)
    assert len(places) == 5
    assert len({images[place].tobytes() for place in places}) == 5


class Recorder(keras.Model):
    """Keeps what it is given, slowly, so that Keras reads ahead as far as it ever does."""

    def __init__(self):
        inputs = keras.Input((SIZE, SIZE, 3), dtype="uint8")
        super().__init__(inputs, keras.layers.Rescaling(1.0)(inputs))
        self.compile(run_eagerly=True)
        self.seen = []

    def train_step(self, data):
        images, targets = data
        time.sleep(0.01)
        self.seen.append((images.numpy(), targets.numpy()))
        return {"loss": 0.0}


def write_and_build(folder: Path, probability: float) -> TrainingBatches:
    rows = write_liver(folder, build_liver_stack())
    lesions = build_lesion_params(probability=probability)
    return TrainingBatches(folder, rows, TRAIN, AUGMENT.model_copy(update={"lesions": lesions}))


def test_without_painted_lesions_a_batch_is_what_augmentation_makes_of_the_slices(tmp_path):
    training = write_and_build(tmp_path, 0.0)
    training.go_to_epoch(2)
    stack, augmenter = open_stack(tmp_path, "a"), Augmenter(AUGMENT)
    images, targets = (np.concatenate(each) for each in zip(*list_batches(training), strict=True))
    assert len(images) == 9
    for place, slice_index in enumerate(training.order):
        sample = read_slice(stack, int(slice_index), Neighbours(TRAIN.context))
        image, labels = augmenter(*sample, (TRAIN.seed, 2, place))
        assert np.array_equal(images[place], image)
        assert np.array_equal(targets[place], split_regions(labels))


def test_lesions_are_painted_anew_each_epoch_as_seed_and_epoch_say(tmp_path):
    painting = write_and_build(tmp_path, 1.0)
    assert any(targets[..., 1].any() for _, targets in list_batches(painting))
    recorder = Recorder()
    recorder.fit(painting, epochs=3, shuffle=False, verbose=0)
    again = write_and_build(tmp_path, 1.0)  # as a training that goes on
    expected = []
    for epoch in (2, 0, 1):
        again.go_to_epoch(epoch)
        expected.append(list_batches(again))
    assert are_equal(recorder.seen, [*expected[1], *expected[2], *expected[0]])
    assert not are_equal(expected[1], expected[2])


def test_slices_that_are_not_painted_are_those_of_a_training_without_painting(tmp_path):
    plain, painting = (
        [
            pair
            for batch in list_batches(write_and_build(tmp_path, p))
            for pair in zip(*batch, strict=True)
        ]
        for p in (0.0, 0.5)
    )
    equal = [are_equal([one], [other]) for one, other in zip(plain, painting, strict=True)]
    assert 0 < sum(equal) < len(equal)


def test_each_epoch_of_a_fit_sees_exactly_its_own_batches_also_in_a_second_fit(data):
    """Epochs 0, 1, 2 in one fit, 3 and 4 in another; expected is what other instances say."""
    recorder, training = Recorder(), build_training(data)
    recorder.fit(training, epochs=3, shuffle=False, verbose=0)
    recorder.fit(training, initial_epoch=3, epochs=5, shuffle=False, verbose=0)
    assert are_equal(recorder.seen, list_epochs(data, range(5)))


def test_going_to_an_epoch_equals_arriving_there(data):
    recorder, training = Recorder(), build_training(data)
    training.go_to_epoch(2)
    recorder.fit(training, initial_epoch=2, epochs=4, shuffle=False, verbose=0)
    assert are_equal(recorder.seen, list_epochs(data, [2, 3]))


def test_validation_after_every_epoch_sees_all_slices_in_order(data):
    class Validator(Recorder):
        def test_step(self, data):
            return self.train_step(data)

    validator = Validator()
    validation = SliceBatches(data.folder, data.rows, surroundings=Surroundings(1), batch_size=3)
    training = build_training(data)
    validator.fit(training, validation_data=validation, epochs=2, shuffle=False, verbose=0)
    per_epoch = len(training) + len(validation)
    for epoch in range(2):
        seen = validator.seen[epoch * per_epoch + len(training) : (epoch + 1) * per_epoch]
        assert are_equal(seen, list_batches(validation))
