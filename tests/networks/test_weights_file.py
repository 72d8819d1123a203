"""Weights from elsewhere: an HDF5 file can point at other files, or hold less than it says."""

import os

import h5py
import numpy as np
import pytest

from liverseg.errors import ModelError
from liverseg.models.simple_cnn import build_model
from liverseg.networks.saved import write_model
from tests.bounds import bounded
from tests.networks.test_architecture import PARAMS

BIAS = "layers/dense/vars/1"


@pytest.fixture
def folder(tmp_path):
    write_model(tmp_path, build_model(PARAMS, (32, 32, 1)))
    return tmp_path


def replace_bias(folder, replace) -> None:
    with h5py.File(folder / "model.weights.h5", "r+") as file:
        shape = file[BIAS].shape
        del file[BIAS]
        replace(file, shape)


def check_refused(load, folder, message: str) -> None:
    with bounded(10, 256), pytest.raises(ModelError, match=message):
        load(folder)


def test_a_data_set_that_lies_in_another_file_is_refused(folder, load):
    secret = folder / "secret"
    secret.write_bytes(bytes(8))

    def replace(file, shape):
        file.create_dataset(BIAS, shape, np.float32, external=[(str(secret), 0, 8)])

    replace_bias(folder, replace)
    check_refused(load, folder, "lies elsewhere")


def test_a_virtual_data_set_and_a_link_to_another_file_are_refused(folder, load):
    with h5py.File(folder / "other.h5", "w") as other:
        other["bias"] = np.zeros(2, np.float32)

    def replace(file, shape):
        layout = h5py.VirtualLayout(shape, np.float32)
        layout[:] = h5py.VirtualSource(folder / "other.h5", "bias", shape)
        file.create_virtual_dataset(BIAS, layout)

    replace_bias(folder, replace)
    check_refused(load, folder, "lies elsewhere")

    def link(file, shape):
        file[BIAS] = h5py.ExternalLink(folder / "other.h5", "bias")

    replace_bias(folder, link)
    check_refused(load, folder, "lies elsewhere")


@pytest.mark.parametrize("options", [{}, {"chunks": (2**20,), "compression": "gzip"}])
def test_a_data_set_that_is_larger_than_its_file_is_refused(folder, options, load):
    def replace(file, shape):
        file.create_dataset(BIAS, (2**40,), np.float32, **options)

    replace_bias(folder, replace)
    check_refused(load, folder, "bytes of weights in a file of")


def test_a_pipe_in_place_of_the_weights_or_the_architecture_is_refused_at_once(folder, load):
    for name in ("architecture.json", "model.weights.h5"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
        check_refused(load, folder, "no regular file")
