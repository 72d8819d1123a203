"""Predictions of series with results in DICOM."""

import numpy as np
import pytest

from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.options import Options
from liverseg.scans.predict import predict_scans
from liverseg.scans.predictor import Predictor
from liverseg.scans.scans import find_scans
from tests.made.dicom import write_series
from tests.scans.conftest import AFFINE, write_model_folder


@pytest.fixture(scope="package")
def predictor(tmp_path_factory) -> Predictor:
    return Predictor(read_ensemble([write_model_folder(tmp_path_factory.mktemp("dicom") / "m")]))


@pytest.fixture
def write_scan(hu, tmp_path):
    """A function that writes the scan, cut to 32 x 26 pixels a slice, as a series ``ct``."""

    def write(**elements):
        geometry = {
            "origin": [-AFFINE[0, 3], -AFFINE[1, 3], AFFINE[2, 3]],
            "step": [0, 0, 4.0],
            "spacing": (2.0, 2.0),
        }
        planes = np.ascontiguousarray(hu[:, :26].T)
        return write_series(tmp_path / "ct", planes, **(geometry | elements))

    return write


@pytest.fixture
def predict(predictor, tmp_path):
    """A function that predicts the series ``ct``; gives the folder of its results."""

    def run(out="out", *, using=predictor, **options):
        found = find_scans([tmp_path / "ct"], tmp_path / out)
        wanted = Options(dicom=True, force_input=True, **options)
        assert predict_scans(found.scans, using, tmp_path / out, wanted) == ()
        return tmp_path / out / "ct"

    return run
