"""Sections of training: augmentation, and what the three models share."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from liverseg.params.fields import (
    Context,
    ContextMm,
    Count,
    Fraction,
    Index,
    NonNegative,
    OpenFraction,
    Positive,
    Section,
)
from liverseg.params.lesions import LesionParams

LossName = Literal["bce", "bce_dice", "bce_tversky", "bce_focal"]
OptimizerName = Literal["adam", "adamw"]
ScheduleName = Literal["plateau", "cosine"]
DevicesName = Literal["one", "all"]
Monitor = Literal["val_lesion_dice", "val_liver_dice", "val_loss"]


class FlipParams(Section):
    """Left-right and front-back mirroring."""

    horizontal_probability: Fraction
    vertical_probability: Fraction


class AffineParams(Section):
    """Rotation, zoom and shift in one interpolation; a range without width switches one off."""

    probability: Fraction
    max_rotation_degrees: Annotated[float, Field(ge=0, le=180)]
    smallest_scale: Positive
    largest_scale: Positive
    max_shift_fraction: Fraction

    @model_validator(mode="after")
    def _check_scales(self) -> Self:
        if self.smallest_scale > self.largest_scale:
            raise ValueError(
                "expected smallest_scale <= largest_scale. "
                f"Received: {self.smallest_scale:g} > {self.largest_scale:g}"
            )
        return self


class ElasticParams(Section):
    """Mild elastic deformation: RMS displacement along each axis, and its smoothness, in pixels."""

    probability: Fraction
    displacement_px: NonNegative
    sigma_px: Positive


class BrightnessContrastParams(Section):
    """Brightness as a fraction of the 8-bit range, contrast as a factor around 1."""

    probability: Fraction
    max_brightness: Fraction
    max_contrast: Fraction


class NoiseParams(Section):
    """Gaussian noise, its standard deviation as a fraction of the 8-bit range."""

    probability: Fraction
    max_std: Fraction


class BlurParams(Section):
    """Gaussian blur in plane, its standard deviation in pixels."""

    probability: Fraction
    max_sigma_px: Annotated[float, Field(gt=0, le=16)]


class LowResolutionParams(Section):
    """Fewer pixels in plane, and back to as many as before; 0.5 is half as many a side."""

    probability: Fraction
    smallest_scale: Annotated[float, Field(ge=0.1, le=1)]


Exponent = Annotated[float, Field(ge=0.1, le=10)]


class GammaParams(Section):
    """Exponent of the 8-bit range taken as 0 to 1; below 1 brightens, above 1 darkens."""

    probability: Fraction
    smallest: Exponent
    largest: Exponent

    @model_validator(mode="after")
    def _check_exponents(self) -> Self:
        if self.smallest > self.largest:
            raise ValueError(
                f"expected smallest <= largest. Received: {self.smallest:g} > {self.largest:g}"
            )
        return self


class AugmentParams(Section):
    """Augmentation of training slices; a probability of 0 switches a transform off."""

    lesions: LesionParams
    flip: FlipParams
    affine: AffineParams
    elastic: ElasticParams
    brightness_contrast: BrightnessContrastParams
    noise: NoiseParams
    blur: BlurParams
    low_resolution: LowResolutionParams
    gamma: GammaParams


class PlateauParams(Section):
    """ReduceLROnPlateau on the monitored metric."""

    factor: OpenFraction
    patience: Count
    min_learning_rate: NonNegative


class CosineParams(Section):
    """From a share of the learning rate up to it, then down to that share along a cosine."""

    warmup_steps: Index
    final_share: Fraction


class FitParams(Section):
    """What any training takes, the pre-training of the encoder too."""

    seed: Index
    num_threads: Count
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    precision: Literal["float32", "mixed"]
    context: Context
    context_mm: ContextMm | None
    lesion_oversampling: Count
    lesion_share: Fraction
    liver_free_fraction: Fraction


class TrainParams(FitParams):
    """How all models are trained."""

    devices: DevicesName
    loss: LossName
    optimizer: OptimizerName
    weight_decay: NonNegative
    ema: OpenFraction | None
    monitor: Monitor
    schedule: ScheduleName
    plateau: PlateauParams
    cosine: CosineParams
    early_stopping_patience: Count | None


class TrainOverrides(Section):
    """Values of ``train`` that one model takes for itself; absent keys keep the shared value."""

    epochs: Count | None = None
    batch_size: Count | None = None
    learning_rate: Positive | None = None
    loss: LossName | None = None
    optimizer: OptimizerName | None = None
    weight_decay: NonNegative | None = None
    ema: OpenFraction | None = None
    context: Context | None = None
    context_mm: ContextMm | None = None
    lesion_oversampling: Count | None = None
    lesion_share: Fraction | None = None
    liver_free_fraction: Fraction | None = None
    monitor: Monitor | None = None
    schedule: ScheduleName | None = None
    plateau: PlateauParams | None = None
    cosine: CosineParams | None = None
