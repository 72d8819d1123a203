"""The examples in docstrings run, in a folder that holds the files that they name."""

import doctest
import importlib
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import liverseg
from tests.made.cases import Sample

PACKAGE = Path(__file__).resolve().parents[1] / "liverseg"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)
AFFINE = np.array([[-2.0, 0, 0, 50], [0, -2.0, 0, 40], [0, 0, 4.0, -70], [0, 0, 0, 1]])


def write(path, data):
    nib.save(nib.Nifti1Image(data, AFFINE), path)


def write_masks(folder):
    """A lesion of 3 x 3 x 2 voxels, and the same one voxel further: two of three planes shared."""
    labels = np.zeros((12, 10, 8), np.uint8)
    labels[2:10, 2:9, 1:7] = 1
    predicted = labels.copy()
    labels[4:7, 4:7, 3:5] = 2
    predicted[5:8, 4:7, 3:5] = 2
    write(folder / "segmentation-3.nii.gz", labels)
    write(folder / "predicted.nii.gz", predicted)


def write_scan(path):
    """Liver of 100 HU, 20 x 18 x 6 voxels, with lesions of 200 HU: 4 x 4 x 2 and 2 x 3 x 1."""
    hu = np.full((32, 32, 10), -50, np.int16)
    hu[5:25, 6:24, 2:8] = 100
    hu[10:14, 11:15, 4:6] = 200
    hu[5:7, 18:21, 3] = 200
    write(path, hu)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, phantom) -> Path:
    """Where a user might work: a scan, a model, masks, and two cases, the second without mask."""
    from tests.scans.conftest import write_model_folder

    folder = tmp_path_factory.mktemp("examples")
    write_scan(folder / "scan.nii.gz")
    (folder / "models").mkdir()
    write_model_folder(folder / "models/final")
    write_masks(folder)
    root = folder / "data/lits"
    root.mkdir(parents=True)
    Sample(phantom.hu, phantom.labels, phantom.grid.affine).save(root, "1")
    Sample(phantom.hu[::-1], phantom.labels, phantom.grid.affine).save(root, "2")
    (root / "segmentation-2.nii.gz").unlink()
    return folder


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_show(name, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", liverseg.__all__)
def test_every_public_function_has_an_example(name):
    examples = doctest.DocTestFinder(recurse=False).find(getattr(liverseg, name))
    sources = [example.source for test in examples for example in test.examples]
    assert any(f"liverseg.{name}(" in source for source in sources)
