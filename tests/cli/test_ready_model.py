"""The model of the package, as a user meets it: in processes that run a copy of the package."""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.commands import run, run_liverseg
from tests.made.package import copy_package
from tests.scans.conftest import AFFINE, RULES, write_model_folder

SEEN = "trained on synthetic scans alone; it has seen no patient"
RUN_IN_PYTHON = """
import liverseg
from pathlib import Path
for model in ("ready", Path("ready"), None):
    (scan,) = liverseg.predict("scan.nii", "out", model=model).done
    print(*((each.folder, each.trained_on is None) for each in scan.provenance.models))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("installed")
    model = write_model_folder(folder / "model")
    return str(copy_package(folder / "site", model))


@pytest.fixture(scope="module")
def bare_package(tmp_path_factory) -> str:
    return str(copy_package(tmp_path_factory.mktemp("bare"), None))


@pytest.fixture
def work(tmp_path) -> Path:
    """A working folder outside of any repository, with a scan."""
    hu = np.full((32, 32, 4), -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    hu[10:13, 10:13, 2] = 200
    nib.save(nib.Nifti1Image(hu, AFFINE), tmp_path / "scan.nii")
    return tmp_path


def read_models(work: Path, out: str = "out") -> list[dict[str, object]]:
    summary = json.loads((work / out / "scan/summary.json").read_text(encoding="utf-8"))
    return summary["provenance"]["models"]


def predict(work: Path, package: str, *arguments: object):
    return run_liverseg(
        "predict", "scan.nii", "-o", "out", *arguments, cwd=work, PYTHONPATH=package
    )


def test_it_is_the_default_where_there_is_no_final_model_and_all_words_say_so(work, package):
    done = predict(work, package)
    assert done.returncode == 0, done.stderr
    assert f"no models/final here: the model is ready, {SEEN}" in done.stderr
    assert f"model: ready (unet), {SEEN}" in done.stderr.splitlines()
    # 12 x 12 x 2 voxels of 2 x 2 x 4 mm are 4.6 ml, 9 of them with lesion 0.1 ml
    assert done.stdout.splitlines()[1].split() == ["scan", "5", "0.1", "3.1%", "1"]
    (model,) = read_models(work)
    assert f"trained on {model['trained_on']}" == SEEN
    assert (model["folder"], model["model"]) == ("ready", "unet")
    assert run_liverseg("report", "out", cwd=work, PYTHONPATH=package).returncode == 0
    page = (work / "out/scan/report.html").read_text(encoding="utf-8")
    assert f"Model ready was {SEEN}." in page
    assert f"unet, ready, MD5 {model['md5']}, {SEEN}" in page


def test_the_final_model_goes_first_and_nothing_is_said_of_what_it_has_seen(work, package):
    (work / "models").mkdir()
    write_model_folder(work / "models" / "final")
    done = predict(work, package)
    assert done.returncode == 0, done.stderr
    assert "model: models/final (unet)" in done.stderr.splitlines()
    assert "synthetic" not in done.stderr
    (model,) = read_models(work)
    assert (model["folder"], model["trained_on"]) == ("models/final", None)


def test_the_word_means_the_package_and_a_path_the_folder_of_that_name(work, package):
    strict = RULES.model_copy(update={"min_lesion_ml": 1.0})
    write_model_folder(work / "ready", rules=strict)
    by_word = predict(work, package, "--model", "ready")
    assert by_word.stdout.splitlines()[1].split()[-1] == "1"
    assert read_models(work)[0]["trained_on"] is not None
    by_path = predict(work, package, "--model", "./ready")
    assert by_path.stdout.splitlines()[1].split()[-1] == "0"
    assert read_models(work)[0]["trained_on"] is None
    assert "synthetic" not in by_path.stderr


def test_it_joins_an_ensemble_like_any_other(work, package):
    other = write_model_folder(work / "other", context=0)
    done = predict(work, package, "--model", "ready", "--model", other)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("model: ")]
    assert said == [f"model: ready (unet), {SEEN}", f"model: {other} (unet)"]
    assert [model["folder"] for model in read_models(work)] == ["ready", str(other)]


def test_from_python_a_string_is_the_word_and_a_path_the_folder(work, package):
    strict = RULES.model_copy(update={"min_lesion_ml": 1.0})
    write_model_folder(work / "ready", rules=strict)
    done = run([sys.executable, "-c", RUN_IN_PYTHON], work, {"PYTHONPATH": package})
    assert done.stdout.splitlines() == ["('ready', False)", "('ready', True)", "('ready', False)"]


@pytest.mark.parametrize("words", [("ready",), ()])
def test_it_is_exported_like_any_other(work, package, words):
    done = run_liverseg(
        "export", *words, "--format", "saved_model", "-o", "exported", cwd=work, PYTHONPATH=package
    )
    assert done.returncode == 0, done.stderr
    exported = json.loads((work / "exported/export.json").read_text(encoding="utf-8"))
    assert f"trained on {exported['model']['trained_on']}" == SEEN


@pytest.mark.parametrize(
    ("words", "begin", "next_step"),
    [
        (("--model", "ready"), "error: ready: expected the model that is", "name another model."),
        (
            (),
            "error: models/final: expected a trained model, or in its place",
            "name a model folder.",
        ),
    ],
)
def test_a_package_without_it_says_what_to_do(work, bare_package, words, begin, next_step):
    done = predict(work, bare_package, *words)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith(begin)
    assert done.stderr.endswith(f"{next_step}\n")
    assert not (work / "out").exists()
