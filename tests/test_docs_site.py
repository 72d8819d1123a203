"""The docs as a site, built as ``make docs`` does."""

import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.commands import run
from tests.pipeline.clone import REPOSITORY
from tests.test_docs import VERBS

pytestmark = pytest.mark.slow


def build_site(work: Path, builder: str) -> subprocess.CompletedProcess[str]:
    """What Sphinx says to a copy of the docs in a folder; pages go to ``work/site``."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", "-b", builder]
    return run([*command, str(work / "docs"), str(work / "site")], work, {})


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for name in ("docs", "metrics"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    shutil.copy(REPOSITORY / "README.md", tmp_path)
    return tmp_path


def read_text(page: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_the_site_has_every_page_and_a_reference_made_from_the_code(work: Path) -> None:
    built = build_site(work, "html")
    assert built.returncode == 0, built.stderr
    site = work / "site"
    for page in (*(work / "docs").glob("*.md"), work / "docs/tutorial.ipynb"):
        assert (site / f"{page.stem}.html").is_file()
    commands = read_text(site / "reference/commands.html")
    for name in VERBS:
        assert f"Usage: liverseg {name}" in commands
    python = read_text(site / "reference/python.html")
    for text in ("liverseg.predict(", "liverseg.score(", "liverseg.check(", "lesion_connectivity"):
        assert text in python
    assert "Two commands" in read_text(site / "index.html")
    for page in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|link)\b[^>]*https?://[^>]*>", page.read_text("utf-8"))
        assert loaded == [], page


def test_wide_tables_of_the_notebook_do_not_widen_the_page(work: Path, browser: Browser) -> None:
    assert build_site(work, "html").returncode == 0
    browser.open(work / "site/tutorial.html")
    assert browser.run("return document.querySelector('.cell_output table') !== null")
    for width in (1280, 390):
        browser.resize(width, 800)
        assert browser.run("return document.documentElement.scrollWidth") <= width


def test_a_link_that_leads_nowhere_fails(work: Path) -> None:
    with (work / "docs/data.md").open("a", encoding="utf-8") as file:
        file.write("\n[nowhere](missing.md)\n")
    built = build_site(work, "dummy")
    assert built.returncode != 0
    assert "missing.md" in built.stderr
