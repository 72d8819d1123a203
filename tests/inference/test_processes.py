"""What only shows in processes of their own: what is loaded, how many cores there are."""

import os
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest

from liverseg.export.parity import build_phantom
from tests.commands import REPOSITORY

WITHOUT_TRAINING = """
import sys
sys.modules |= dict.fromkeys(["tensorflow", "keras"])
sys.argv[0] = "liverseg"
from liverseg.cli import main
main()
"""
IMPORT_QUIETLY = """
import sys
calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event.startswith("socket.") else None)
import liverseg, openvino
print(calls, [name for name in sys.modules if name.startswith("openvino_telemetry.")])
"""
HASH_ANSWER = """
import hashlib, numpy as np
from liverseg.inference.compiled import load_compiled
from liverseg.ready_model import READY_FOLDER
model = load_compiled(READY_FOLDER, num_threads=2)
images = np.random.default_rng(0).integers(0, 256, (2, *model.input_shape[1:]), np.uint8)
print(hashlib.sha256(model.predict_on_batch(images).tobytes()).hexdigest())
"""


def run(program, *arguments, prefix=()):
    return subprocess.run(
        [*prefix, sys.executable, "-c", program, *map(str, arguments)],
        cwd=REPOSITORY,
        env={key: value for key, value in os.environ.items() if key != "CI"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_scan_is_predicted_where_tensorflow_and_keras_cannot_be_imported(tmp_path):
    scan = build_phantom()
    nib.save(nib.Nifti1Image(scan.data, scan.grid.affine), tmp_path / "scan.nii.gz")
    words = ("predict", tmp_path / "scan.nii.gz", "-o", tmp_path / "out", "--model", "ready")
    finished = run(WITHOUT_TRAINING, *words)
    assert finished.returncode == 0, finished.stderr
    labels = np.asarray(nib.load(tmp_path / "out" / "scan" / "labels.nii.gz").dataobj)
    assert labels.shape == scan.data.shape
    assert (labels > 0).any()


def test_the_import_of_openvino_tells_nobody():
    """It asks the network otherwise; there is a switch for CI, which does not count here."""
    finished = run(IMPORT_QUIETLY)
    assert finished.stdout == "[] []\n", finished.stderr


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_one_core_and_two_give_the_same_bytes():
    one, two = (run(HASH_ANSWER, prefix=("taskset", "-c", cores)) for cores in ("0", "0,1"))
    assert len(one.stdout) == 65, one.stderr
    assert one.stdout == two.stdout
