"""Sections that are each model's own."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from liverseg.params.fields import (
    Context,
    ContextMm,
    Count,
    Fraction,
    ImageSize,
    Index,
    NotEmpty,
    PixelMm,
    Positive,
    Section,
    Sha256,
)
from liverseg.params.input import Window
from liverseg.params.training import TrainOverrides, TrainParams


def _check_pair(
    weights: str, weights_sha256: str | None, words: tuple[str, ...], otherwise: str
) -> None:
    """Weights by a word have no checksum beside them, and by a path they have one."""
    if weights in words and weights_sha256 is not None:
        raise ValueError(
            f"expected weights_sha256 of null unless weights is {otherwise}. "
            f"Received: a checksum beside weights {weights!r}"
        )
    if weights not in words and weights_sha256 is None:
        raise ValueError(
            f"expected weights of {', '.join(words)} or {otherwise} with its weights_sha256 "
            f"(DVC cannot see what a param points at). Received: weights {weights!r} "
            "without weights_sha256"
        )


class SimpleCnnParams(Section):
    """Convolutions and pooling, then fully connected layers that end in a coarse mask."""

    filters: Annotated[tuple[Count, ...], NotEmpty, Field(max_length=4)]
    dense_units: Count
    grid_size: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    train: TrainOverrides


class UnetShape(Section):
    """Encoder, decoder and skip connections, and where their training begins."""

    filters: Count
    depth: Annotated[int, Field(ge=1, le=5)]  # an image size is a multiple of 2^5
    normalization: Literal["batch", "instance", "group", "none"]
    residual: bool
    dropout: Annotated[float, Field(ge=0, lt=1)]
    weights: Annotated[str, Field(min_length=1)]
    weights_sha256: Sha256 | None

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        _check_pair(self.weights, self.weights_sha256, ("none", "ready"), "a model folder")
        return self


class UnetParams(UnetShape):
    """The U-Net among the models."""

    train: TrainOverrides


class LocatorParams(Section):
    """The U-Net that finds the liver on coarse slices of a scan, and its whole training."""

    windows_hu: Annotated[tuple[Window, ...], NotEmpty, Field(max_length=16)]
    image_size: ImageSize
    pixel_mm: PixelMm
    slice_mm: PixelMm
    network: UnetShape
    train: TrainParams


class PretrainParams(Section):
    """Training of the encoder on what a slice shows, for ``weights: slices``.

    The last four take the place of their namesakes in ``train``, where they are given.
    """

    epochs: Count
    batch_size: Count
    learning_rate: Positive
    context: Context | None = None
    context_mm: ContextMm | None = None
    lesion_oversampling: Count | None = None
    lesion_share: Fraction | None = None
    liver_free_fraction: Fraction | None = None


class EncoderParams(Section):
    """A ResNet encoder from keras.applications."""

    depth: Literal[50, 101, 152]
    last_stage: Literal["conv3", "conv4", "conv5"]
    weights: Annotated[str, Field(min_length=1)]


class ResnetParams(EncoderParams):
    """A ResNet encoder with a segmentation head."""

    weights_sha256: Sha256 | None
    head_filters: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]
    frozen_epochs: Index
    fine_tune_learning_rate: Positive
    pretrain: PretrainParams
    train: TrainOverrides

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        words = ("imagenet", "none", "slices")
        _check_pair(self.weights, self.weights_sha256, words, "a file")
        return self

    @model_validator(mode="after")
    def _check_context(self) -> Self:
        if self.weights == "slices" and self.pretrain.context != self.train.context:
            raise ValueError(
                "expected the same context in train and in pretrain, whose encoder it starts "
                f"from. Received: {self.train.context} and {self.pretrain.context}"
            )
        return self


class ModelsParams(Section):
    """What is each model's own."""

    simple_cnn: SimpleCnnParams
    unet: UnetParams
    resnet: ResnetParams
