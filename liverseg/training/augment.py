"""Augmentation of training slices with albumentations."""

import math
from typing import Any

import albumentations
import cv2
import numpy as np
import numpy.typing as npt
from albumentations.augmentations.geometric.functional import resize

from liverseg.params import AugmentParams, ElasticParams

cv2.setNumThreads(0)  # slices are small, and the cores belong to the training


class Augmenter:
    """Random but repeatable changes of a slice: image and labels move together.

    What is done to a slice depends on the key alone, not on the order of calls or the process.
    Images are interpolated linearly, labels by nearest neighbour; what comes in from outside the
    slice is air (0) and background.
    """

    def __init__(self, params: AugmentParams) -> None:
        self._compose = albumentations.Compose(build_transforms(params))

    def __call__(
        self,
        image: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.uint8],
        key: tuple[int, ...],
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """A changed copy of one slice.

        Args:
            image: (rows, columns, channels), 0 to 255.
            labels: (rows, columns), classes.
            key: What the randomness depends on, e.g. (seed, epoch, slice).
        """
        transforms = self._compose.transforms
        # Compose.set_random_seed gives all transforms one seed, so that their coins fall alike.
        seeds = np.random.SeedSequence(key).generate_state(len(transforms))
        for transform, seed in zip(transforms, seeds, strict=True):
            transform.set_random_seed(int(seed))
        changed = self._compose(image=image, mask=labels)
        return changed["image"], changed["mask"]


class LowResolution(albumentations.ImageOnlyTransform):
    """Pixels averaged to fewer, and interpolated linearly back to as many as before.

    The place of ``albumentations.Downscale``, which fails on more than four channels and moves
    the image against its labels by up to a pixel.
    """

    def __init__(self, smallest_scale: float, p: float) -> None:
        super().__init__(p=p)
        self.smallest_scale = smallest_scale

    def get_params(self) -> dict[str, float]:
        """The scale of one slice; called by albumentations."""
        return {"scale": self.py_random.uniform(self.smallest_scale, 1)}

    def apply(
        self, img: npt.NDArray[np.uint8], scale: float, **_params: Any
    ) -> npt.NDArray[np.uint8]:
        """An image (rows, columns, channels) at a lower resolution; called by albumentations."""
        rows, columns = img.shape[:2]
        fewer = (max(1, round(scale * rows)), max(1, round(scale * columns)))
        changed: npt.NDArray[np.uint8] = resize(
            resize(img, fewer, cv2.INTER_AREA), (rows, columns), cv2.INTER_LINEAR
        )
        return changed


def build_transforms(params: AugmentParams) -> list[albumentations.BasicTransform]:
    """The transforms that are switched on, in their order: geometry first, then intensity.

    The seed of each follows from its place: one more at the end leaves the others as they were.
    """
    affine = params.affine
    rotation, shift = affine.max_rotation_degrees, affine.max_shift_fraction
    elastic, intensity, noise = params.elastic, params.brightness_contrast, params.noise
    blur, low, gamma = params.blur, params.low_resolution, params.gamma
    transforms = [
        albumentations.HorizontalFlip(p=params.flip.horizontal_probability),
        albumentations.VerticalFlip(p=params.flip.vertical_probability),
        albumentations.Affine(
            rotate=(-rotation, rotation),
            scale=(affine.smallest_scale, affine.largest_scale),
            keep_ratio=True,
            translate_percent=(-shift, shift),
            interpolation=cv2.INTER_LINEAR,
            mask_interpolation=cv2.INTER_NEAREST,
            p=affine.probability,
        ),
        albumentations.ElasticTransform(
            alpha=_compute_elastic_alpha(elastic),
            sigma=elastic.sigma_px,
            noise_distribution="uniform",
            interpolation=cv2.INTER_LINEAR,
            mask_interpolation=cv2.INTER_NEAREST,
            p=elastic.probability,
        ),
        albumentations.RandomBrightnessContrast(
            brightness_limit=intensity.max_brightness,
            contrast_limit=intensity.max_contrast,
            p=intensity.probability,
        ),
        albumentations.GaussNoise(std_range=(0, noise.max_std), p=noise.probability),
        albumentations.GaussianBlur(sigma_limit=(0, blur.max_sigma_px), p=blur.probability),
        LowResolution(low.smallest_scale, p=low.probability),
        albumentations.RandomGamma(
            gamma_limit=(100 * gamma.smallest, 100 * gamma.largest),  # in percent
            p=gamma.probability,
        ),
    ]
    return [transform for transform in transforms if transform.p > 0]


def _compute_elastic_alpha(elastic: ElasticParams) -> float:
    """What albumentations multiplies smoothed noise with, for a displacement in pixels.

    Uniform noise in [-1, 1] has an RMS of 1/√3; a Gaussian of width σ leaves 1/(2√π σ) of it.
    """
    return elastic.displacement_px * 2 * math.sqrt(3 * math.pi) * elastic.sigma_px
