"""Preprocessing one case, beside the loop of a notebook and MONAI's transforms, one core each.

    python -m benchmarks.preprocess_speed SCAN MASK

All do the same from the files to the slices on disk: one window at 8 bit, resized in plane, and the
labels.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.contest import Contender, Work, add_contest_flags, hold_contest

WINDOW_HU = (-100.0, 400.0)


def prepare_liverseg(flags: argparse.Namespace) -> Work:
    """The stage's own calls for one case."""
    from liverseg.preprocess.slicing import build_images
    from liverseg.slices.geometry import build_label_slices
    from liverseg.slices.stacks import Preprocessing, SliceStack, write_stack
    from liverseg.volumes.nifti import read_labels, read_scan

    preprocessing = Preprocessing((WINDOW_HU,), flags.image_size, "npz")

    def work() -> None:
        images, slice_grid = build_images(read_scan(flags.scan), preprocessing)
        labels = build_label_slices(read_labels(flags.mask).data, slice_grid)
        write_stack(flags.folder, SliceStack("case", images, labels, slice_grid), "npz")

    return work


def prepare_notebook(flags: argparse.Namespace) -> Work:
    """The loop that published notebooks on LiTS share."""
    import cv2
    import nibabel as nib
    import numpy as np

    low, high = WINDOW_HU
    shape = (flags.image_size, flags.image_size)

    def work() -> None:
        image = nib.load(flags.scan).get_fdata()
        labels = nib.load(flags.mask).get_fdata()
        image = np.clip(image, low, high)
        for k in range(image.shape[2]):
            grey = ((image[:, :, k] - low) / (high - low) * 255).astype(np.uint8)
            grey = cv2.resize(grey, shape, interpolation=cv2.INTER_AREA)
            plane = labels[:, :, k].astype(np.uint8)
            plane = cv2.resize(plane, shape, interpolation=cv2.INTER_NEAREST)
            cv2.imwrite(str(flags.folder / f"image_{k:04d}.png"), grey)
            cv2.imwrite(str(flags.folder / f"mask_{k:04d}.png"), plane)

    return work


def prepare_monai(flags: argparse.Namespace) -> Work:
    """MONAI's dictionary transforms, then one NPZ file."""
    import numpy as np

    # MONAI imports it by way of TensorBoard where it is there, and makes no use of it here.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    from monai import transforms

    keys = ("image", "label")
    low, high = WINDOW_HU
    shape = (flags.image_size, flags.image_size, -1)
    chain = transforms.Compose(
        [
            transforms.LoadImaged(keys, ensure_channel_first=True),
            transforms.Orientationd(keys, axcodes="LPS"),
            transforms.ScaleIntensityRanged("image", low, high, 0, 255, clip=True),
            transforms.Resized(keys, shape, mode=("area", "nearest")),
            transforms.CastToTyped(keys, np.uint8),
        ]
    )

    def work() -> None:
        case = chain({"image": flags.scan, "label": flags.mask})
        images, labels = case["image"].numpy(), case["label"].numpy()
        np.savez(flags.folder / "case.npz", images=images, labels=labels)

    return work


CONTENDERS = {
    "liverseg": Contender(prepare_liverseg),
    "a notebook's loop (nibabel, OpenCV, PNG files)": Contender(prepare_notebook),
    "MONAI's transforms": Contender(prepare_monai, "monai"),
}


def main() -> None:
    """Read the flags, run all in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scan", type=Path)
    parser.add_argument("mask", type=Path)
    parser.add_argument("--image-size", type=int, default=256)
    add_contest_flags(parser, rounds=5)
    hold_contest(CONTENDERS, parser.parse_args())


if __name__ == "__main__":
    main()
