"""README and docs say what is so."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from liverseg.cli.app import app
from liverseg.params import Params
from tests.pipeline.clone import REPOSITORY

README = REPOSITORY / "README.md"
PAGES = [README, *sorted((REPOSITORY / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
COMMANDS = re.findall(r"^    (.*\S)$", TEXT, re.MULTILINE)
VERBS = getattr(get_command(app), "commands")  # noqa: B009 (of a group)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def test_the_readme_is_short() -> None:
    assert README.read_text(encoding="utf-8").count("\n") <= 180


def test_the_tables_in_the_readme_are_those_of_the_last_run() -> None:
    readme = README.read_text(encoding="utf-8")
    shown = readme.split("<!-- comparison -->")[1].split("<!-- /comparison -->")[0]
    tables = re.findall(r"^\*\*.*(?:\n(?:\|.*)?)+", shown, re.MULTILINE)
    assert len(tables) == 3
    written = (REPOSITORY / "metrics/comparison.md").read_text(encoding="utf-8")
    for table in tables:
        assert table.strip() in written, "copy the tables of metrics/comparison.md again"


@every_page
def test_files_and_folders_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    tracked = ("stages/", "liverseg/", "tests/", "metrics/", "presets/", "phantom/", "benchmarks/")
    for name in re.findall(r"`([\w./-]+)`", text):
        if name.startswith(tracked):
            assert (REPOSITORY / name).exists(), name


@every_page
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+)\.md", README.read_text(encoding="utf-8")))
    assert linked == {page.stem for page in PAGES} - {"README", "index"}  # of the site


def test_make_targets_that_are_named_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^    |`)make ([\w-]+)", TEXT, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("key", sorted(set(re.findall(r"-S '?([\w.]+)=", TEXT))))
def test_params_that_are_changed_exist(key: str) -> None:
    section: object = Params
    for part in key.split("."):
        fields = getattr(section, "model_fields")  # noqa: B009 (a class picked by name)
        assert part in fields, key
        section = fields[part].annotation


def test_modules_that_are_run_exist() -> None:
    for module in re.findall(r"python -m ([\w.]+)", TEXT):
        assert (REPOSITORY / (module.replace(".", "/") + ".py")).exists(), module


@pytest.mark.parametrize("line", sorted(each for each in COMMANDS if each.startswith("liverseg ")))
def test_verbs_and_options_that_are_named_exist(line: str) -> None:
    _, verb, *words = shlex.split(line.partition(" # ")[0])
    command = VERBS[verb]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    assert {word for word in words if word.startswith("-")} <= known
