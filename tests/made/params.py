"""Sections of the params, of which a test names only what matters to it."""

from liverseg.params import (
    AffineParams,
    AugmentParams,
    BlurParams,
    BrightnessContrastParams,
    CosineParams,
    ElasticParams,
    FlipParams,
    GammaParams,
    LowResolutionParams,
    NoiseParams,
    PlateauParams,
    PretrainParams,
    ResnetParams,
    TrainOverrides,
    TrainParams,
    UnetParams,
)
from tests.made.lesions import build_lesion_params

_TRAIN = TrainParams(
    seed=1,
    num_threads=2,
    devices="one",
    epochs=1,
    batch_size=2,
    learning_rate=0.1,
    loss="bce",
    optimizer="adam",
    weight_decay=0.01,
    ema=None,
    precision="float32",
    context=1,
    context_mm=None,
    lesion_oversampling=1,
    lesion_share=0.0,
    liver_free_fraction=1.0,
    monitor="val_loss",
    schedule="plateau",
    plateau=PlateauParams(factor=0.5, patience=1, min_learning_rate=0.0),
    cosine=CosineParams(warmup_steps=1, final_share=0.01),
    early_stopping_patience=None,
)


def build_train_params(**values: object) -> TrainParams:
    """A short, plain training; the values are validated like those of a file."""
    return TrainParams(**(dict(_TRAIN) | values))


_UNET = UnetParams(
    filters=2,
    depth=1,
    normalization="batch",
    residual=False,
    dropout=0.1,
    weights="none",
    weights_sha256=None,
    train=TrainOverrides(),
)


def build_unet_params(**values: object) -> UnetParams:
    """A small, plain U-Net."""
    return UnetParams(**(dict(_UNET) | values))


_RESNET = ResnetParams(
    depth=50,
    last_stage="conv3",
    weights="none",
    weights_sha256=None,
    head_filters=2,
    dropout=0.1,
    frozen_epochs=1,
    fine_tune_learning_rate=0.001,
    pretrain=PretrainParams(epochs=1, batch_size=4, learning_rate=0.001),
    train=TrainOverrides(),
)


def build_resnet_params(**values: object) -> ResnetParams:
    """A small ResNet without initial weights, frozen for one epoch."""
    return ResnetParams(**(dict(_RESNET) | values))


_AUGMENT = AugmentParams(
    lesions=build_lesion_params(),
    flip=FlipParams(horizontal_probability=0.0, vertical_probability=0.0),
    affine=AffineParams(
        probability=0.0,
        max_rotation_degrees=20.0,
        smallest_scale=0.8,
        largest_scale=1.2,
        max_shift_fraction=0.1,
    ),
    elastic=ElasticParams(probability=0.0, displacement_px=5.0, sigma_px=6.0),
    brightness_contrast=BrightnessContrastParams(
        probability=0.0, max_brightness=0.1, max_contrast=0.1
    ),
    noise=NoiseParams(probability=0.0, max_std=0.05),
    blur=BlurParams(probability=0.0, max_sigma_px=2.0),
    low_resolution=LowResolutionParams(probability=0.0, smallest_scale=0.5),
    gamma=GammaParams(probability=0.0, smallest=0.7, largest=1.5),
)


def build_augment_params(**sections: dict[str, object]) -> AugmentParams:
    """All off but for the values that are given by section."""
    changed = {
        name: type(section)(**(dict(section) | sections[name]))
        for name, section in _AUGMENT
        if name in sections
    }
    return _AUGMENT.model_copy(update=changed)
