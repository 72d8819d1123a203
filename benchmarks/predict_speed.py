"""A scan into a mask, the whole command from a cold start, beside a notebook's loop with Keras.

    python -m benchmarks.predict_speed SCAN

Both use the ready model's U-Net. liverseg's command finds the liver first, brings probabilities
back to the grid of the scan, measures lesions and draws a picture; the notebook's loop resizes
whole slices, predicts them in batches and writes the mask, imports included.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.contest import Contender, Work, add_contest_flags, hold_contest

PROGRAM = "from liverseg.cli import main; main()"
NUM_NEIGHBOURS, BATCH = 3, 16


def prepare_liverseg(flags: argparse.Namespace) -> Work:
    """The command, as a process of its own."""
    words = ["predict", str(flags.scan), "-o", str(flags.folder / "out"), "--quiet"]
    command = [sys.executable, "-c", PROGRAM, *words, "--model", "ready"]
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def prepare_notebook(flags: argparse.Namespace) -> Work:
    """Everything at once in memory, slice by slice resized."""

    def work() -> None:
        import cv2
        import nibabel as nib
        import numpy as np

        from liverseg.networks.saved import load_model
        from liverseg.ready_model import find_ready_model
        from liverseg.slices.stacks import read_preprocessing

        folder = find_ready_model()
        model, preprocessing = load_model(folder), read_preprocessing(folder)
        side = preprocessing.image_size
        scan = nib.load(flags.scan)
        hu = scan.get_fdata()
        windows = [
            np.clip((hu - low) / (high - low), 0, 1) for low, high in preprocessing.windows_hu
        ]
        slices = [
            np.stack([cv2.resize(each[:, :, k], (side, side)) for each in windows], axis=-1)
            for k in range(hu.shape[2])
        ]
        inputs = np.tile((255 * np.stack(slices)).astype(np.uint8), NUM_NEIGHBOURS)
        starts = range(0, len(inputs), BATCH)
        regions = np.concatenate([model.predict_on_batch(inputs[k : k + BATCH]) for k in starts])
        labels = np.zeros(hu.shape, np.uint8)
        for k, probabilities in enumerate(regions):
            liver, lesion = (
                cv2.resize(plane, hu.shape[1::-1]) >= 1 / 2
                for plane in probabilities.transpose(2, 0, 1)
            )
            labels[:, :, k] = np.where(liver & lesion, 2, liver)
        nib.save(nib.Nifti1Image(labels, scan.affine), flags.folder / "labels.nii.gz")

    return work


CONTENDERS = {
    "liverseg": Contender(prepare_liverseg),
    "a notebook's loop (Keras, OpenCV)": Contender(prepare_notebook, "tensorflow"),
}


def main() -> None:
    """Read the flags, run both in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scan", type=Path)
    add_contest_flags(parser, rounds=5, cores=2)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        flags.folder = Path(folder)
        hold_contest(CONTENDERS, flags)


if __name__ == "__main__":
    main()
