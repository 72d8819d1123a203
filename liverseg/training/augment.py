"""Augmentation of training slices with albumentations."""

import random
from typing import Any

import albumentations
import cv2
import numpy as np
import numpy.typing as npt
from albumentations.augmentations.geometric.functional import resize

from liverseg.params import AffineParams, AugmentParams, ElasticParams
from liverseg.training.warping import (
    Maps,
    build_affine,
    build_maps,
    draw_displacement,
    warp_image,
    warp_labels,
)

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
        # Compose.set_random_seed gives all transforms one seed, so that their coins fall alike, and
        # makes each a NumPy generator too, which takes longer than what any of them draws.
        seeds = random.Random(" ".join(map(str, key)))
        for transform in self._compose.transforms:
            transform.py_random.seed(seeds.getrandbits(64))
        changed = self._compose(image=image, mask=labels)
        return changed["image"], changed["mask"]


class Warp(albumentations.DualTransform):
    """Rotation, zoom and shift, then elastic deformation, in one interpolation.

    The place of ``albumentations.Affine`` and ``ElasticTransform``, which interpolate twice, draw
    the deformation pixel by pixel, and take four times as long. Each of the two has a probability
    of its own.
    """

    def __init__(self, affine: AffineParams, elastic: ElasticParams) -> None:
        super().__init__(p=float(affine.probability > 0 or elastic.probability > 0))
        self.affine = affine
        self.elastic = elastic

    def get_params_dependent_on_data(
        self, params: dict[str, Any], data: dict[str, Any]
    ) -> dict[str, Maps | None]:
        """The maps of one slice, None where neither changes it; called by albumentations."""
        del data
        rows, columns = params["shape"][:2]
        draw, affine, elastic = self.py_random, self.affine, self.elastic
        is_moved, is_bent = (draw.random() < each.probability for each in (affine, elastic))
        if not (is_moved or is_bent):
            return {"maps": None}
        matrix = np.eye(2, 3)
        if is_moved:
            most = affine.max_shift_fraction
            matrix = build_affine(
                (rows, columns),
                draw.uniform(-1, 1) * affine.max_rotation_degrees,
                draw.uniform(affine.smallest_scale, affine.largest_scale),
                (draw.uniform(-most, most) * columns, draw.uniform(-most, most) * rows),
            )
        displacement = None
        if is_bent:
            rng = np.random.default_rng(draw.getrandbits(64))
            displacement = draw_displacement(
                rng, (rows, columns), elastic.displacement_px, elastic.sigma_px
            )
        return {"maps": build_maps((rows, columns), matrix, displacement)}

    def apply(
        self, img: npt.NDArray[np.uint8], maps: Maps | None, **_params: Any
    ) -> npt.NDArray[np.uint8]:
        """The moved image (rows, columns, channels); called by albumentations."""
        return img if maps is None else warp_image(img, maps)

    def apply_to_mask(
        self, mask: npt.NDArray[np.uint8], maps: Maps | None, **_params: Any
    ) -> npt.NDArray[np.uint8]:
        """The moved labels (rows, columns); called by albumentations."""
        return mask if maps is None else warp_labels(mask, maps)


class Noise(albumentations.ImageOnlyTransform):
    """Gaussian noise, of every pixel and channel its own.

    The place of ``albumentations.GaussNoise``, which draws in double precision, at four times the
    price.
    """

    def __init__(self, max_std: float, p: float) -> None:
        super().__init__(p=p)
        self.max_std = max_std

    def get_params(self) -> dict[str, float | int]:
        """Standard deviation and seed for one slice; called by albumentations."""
        std = self.py_random.uniform(0, self.max_std)
        return {"std": 255 * std, "seed": self.py_random.getrandbits(31)}

    def apply(
        self, img: npt.NDArray[np.uint8], std: float, seed: int, **_params: Any
    ) -> npt.NDArray[np.uint8]:
        """An image (rows, columns, channels) with noise; called by albumentations."""
        noise = np.empty(img.size, np.float32)
        cv2.setRNGSeed(seed)  # of this thread alone
        cv2.randn(noise, 0, std)
        noisy = cv2.add(img.reshape(-1), noise, dtype=cv2.CV_8U)
        return np.asarray(noisy, np.uint8).reshape(img.shape)


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
    intensity, noise, blur = params.brightness_contrast, params.noise, params.blur
    low, gamma = params.low_resolution, params.gamma
    transforms = [
        albumentations.HorizontalFlip(p=params.flip.horizontal_probability),
        albumentations.VerticalFlip(p=params.flip.vertical_probability),
        Warp(params.affine, params.elastic),
        albumentations.RandomBrightnessContrast(
            brightness_limit=intensity.max_brightness,
            contrast_limit=intensity.max_contrast,
            p=intensity.probability,
        ),
        Noise(noise.max_std, p=noise.probability),
        albumentations.GaussianBlur(sigma_limit=(0, blur.max_sigma_px), p=blur.probability),
        LowResolution(low.smallest_scale, p=low.probability),
        albumentations.RandomGamma(
            gamma_limit=(100 * gamma.smallest, 100 * gamma.largest),  # in percent
            p=gamma.probability,
        ),
    ]
    return [transform for transform in transforms if transform.p > 0]
