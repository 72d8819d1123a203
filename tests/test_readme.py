"""The README says what is so."""

import re

import pytest

from liverseg.params import Params
from tests.pipeline.clone import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_table_in_the_readme_is_that_of_the_last_run() -> None:
    shown = README.split("<!-- comparison -->")[1].split("<!-- /comparison -->")[0].strip()
    written = (REPOSITORY / "metrics/comparison.md").read_text(encoding="utf-8")
    tables = written.removeprefix("# Comparison").strip()
    assert shown == tables, "copy the tables of metrics/comparison.md again"


def test_files_and_folders_named_in_the_readme_exist() -> None:
    tracked = ("stages/", "liverseg/", "tests/", "metrics/", "presets/", "phantom/", "benchmarks")
    names = re.findall(r"`([\w./-]+)`|\]\(([\w./-]+)\)", README)
    for name in (first or second for first, second in names):
        if name.startswith(tracked) and name != "metrics/":
            assert (REPOSITORY / name).exists(), name


def test_make_targets_named_in_the_readme_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^    make ([\w-]+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("key", sorted(set(re.findall(r"-S '?([\w.]+)=", README))))
def test_params_changed_in_the_readme_exist(key: str) -> None:
    section: object = Params
    for part in key.split("."):
        fields = getattr(section, "model_fields")  # noqa: B009 (a class picked by name)
        assert part in fields, key
        section = fields[part].annotation


def test_modules_run_in_the_readme_exist() -> None:
    for module in re.findall(r"python -m ([\w.]+)", README):
        assert (REPOSITORY / (module.replace(".", "/") + ".py")).exists(), module
