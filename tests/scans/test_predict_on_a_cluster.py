"""Scans predicted by the workers of a Dask cluster."""

import nibabel as nib
import numpy as np
import pytest

from liverseg.parallel import SCHEDULER_VARIABLE
from tests.commands import run_liverseg
from tests.made.cluster import open_cluster
from tests.scans.conftest import AFFINE, write_model_folder


def read_all(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def scheduler(tmp_path):
    """The address of one; a single worker loads the network once for all scans."""
    (tmp_path / "cluster").mkdir()
    with open_cluster(tmp_path / "cluster", 1) as cluster:
        yield cluster.address


@pytest.mark.slow
def test_predict_writes_the_same_bytes_as_on_one_machine(scheduler, tmp_path):
    model = write_model_folder(tmp_path / "model")
    hu = np.full((32, 32, 4), -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    hu[10:13, 10:13, 2] = 200
    (tmp_path / "scans").mkdir()
    for name in ("a.nii", "c.nii"):
        nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "scans" / name)
    (tmp_path / "scans" / "b.nii").write_bytes(b"no NIfTI")
    written = []
    for name, address in (("here", ""), ("there", scheduler)):
        command = ("predict", "scans", "--out", name, "--model", model)
        done = run_liverseg(*command, cwd=tmp_path, **{SCHEDULER_VARIABLE: address})
        assert done.returncode == 1, done.stderr
        assert "b.nii: expected" in done.stderr
        written.append((done.stdout, read_all(tmp_path / name)))
    assert written[0] == written[1]
    assert "a/labels.nii.gz" in written[0][1]
