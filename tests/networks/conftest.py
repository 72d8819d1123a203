"""A tiny training, from the made-up data of all tests; and both ways to load a model folder."""

import pytest

from liverseg.inference.compiled import load_compiled
from liverseg.networks.saved import load_model
from tests.made.training import job, resnet, slices

__all__ = ("job", "load", "resnet", "slices")


@pytest.fixture(params=["keras", "openvino"])
def load(request):
    """Training goes on from what Keras loads; prediction asks what OpenVINO made of it."""
    if request.param == "keras":
        return load_model
    return lambda folder: load_compiled(folder, num_threads=1)
