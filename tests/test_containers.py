"""The recipes of containers, as far as they can be judged without building them.

Containerfile itself is linted by ``make lint``.
"""

import re
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.pipeline.clone import REPOSITORY

CONTAINERFILE, APPTAINER, IGNORED, PROJECT = (
    (REPOSITORY / name).read_text(encoding="utf-8")
    for name in ("Containerfile", "liverseg.def", ".dockerignore", "pyproject.toml")
)
SECTIONS = dict(re.findall(r"^%(\w+)\n((?:(?!%).*\n?)*)", APPTAINER, re.MULTILINE))
COPIED = {
    "Containerfile": {
        name
        for names in re.findall(r"^COPY (.+) \S+$", CONTAINERFILE, re.M)
        for name in names.split()
    },
    "liverseg.def": {line.split()[0] for line in SECTIONS["files"].splitlines() if line.strip()},
}


@pytest.mark.parametrize("recipe", COPIED)
def test_what_is_copied_exists_and_is_all_that_a_build_sees(recipe: str) -> None:
    assert all((REPOSITORY / name).exists() for name in COPIED[recipe])
    assert COPIED[recipe] == set(re.findall(r"^!(\S+)$", IGNORED, re.MULTILINE))


def test_both_start_from_one_python_that_the_package_runs_on() -> None:
    (of_container,) = re.findall(r"^FROM (\S+)$", CONTAINERFILE, re.MULTILINE)
    (of_apptainer,) = re.findall(r"^From: (\S+)$", APPTAINER, re.MULTILINE)
    assert of_container == of_apptainer
    version = re.fullmatch(r"python:([\d.]+)-slim-[a-z]+", of_container)
    assert version is not None
    supported = tomllib.loads(PROJECT)["project"]["requires-python"]
    assert version[1] in SpecifierSet(supported)


def test_both_install_the_same_extras_that_there_are_by_the_projects_pins() -> None:
    commands = [re.findall(r"pip install .*", text) for text in (CONTAINERFILE, SECTIONS["post"])]
    ((of_container,), (of_apptainer,)) = commands
    assert of_container.removesuffix(" \\") == of_apptainer
    assert "--constraint /source/pins.txt" in of_apptainer
    extras = Requirement(re.sub(r'.*"/source(.*)"', r"liverseg\1", of_apptainer)).extras
    assert extras <= tomllib.loads(PROJECT)["project"]["optional-dependencies"].keys()
    assert not extras & {"train", "export", "all", "dev"}  # TensorFlow


@pytest.mark.parametrize("section", ["post", "environment", "runscript", "test"])
def test_the_scripts_of_apptainer_are_read_by_a_shell(section: str) -> None:
    checked = subprocess.run(
        ["sh", "-n"], input=SECTIONS[section], text=True, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_nothing_runs_as_root() -> None:
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", CONTAINERFILE, re.MULTILINE)
