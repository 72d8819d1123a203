"""The package as it is installed from a wheel: in an empty environment, without its repository."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from filelock import FileLock

from tests.commands import run
from tests.made.package import put_ready_model
from tests.pipeline.clone import REPOSITORY, copy_working_tree
from tests.scans.conftest import AFFINE, write_model_folder
from tests.serving.conftest import Client

LARGEST_BYTES = 8 * 2**20
ALONE = {"PYTHONPATH": ""}
EXTRA_OF_VERBS = {
    ("compare", "out/scan", "out/scan", "-o", "followup"): "followup",
    ("export", "-o", "exported", "--format", "openvino"): "export",
    ("folds",): "train",
    ("import", "series", "-o", "imported"): "dicom",
    ("mend",): "train",
    ("provenance", "."): "train",
    ("report", "out", "--pdf"): "pdf",
    ("seeds",): "train",
    ("spread",): "train",
    ("verify",): "train",
}
SHOW_EVERY_HELP = """
import sys
from typer.main import get_command
from liverseg.cli.app import app
for name in get_command(app).commands:
    get_command(app)([name, "--help"], standalone_mode=False)
print(*sorted(sys.modules))
"""


class Installed:
    """An environment that holds the wheel and what it asks for.

    Attributes:
        folder: Of the environment.
        wheel: That it was made from.
    """

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        self.wheel = wheel

    def install(self, extras: str = "") -> None:
        """Make the environment, with the versions that the project's own is pinned to."""
        pins = self.folder.with_suffix(".txt")
        files = [REPOSITORY / name for name in ("requirements.txt", "requirements-dev.txt")]
        lines = "\n".join(each.read_text(encoding="utf-8") for each in files).splitlines()
        pins.write_text("\n".join(each for each in lines if not each.startswith("-")))
        succeed([sys.executable, "-m", "uv", "venv", "--python", sys.executable, self.folder])
        wanted = f"liverseg{extras} @ {self.wheel.as_uri()}"
        self.run_uv("install", "--constraint", pins, wanted)

    def run_uv(self, verb: str, *arguments: object) -> str:
        """What uv's own ``pip`` says of the environment."""
        python = self.folder / "bin/python"
        return succeed([sys.executable, "-m", "uv", "pip", verb, "--python", python, *arguments])

    def run(self, program: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        """A program of the environment to its end, whatever its code."""
        return run([str(self.folder / "bin" / program), *map(str, arguments)], cwd, ALONE)

    def liverseg(self, *arguments: object, cwd: Path) -> str:
        """What ``liverseg`` said, on both channels; it must end well."""
        return succeed([self.folder / "bin/liverseg", *arguments], cwd)


def succeed(command: list[object], cwd: Path | None = None) -> str:
    done = run([*map(str, command)], cwd, ALONE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """One for all workers; its ready model takes for liver what is brighter than 25 HU."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheel"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            source = copy_working_tree(folder / "source").folder
            model = write_model_folder(folder / "model")
            write_model_folder(model / "locator", context=0)
            put_ready_model(source, model)
            build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source]
            succeed(build)  # nothing is fetched; the wheel comes from the sdist
            shutil.rmtree(source)
            shutil.rmtree(model)
            Installed(folder / "bare", *folder.glob("*.whl")).install()
    return Installed(folder / "bare", *folder.glob("*.whl"))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A liver of 12 x 12 x 2 voxels of 2 x 2 x 4 mm, alone in a folder."""
    hu = np.full((32, 32, 4), -500, np.int16)
    hu[8:20, 8:20, 1:3] = 100
    path = tmp_path / "work" / "scan.nii"
    path.parent.mkdir()
    nib.save(nib.Nifti1Image(hu, AFFINE), path)
    return path


@pytest.mark.slow
def test_an_empty_environment_gets_nothing_that_only_training_or_an_extra_needs(
    installed: Installed,
) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = list_names(project["dependencies"])
    optional = set().union(*map(list_names, project["optional-dependencies"].values()))
    assert {"tensorflow", "keras", "dvc", "albumentations"} <= optional - needed
    listed = installed.run_uv("list", "--format", "freeze")
    present = list_names(listed.splitlines())
    assert needed <= present
    assert present & (optional - needed) == {"liverseg"}
    installed.run_uv("check")


@pytest.mark.slow
def test_a_wheel_predicts_and_all_that_follows_without_tensorflow(
    installed: Installed, scan: Path
) -> None:
    work = scan.parent
    said = installed.liverseg("predict", "scan.nii", "-o", "out", cwd=work)
    assert "the model is ready, trained on synthetic scans alone" in said
    labels = nib.load(work / "out/scan/labels.nii.gz").get_fdata()
    assert np.array_equal(labels, nib.load(scan).get_fdata() == 100)
    installed.liverseg("report", "out", cwd=work)
    assert "4.6" in (work / "out/scan/report.html").read_text(encoding="utf-8")  # ml
    installed.liverseg("view", scan, "out/scan/labels.nii.gz", "--html", "view.html", cwd=work)
    assert (work / "view.html").stat().st_size > 2**20  # the viewer is in it
    scored = installed.liverseg("score", *2 * ["out/scan/labels.nii.gz"], cwd=work)
    assert re.search(r"^\| Dice +\| +1\.000 \|", scored, re.MULTILINE)
    (work / "set").mkdir()
    shutil.move(scan, work / "set/volume-0.nii")
    shutil.move(work / "out/scan/labels.nii.gz", work / "set/segmentation-0.nii.gz")
    assert "1 cases: " in installed.liverseg("check", "set", cwd=work)


@pytest.mark.slow
def test_what_the_bare_package_cannot_do_names_the_extra_that_is_missing(
    installed: Installed, scan: Path
) -> None:
    installed.liverseg("predict", "scan.nii", "-o", "out", cwd=scan.parent)
    (scan.parent / "series").mkdir()
    (scan.parent / "series/0.dcm").write_bytes(bytes(128) + b"DICM")
    for words, extra in EXTRA_OF_VERBS.items():
        done = installed.run("liverseg", *words, cwd=scan.parent)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.splitlines()[-1].startswith("error: "), done.stderr
        assert f'pip install "liverseg[{extra}]"' in done.stderr, words
    shown = installed.run("python", "-c", SHOW_EVERY_HELP, cwd=scan.parent)
    assert shown.returncode == 0, shown.stderr


@pytest.mark.slow
def test_a_wheel_serves_its_page_with_the_extra_serve(installed: Installed, scan: Path) -> None:
    serving = Installed(scan.parents[1] / "serving", installed.wheel)
    serving.install("[serve]")
    command = [str(serving.folder / "bin/liverseg"), "serve", "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=scan.parent, env=os.environ | ALONE
    ) as process:
        assert process.stdout is not None
        client = Client(process.stdout.readline().strip(), process, scan.parent)
        key = client.send_job({"scan.nii": scan.read_bytes()})
        job = client.wait_for(key, "done", "failed")
        process.terminate()
    assert [each["liver_ml"] for each in job["scans"]] == ["4.6"]


def test_the_ready_model_is_small_enough_to_be_part_of_the_package() -> None:
    files = [each for each in (REPOSITORY / "liverseg/ready").rglob("*") if each.is_file()]
    assert sum(each.stat().st_size for each in files) <= LARGEST_BYTES


def list_names(requirements: list[str]) -> set[str]:
    """The packages that requirements or pins name."""
    return {re.match(r"[\w-]+", each)[0].lower().replace("_", "-") for each in requirements}
