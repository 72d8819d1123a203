"""A scan into a mask, the whole command from a cold start, beside a notebook's loop with Keras.

    python -m benchmarks.predict_speed SCAN

Both use the ready model's U-Net. liverseg's command finds the liver first, brings probabilities
back to the grid of the scan, measures lesions and draws a picture; the notebook's loop resizes
whole slices, predicts them in batches with their next ones and writes the mask, imports included.
Its mask is worse, since the U-Net was trained on surroundings of the liver in millimetres: the two
are compared in time and memory alone.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.contest import Contender, Work, add_contest_flags, hold_contest

PROGRAM = "from liverseg.cli import main; main()"
READY = Path(__file__).resolve().parent.parent / "liverseg/ready"
WINDOWS_HU = ((-150, 250), (-40, 160))  # the ready model's
BATCH = 16


def prepare_liverseg(flags: argparse.Namespace) -> Work:
    """The command, as a process of its own."""
    words = ["predict", str(flags.scan), "-o", str(flags.folder / "out"), "--quiet"]
    command = [sys.executable, "-c", PROGRAM, *words, "--model", "ready", "--flips", "none"]
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def prepare_notebook(flags: argparse.Namespace) -> Work:
    """Everything at once in memory, slice by slice resized."""

    def work() -> None:
        import cv2
        import keras
        import nibabel as nib
        import numpy as np

        model = keras.models.model_from_json((READY / "architecture.json").read_text())
        model.load_weights(READY / "model.weights.h5")
        _, side, _, _ = model.input_shape
        scan = nib.load(flags.scan)
        hu = scan.get_fdata()
        windows = [np.clip((hu - low) / (high - low), 0, 1) for low, high in WINDOWS_HU]
        slices = [
            np.stack([cv2.resize(each[:, :, k], (side, side)) for each in windows], axis=-1)
            for k in range(hu.shape[2])
        ]
        stack = (255 * np.stack(slices)).astype(np.uint8)
        padded = np.concatenate([stack[:1], stack, stack[-1:]])
        inputs = np.concatenate([padded[:-2], stack, padded[2:]], axis=-1)
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
    hold_contest(CONTENDERS, parser.parse_args())


if __name__ == "__main__":
    main()
