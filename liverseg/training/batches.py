"""Batches of slices for Keras, read from the stacks on disk as they are needed."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from liverseg.errors import ParamsError
from liverseg.networks.by_slice import Images, ReadSample, read_slice
from liverseg.params import AugmentParams, FitParams, TrainingKeys
from liverseg.slices.context import Surroundings
from liverseg.slices.stacks import SliceRow
from liverseg.training.feeding import Feeder, count_feeders, open_feeder
from liverseg.training.reading import Batch, Key, SliceReader, Wanted
from liverseg.training.samples import select_epoch_slices, split_regions

Targets = npt.NDArray[np.float32]
TargetBuilder = Callable[[npt.NDArray[np.uint8]], Targets]


class SliceBatches(keras.utils.PyDataset):
    """Images (batch, rows, columns, channels), uint8, with targets; every slice once, in order.

    ``read_sample`` is that of a recipe. ``build_target`` makes the target of a sample from its
    labels (rows, columns); by default the two regions as (rows, columns, 2) of 0 and 1.
    """

    def __init__(
        self,
        folder: Path,
        rows: Sequence[SliceRow],
        *,
        surroundings: Surroundings,
        batch_size: int,
        read_sample: ReadSample = read_slice,
        build_target: TargetBuilder = split_regions,
    ) -> None:
        super().__init__(workers=1)  # one thread that stays ahead; slices are cheap beside a step
        self._rows = rows
        self._open_reader = partial(SliceReader, folder, rows, surroundings, read_sample)
        self._batch_size = batch_size
        self._num_slices = len(rows)
        self._build_target = build_target

    @cached_property
    def _reader(self) -> SliceReader:
        return self._open_reader()

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of one image."""
        image, _ = self._reader.read(0)
        rows, columns, channels = image.shape
        return rows, columns, channels

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """Positions in the rows, in the order in which they are visited."""
        return np.arange(len(self._rows))

    @property
    def shows_lesion(self) -> bool:
        """Whether any slice does."""
        return any(row.lesion_pixels for row in self._rows)

    def divide_among(self, num_devices: int, keys: TrainingKeys) -> None:
        """See to it that all devices get as many slices of every batch.

        A rest that cannot be divided is left out, in training another each epoch: a device without
        a slice can compute nothing.

        Args:
            num_devices: How many there are.
            keys: Of the params, for the message.

        Raises:
            ParamsError: A whole batch cannot be divided.
        """
        if self._batch_size % num_devices:
            raise ParamsError(
                f"{keys.name_train('batch_size')}: expected a multiple of the {num_devices} "
                f"devices that train together. Received: {self._batch_size}. "
                f"Take one, or {keys.name_train('devices')}: one."
            )
        self._num_slices -= self._num_slices % num_devices

    def __len__(self) -> int:
        """Number of batches; the last one may be smaller."""
        return math.ceil(self._num_slices / self._batch_size)

    def __getitem__(self, index: int) -> tuple[Images, Targets]:
        images, labels = self._read_batch(index)
        return images, np.stack([self._build_target(each) for each in labels])

    def read_labels(self, index: int) -> npt.NDArray[np.uint8]:
        """Classes (batch, rows, columns) of a batch, before they become targets."""
        _, labels = self._read_batch(index)
        return labels

    def _read_batch(self, index: int) -> Batch:
        return self._reader.read_batch(self._list_wanted(index))

    def _list_wanted(self, index: int) -> list[Wanted]:
        start = index * self._batch_size
        places = range(start, min(start + self._batch_size, self._num_slices))
        return [(int(self.order[place]), self._name_key(place)) for place in places]

    def _name_key(self, place: int) -> Key | None:
        """What is to be done to the slice at a place in the order; None leaves it as it is."""
        del place
        return None


class TrainingBatches(SliceBatches):
    """Batches in a random order, thinned, oversampled, painted with new lesions and augmented.

    The order and every change of a slice follow from (seed, epoch, place in the epoch), so a run
    that goes on at epoch n sees what an uninterrupted one sees there. Fit with ``shuffle=False``:
    else Keras shuffles the batches once more, by Python's global generator.
    """

    def __init__(
        self,
        folder: Path,
        rows: Sequence[SliceRow],
        train: FitParams,
        augment: AugmentParams,
        *,
        read_sample: ReadSample = read_slice,
        build_target: TargetBuilder = split_regions,
    ) -> None:
        super().__init__(
            folder,
            rows,
            surroundings=Surroundings(train.context, train.context_mm),
            batch_size=train.batch_size,
            read_sample=read_sample,
            build_target=build_target,
        )
        self._train = train
        self._paints = augment.lesions.probability > 0
        self._open_reader = partial(self._open_reader, augment=augment)
        self._feeder: Feeder | None = None
        self.go_to_epoch(0)
        self._num_slices = len(self.order)  # of any epoch

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """Positions in the rows, in the order of this epoch."""
        return self._order

    @property
    def shows_lesion(self) -> bool:
        """Whether any slice does, or may be given one."""
        return self._paints or super().shows_lesion

    def go_to_epoch(self, epoch: int) -> None:
        """Draw the order of an epoch, counted from 0; a fit begins with it."""
        self._epoch = self._next_epoch = epoch
        generator = np.random.default_rng([self._train.seed, epoch])
        self._order = select_epoch_slices(self._rows, self._train, generator)

    def on_epoch_begin(self) -> None:
        """Draw the order of the epoch that begins; called by Keras.

        Not at the end of one: Keras calls that once more before each fit.
        """
        self.go_to_epoch(self._next_epoch)
        self._next_epoch += 1

    @contextmanager
    def fed(self) -> Iterator[None]:
        """Let other processes make the batches meanwhile, where there are cores for them."""
        num_processes = count_feeders(self._train.num_threads)
        if not num_processes:
            yield
            return
        with open_feeder(self._open_reader, num_processes) as feeder:
            self._feeder = feeder
            try:
                yield
            finally:
                self._feeder = None

    def _read_batch(self, index: int) -> Batch:
        if self._feeder is None:
            return super()._read_batch(index)
        return self._feeder.read_batch(map(self._list_wanted, range(index, len(self))))

    def _name_key(self, place: int) -> Key:
        return self._train.seed, self._epoch, place
