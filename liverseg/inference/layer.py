"""A saved layer of Keras: its options, of which only known values pass, and its tensors.

Tensors of four axes are held as (batch, channels, rows, columns), all others in Keras's own order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from openvino import opset15

Tensor = Any
"""A node of OpenVINO, which has no types."""

Weights = tuple[npt.NDArray[np.float32], ...]
ReadWeights = Callable[..., Weights]
"""The shape of each weight by its name, in Keras's order, to the weights."""

LARGEST_COUNT = 2**31 - 1
"""Of filters, units and pixels in one direction: what OpenVINO can compute with."""


class UnsupportedError(ValueError):
    """A layer of Keras, or one of its options, that has no translation here."""


@dataclass(frozen=True)
class Layer:
    """A layer as it was saved.

    Attributes:
        name: Its own.
        config: Its options.
        read: Its weights.
    """

    name: str
    config: Mapping[str, Any]
    read: ReadWeights

    def count(self, key: str, lowest: int = 1) -> int:
        """A whole number of the options."""
        return check_count(self.config[key], lowest)

    def pair(self, key: str) -> list[int]:
        """Rows and columns, of the options; one number stands for both."""
        value = self.config[key]
        first, second = value if isinstance(value, list) else (value, value)
        return [check_count(first), check_count(second)]

    def number(self, key: str) -> float:
        """A finite number of the options."""
        value = np.float32(self.config[key])
        if not np.isfinite(value):
            raise ValueError(f"{key} {value}")
        return float(value)

    def require(self, **accepted: tuple[object, ...]) -> None:
        """Refuse options whose other values would mean something else; where absent, they do not.

        Raises:
            UnsupportedError: One has a value that is not accepted.
        """
        for key, values in accepted.items():
            received = self.config.get(key, values[0])
            if received not in values:
                raise UnsupportedError(f"{key} {received!r}")


def list_keras_shape(x: Tensor) -> tuple[int, ...]:
    """The shape of a tensor without the batch, in Keras's order."""
    _, *shape = x.shape
    return (*shape[1:], shape[0]) if len(shape) == 3 else tuple(shape)


def spread_channels(values: npt.NDArray[np.float32], x: Tensor) -> npt.NDArray[np.float32]:
    """A value a channel, in a shape that meets a tensor as it is held."""
    return values.reshape(-1, 1, 1) if len(x.shape) == 4 else values


def to_keras(x: Tensor) -> Tensor:
    """A tensor in Keras's order."""
    return opset15.transpose(x, [0, 2, 3, 1]) if len(x.shape) == 4 else x


def from_keras(x: Tensor) -> Tensor:
    """A tensor in Keras's order as it is held here."""
    return opset15.transpose(x, [0, 3, 1, 2]) if len(x.shape) == 4 else x


def check_count(value: object, lowest: int = 1) -> int:
    """A value, where it is a whole number of those that may be.

    Raises:
        ValueError: It is not.
    """
    if type(value) is not int or not lowest <= value <= LARGEST_COUNT:
        raise ValueError(f"{str(value)[:60]} for a number from {lowest} to {LARGEST_COUNT}")
    return value
